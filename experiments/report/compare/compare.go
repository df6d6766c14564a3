// Package compare puts runs from any number of results directories side by side. It
// reads only their runs.csv and writes one table. Except in CSV, columns in which all
// runs agree become one line above the table.
package compare

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/table"
	"cnnlab/experiments/report/text"
)

// Comparison is runs side by side, in the order asked for.
type Comparison struct {
	rows      []row
	order     order
	overSeeds bool // rows are variants
}

// Runs gathers the runs below paths. A path is a results directory (its runs.csv or,
// if that cannot be read, those of the experiments below it), an experiment's
// directory, one run's directory (its line in the runs.csv of its experiment or of
// the results), or a file such as runs.csv. A run found twice is shown once, and so
// are equal lines of two results directories. Missing, corrupt or foreign files become
// warnings, and the rest is compared; if nothing is left, the error says what Runs
// looked for and where.
//
// The runs are sorted by a column of runs.csv, smallest first, or largest first
// after '-'; empty means -test_accuracy. Numbers are less than text, lists of sizes are
// compared size by size, and runs without a value come last. Equal runs keep the order
// in which they were found.
func Runs(paths []string, sort string) (Comparison, []runs.Warning, error) {
	order, err := parseOrder(sort)
	if err != nil {
		return Comparison{}, nil, errors.WithMessage(err, "compare")
	}
	s := search{seen: map[runKey]int{}, lines: map[string]int{}}
	for _, path := range paths {
		s.add(path)
	}
	if len(s.rows) == 0 {
		var reasons []string
		for _, warning := range s.warnings {
			reasons = append(reasons, warning.Detail())
		}
		return Comparison{}, nil, errors.Errorf("compare: nothing to compare: %s",
			cmp.Or(strings.Join(reasons, "; "), "no directory given, want results, experiments or runs"))
	}
	slices.SortStableFunc(s.rows, order.compare)
	return Comparison{rows: s.rows, order: order}, s.warnings, nil
}

type order struct {
	column     int
	descending bool
}

// CheckOrder returns an error for an order that Runs cannot sort by.
func CheckOrder(sort string) error {
	_, err := parseOrder(sort)
	return err
}

func parseOrder(sort string) (order, error) {
	name, descending := strings.CutPrefix(cmp.Or(sort, "-test_accuracy"), "-")
	names := runs.Columns[runs.RunRow]()
	if i := slices.Index(names, strings.ReplaceAll(strings.ToLower(name), "-", "_")); i >= 0 {
		return order{i, descending}, nil
	}
	suggestion := ""
	if near := text.Nearest(name, names); near != "" {
		suggestion = "; did you mean " + near + "?"
	}
	return order{}, errors.Errorf("sort by %.60q: no such column%s (columns: %s)", name, suggestion, strings.Join(names, ", "))
}

func (o order) compare(a, b row) int {
	x, y := a.cells[o.column], b.cells[o.column]
	switch {
	case x == "" || y == "":
		return cmp.Compare(len(y), len(x)) // the empty one last
	case o.descending:
		return compareCells(y, x)
	}
	return compareCells(x, y)
}

// compareCells compares word by word; numbers come before text.
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

func number(cell string) (float64, error) {
	v, err := strconv.ParseFloat(cell, 64)
	if err == nil && math.IsNaN(v) {
		err = strconv.ErrSyntax
	}
	return v, err
}

// forms formats the columns that are hard to read as stored.
var forms = map[string]func(float64) string{
	"best_epoch":         func(v float64) string { return strconv.FormatFloat(v, 'g', 3, 64) },
	"val_accuracy":       func(v float64) string { return fmt.Sprintf("%.2f %%", 100*v) },
	"test_accuracy":      func(v float64) string { return fmt.Sprintf("%.2f %%", 100*v) },
	"test_loss":          func(v float64) string { return fmt.Sprintf("%.4f", v) },
	"seconds":            func(v float64) string { return fmt.Sprintf("%.1f", v) },
	"samples_per_second": func(v float64) string { return fmt.Sprintf("%.0f", v) },
}

// resultsColumn precedes the columns of runs.csv if the runs come from several
// results directories.
const resultsColumn = "results"

// Table returns the columns of runs.csv formatted for people: accuracies in percent,
// times rounded.
func (c Comparison) Table() table.Table {
	t := table.Table{Rows: make([][]string, len(c.rows))}
	if slices.ContainsFunc(c.rows, func(r row) bool { return r.results != c.rows[0].results }) {
		t.Columns, t.Leading = []table.Column{{Name: resultsColumn}}, 2
		for i, r := range c.rows {
			t.Rows[i] = []string{r.results}
		}
	}
	for i, name := range c.names() {
		cells, right := c.column(i, forms[name])
		t.Columns = append(t.Columns, table.Column{Name: name, Right: right})
		for j := range c.rows {
			t.Rows[j] = append(t.Rows[j], cells[j])
		}
	}
	return t
}

// column returns the cells of a column formatted by form, or unformatted if rounding
// would hide that they differ, and whether all are numbers.
func (c Comparison) column(i int, form func(float64) string) (cells []string, numbers bool) {
	numbers = true
	var unformatted []string
	for _, r := range c.rows {
		_, err := number(r.cells[i])
		numbers = numbers && (err == nil || r.cells[i] == "")
		cells, unformatted = append(cells, r.formatted(i, form)), append(unformatted, r.formatted(i, nil))
	}
	if len(slices.Compact(slices.Clone(cells))) == 1 && len(slices.Compact(slices.Clone(unformatted))) > 1 {
		cells = unformatted
	}
	return cells, numbers
}

// formatted returns a cell, with its standard deviation if there is one.
func (r row) formatted(i int, form func(float64) string) string {
	show := func(cell string) string {
		if v, err := number(cell); err == nil && form != nil {
			return form(v)
		}
		return cell
	}
	if r.sd == nil || r.sd[i] == "" {
		return show(r.cells[i])
	}
	return strings.TrimSuffix(show(r.cells[i]), " %") + " ± " + show(r.sd[i])
}

// names returns the columns of runs.csv, with the number of seeds in the place of the
// seed if the rows are variants.
func (c Comparison) names() []string {
	names := runs.Columns[runs.RunRow]()
	if c.overSeeds {
		names[slices.Index(names, "seed")] = "seeds"
	}
	return names
}

// WriteText writes the table for a terminal of width columns, with a line above it that
// says what all runs have in common. A width below 1 means no limit.
func (c Comparison) WriteText(w io.Writer, width int) error { return c.Table().WriteShort(w, width) }

// WriteMarkdown writes the same as GitHub's Markdown.
func (c Comparison) WriteMarkdown(w io.Writer) error {
	t := c.Table()
	if len(c.rows) > 1 {
		var common []string
		if common, t = t.Common(); common != nil {
			if _, err := io.WriteString(w, table.Markdown(strings.Join(common, " "))+"\n\n"); err != nil {
				return errors.Wrap(err, "comparison")
			}
		}
	}
	return t.WriteMarkdown(w)
}

// WriteCSV writes the runs as a runs.csv: every column, every number in full. Control
// characters in names are replaced. Of variants, the column seeds takes the place of seed,
// and each mean is followed by its standard deviation, such as test_accuracy_sd.
func (c Comparison) WriteCSV(w io.Writer) error {
	lines := csv.NewWriter(w)
	names := c.names()
	_ = lines.Write(c.withSDs(names, func(i int) string { return names[i] + "_sd" })) // errors stay in lines
	for _, r := range c.rows {
		_ = lines.Write(c.withSDs(r.cells, func(i int) string { return r.sd[i] }))
	}
	lines.Flush()
	return errors.Wrap(lines.Error(), "comparison")
}

// withSDs returns the cells with what sd returns after those that are means over seeds.
func (c Comparison) withSDs(cells []string, sd func(column int) string) (all []string) {
	for i, name := range c.names() {
		all = append(all, cells[i])
		if c.overSeeds && slices.Contains(averaged, name) {
			all = append(all, sd(i))
		}
	}
	return all
}
