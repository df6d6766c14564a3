package outcome

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"cnnlab/experiments/report/chart"
	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/stats"
)

// Group holds the results of one variant over its seeds. It has accuracies, in the
// order of the runs, only if every seed is done.
type Group struct {
	Name       string
	LR         float64
	Runs       []runs.RunRow // one for each seed of the plan
	Train      []float64     // final train accuracies
	TrainError []float64     // 1 − Train
	Val        []float64     // val accuracies
	ValLoss    []float64
	Gap        []float64 // Train − Val
	Test       []float64 // test accuracies
}

// Groups groups the runs to which name gives the same name, in the order of the plan.
func (o *Outcome) Groups(name func(row runs.RunRow) string) []*Group {
	var all []*Group
	byName := make(map[string]*Group)
	for _, row := range o.Runs {
		g := byName[name(row)]
		if g == nil {
			g = &Group{Name: name(row), LR: row.LR}
			byName[g.Name] = g
			all = append(all, g)
		}
		g.Runs = append(g.Runs, row)
		epochs := o.epochs[row.Run]
		if len(epochs) > 0 && row.Status == runs.StatusDone && row.ValAccuracy != nil && row.TestAccuracy != nil {
			last := epochs[len(epochs)-1]
			g.Train, g.TrainError = append(g.Train, last.TrainAccuracy), append(g.TrainError, 1-last.TrainAccuracy)
			g.Val, g.ValLoss = append(g.Val, *row.ValAccuracy), append(g.ValLoss, last.ValLoss)
			g.Gap = append(g.Gap, last.TrainAccuracy-*row.ValAccuracy)
			g.Test = append(g.Test, *row.TestAccuracy)
		}
	}
	for i, g := range all {
		if !g.Done() {
			all[i] = &Group{Name: g.Name, LR: g.LR, Runs: g.Runs}
		}
	}
	return all
}

// ByRate names a run by its learning rate.
func ByRate(row runs.RunRow) string { return "learning rate " + runs.FormatRate(row.LR) }

// ByVariant names a run by its variant, and its learning rate if the plan has
// several.
func (o *Outcome) ByVariant(row runs.RunRow) string {
	if slices.ContainsFunc(o.Runs, func(other runs.RunRow) bool { return other.LR != row.LR }) {
		return o.variants[row.Run] + " " + runs.FormatRate(row.LR)
	}
	return o.variants[row.Run]
}

// Done reports whether every run is done.
func (g *Group) Done() bool { return len(g.Val) == len(g.Runs) }

// Status returns the status that all runs share, or how many have one other than done:
// "1 of 3 diverged".
func (g *Group) Status() string {
	var parts []string
	for _, row := range g.Runs {
		n, name := g.count(row.Status), cmp.Or(string(row.Status), "missing")
		part := fmt.Sprintf("%d of %d %s", n, len(g.Runs), name)
		switch {
		case n == len(g.Runs):
			return name
		case row.Status != runs.StatusDone && !slices.Contains(parts, part):
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// count returns the number of runs with a status.
func (g *Group) count(status runs.Status) (n int) {
	for _, row := range g.Runs {
		if row.Status == status {
			n++
		}
	}
	return n
}

func (g *Group) diverged() int { return g.count(runs.StatusDiverged) }

// mark notes on a curve that runs diverged: at its end if all did, or in the legend if
// the curve continues without some.
func (g *Group) mark(s chart.Series) chart.Series {
	switch n := g.diverged(); {
	case n > 0 && n == len(g.Runs):
		s.EndMark = g.Status()
	case n > 0:
		s.Remark = g.Status()
	}
	return s
}

// meanSD formats the mean of fractions in percent and, if there are several, their
// standard deviation.
func meanSD(v []float64) string {
	switch len(v) {
	case 0:
		return "–"
	case 1:
		return fmt.Sprintf("%.2f %%", 100*v[0])
	}
	return fmt.Sprintf("%.2f ± %.2f %%", 100*stats.Mean(v), 100*stats.SD(v))
}

// result returns the test accuracy of each group, in one line.
func result(groups []*Group) string {
	var parts []string
	for _, g := range groups {
		parts = append(parts, fmt.Sprintf("%s: %s on test", g.Name, meanSD(g.Test)))
	}
	return strings.Join(parts, "; ")
}
