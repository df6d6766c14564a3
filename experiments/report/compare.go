package report

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/pkg/errors"
)

// defaultSort puts the best on test first.
const defaultSort = "-test_accuracy"

// Compare gathers the runs below paths from their runs.csv alone. A path is a
// results directory (its runs.csv or, where there is none that can be read,
// those of the experiments below it), an experiment's directory, one run's
// directory (its line in the runs.csv of its experiment or of the results), or
// a file such as runs.csv. A run found twice is shown once; so are equal lines
// of two results directories. What is absent, corrupt or not ours is returned
// as a warning and the rest is compared; where nothing is left, the error says
// what was looked for and where, and no warning repeats it.
//
// They are sorted by a column of runs.csv, smallest first, or after '-' largest
// first; empty is -test_accuracy. Numbers are sorted as numbers and before text, a
// list of sizes size by size; runs without a value come last either way, and equal
// ones keep the order in which they were found.
func Compare(paths []string, sort string) (Comparison, []Warning, error) {
	order, err := parseSort(sort)
	if err != nil {
		return Comparison{}, nil, errors.WithMessage(err, "compare")
	}
	g := gathering{seen: map[runKey]int{}, lines: map[string]int{}}
	for _, path := range paths {
		g.add(path)
	}
	if len(g.rows) == 0 {
		reasons := []string{"no directory given, want results, experiments or runs"}
		if len(g.warnings) > 0 {
			reasons = nil
		}
		for _, warning := range g.warnings {
			reasons = append(reasons, warning.reason())
		}
		return Comparison{}, nil, errors.Errorf("compare: nothing to compare: %s", strings.Join(reasons, "; "))
	}
	slices.SortStableFunc(g.rows, order.compare)
	return Comparison{g.rows}, g.warnings, nil
}

// sortOrder is an order of rows by one column.
type sortOrder struct {
	column     int
	descending bool
}

// CheckSort refuses an order that Compare cannot sort by.
func CheckSort(text string) error {
	_, err := parseSort(text)
	return err
}

// parseSort reads the order that Compare is asked for.
func parseSort(text string) (sortOrder, error) {
	if text == "" {
		text = defaultSort
	}
	name, descending := strings.CutPrefix(text, "-")
	names := columns[RunRow]()
	if i := slices.Index(names, strings.ReplaceAll(strings.ToLower(name), "-", "_")); i >= 0 {
		return sortOrder{i, descending}, nil
	}
	suggestion := ""
	if near := Nearest(name, names); near != "" {
		suggestion = "; did you mean " + near + "?"
	}
	return sortOrder{}, errors.Errorf("sort by %.60q: no such column%s (columns: %s)",
		name, suggestion, strings.Join(names, ", "))
}

// Nearest is the name that was probably meant, or "".
func Nearest(name string, names []string) string {
	if name == "" || len(name) > 60 {
		return ""
	}
	best, least := "", math.MaxInt
	for _, candidate := range names {
		distance := levenshtein.ComputeDistance(strings.ToLower(name), candidate)
		if strings.HasPrefix(candidate, strings.ToLower(name)) {
			distance = 0
		}
		if distance <= len(candidate)/2 && distance < least {
			best, least = candidate, distance
		}
	}
	return best
}

// compare is negative where a comes before b.
func (o sortOrder) compare(a, b comparedRow) int {
	x, y := a.cells[o.column], b.cells[o.column]
	switch {
	case x == "" || y == "":
		return cmp.Compare(len(y), len(x)) // the empty one last
	case o.descending:
		return compareCells(y, x)
	}
	return compareCells(x, y)
}

// compareCells compares word by word, numbers as such and before text.
func compareCells(a, b string) int {
	return slices.CompareFunc(strings.Fields(a), strings.Fields(b), func(x, y string) int {
		v, vErr := number(x)
		w, wErr := number(y)
		switch {
		case vErr == nil && wErr == nil:
			return cmp.Compare(v, w)
		case vErr == nil:
			return -1
		case wErr == nil:
			return 1
		}
		return strings.Compare(x, y)
	})
}

// number is the value of a cell. NaN is none.
func number(cell string) (float64, error) {
	v, err := strconv.ParseFloat(cell, 64)
	if err == nil && math.IsNaN(v) {
		err = strconv.ErrSyntax
	}
	return v, err
}
