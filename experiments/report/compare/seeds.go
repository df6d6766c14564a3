package compare

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/stats"
)

// averaged are the columns of which a line over several seeds has the mean and, in a
// column of its own, the standard deviation.
var averaged = []string{"best_epoch", "val_accuracy", "test_loss", "test_accuracy", "seconds", "samples_per_second"}

// seedAndHash ends the name of a run.
var seedAndHash = regexp.MustCompile(`-s\d+-[0-9a-f]+$`)

// OverSeeds returns a comparison with one line for each variant: for the runs of one
// experiment in one results directory that differ only in the seed. A figure that not
// every run of the variant has is left out.
func (c Comparison) OverSeeds() Comparison {
	var variants [][]row
	byKey := make(map[string][]int) // indices in variants
	for _, r := range c.rows {
		key := r.variant()
		of := byKey[key]
		// Runs of one seed differ in what runs.csv does not say: they are of two variants.
		at := slices.IndexFunc(of, func(i int) bool { return !slices.ContainsFunc(variants[i], r.sameSeed) })
		if at < 0 {
			byKey[key], variants = append(of, len(variants)), append(variants, []row{r})
			continue
		}
		variants[of[at]] = append(variants[of[at]], r)
	}
	over := Comparison{order: c.order, overSeeds: true}
	for _, seeds := range variants {
		over.rows = append(over.rows, mean(seeds))
	}
	slices.SortStableFunc(over.rows, c.order.compare)
	return over
}

func (r row) cell(column string) string {
	return r.cells[slices.Index(runs.Columns[runs.RunRow](), column)]
}

func (r row) sameSeed(other row) bool { return r.cell("seed") == other.cell("seed") }

// variant returns what all seeds of a variant share.
func (r row) variant() string {
	key := []string{r.results, seedAndHash.ReplaceAllString(r.cell("run"), ""), r.cell("experiment")}
	for _, column := range runs.Columns[runs.Config]() {
		if column != "seed" {
			key = append(key, r.cell(column))
		}
	}
	return strings.Join(key, "\n")
}

// mean returns the line of a variant, from those of its seeds.
func mean(seeds []row) row {
	first := seeds[0]
	over := row{results: first.results, cells: slices.Clone(first.cells), sd: make([]string, len(first.cells))}
	for i, column := range runs.Columns[runs.RunRow]() {
		switch {
		case column == "run":
			over.cells[i] = seedAndHash.ReplaceAllString(first.cells[i], "")
		case column == "seed":
			over.cells[i] = strconv.Itoa(len(seeds))
		case column == "status":
			over.cells[i] = status(seeds)
		case slices.Contains(averaged, column):
			over.cells[i], over.sd[i] = meanSD(seeds, i)
		case slices.ContainsFunc(seeds, func(r row) bool { return r.cells[i] != first.cells[i] }):
			over.cells[i] = "" // the parameters of a run that has not ended
		}
	}
	return over
}

// meanSD returns the mean of a column and its standard deviation, if every seed has it.
func meanSD(seeds []row, column int) (mean, sd string) {
	var values []float64
	for _, r := range seeds {
		v, err := number(r.cells[column])
		if err != nil {
			return "", ""
		}
		values = append(values, v)
	}
	if len(values) > 1 {
		sd = exact(stats.SD(values))
	}
	return exact(stats.Mean(values)), sd
}

func exact(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// status returns the status that all seeds share, or how many have one other than done.
func status(seeds []row) string {
	counts := make(map[runs.Status]int)
	var order []runs.Status
	for _, r := range seeds {
		if counts[r.status]++; counts[r.status] == 1 {
			order = append(order, r.status)
		}
	}
	if len(order) == 1 {
		return string(order[0])
	}
	var parts []string
	for _, s := range order {
		if s != runs.StatusDone {
			parts = append(parts, fmt.Sprintf("%d of %d %s", counts[s], len(seeds), s))
		}
	}
	return strings.Join(parts, ", ")
}
