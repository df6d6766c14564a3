package outcome

import (
	"fmt"
	"strings"

	"cnnlab/experiments/report/chart"
	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/stats"
)

// Group holds the results of one variant over its seeds. It has accuracies, in the
// order of the runs, only if every seed is done.
type Group struct {
	Name    string
	LR      float64
	Runs    []runs.RunRow // one for each seed of the plan
	Train   []float64     // final train accuracies
	Val     []float64     // val accuracies
	ValLoss []float64
	Test    []float64 // test accuracies
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
		last, ok := o.finalEpoch(row.Run)
		if ok && row.Status == runs.StatusDone && row.ValAccuracy != nil && row.TestAccuracy != nil {
			g.Train = append(g.Train, last.TrainAccuracy)
			g.Val, g.ValLoss = append(g.Val, *row.ValAccuracy), append(g.ValLoss, last.ValLoss)
			g.Test = append(g.Test, *row.TestAccuracy)
		}
	}
	for _, g := range all {
		if !g.Done() {
			g.Train, g.Val, g.ValLoss, g.Test = nil, nil, nil, nil
		}
	}
	return all
}

// ByRate names a run by its learning rate.
func ByRate(row runs.RunRow) string { return "learning rate " + runs.FormatRate(row.LR) }

// ByVariant names a run by its variant, and its learning rate if the plan has
// several.
func (o *Outcome) ByVariant(row runs.RunRow) string {
	for _, other := range o.Runs {
		if other.LR != row.LR {
			return o.variants[row.Run] + " " + runs.FormatRate(row.LR)
		}
	}
	return o.variants[row.Run]
}

// Done reports whether every run is done.
func (g *Group) Done() bool { return len(g.Val) == len(g.Runs) }

// Status returns the status that all runs share, or how many have one other than done:
// "1 of 3 diverged".
func (g *Group) Status() string {
	counts := make(map[runs.Status]int)
	var order []runs.Status
	for _, row := range g.Runs {
		if counts[row.Status] == 0 {
			order = append(order, row.Status)
		}
		counts[row.Status]++
	}
	var parts []string
	for _, s := range order {
		name := string(s)
		if s == "" {
			name = "missing"
		}
		switch {
		case len(order) == 1:
			return name
		case s != runs.StatusDone:
			parts = append(parts, fmt.Sprintf("%d of %d %s", counts[s], len(g.Runs), name))
		}
	}
	return strings.Join(parts, ", ")
}

// Diverged returns the number of runs that diverged.
func (g *Group) Diverged() (n int) {
	for _, row := range g.Runs {
		if row.Status == runs.StatusDiverged {
			n++
		}
	}
	return n
}

// mark notes on a curve that runs diverged: at its end if all did, or in the legend if
// the curve continues without some.
func (g *Group) mark(s chart.Series) chart.Series {
	switch n := g.Diverged(); {
	case n > 0 && n == len(g.Runs):
		s.EndMark = g.Status()
	case n > 0:
		s.Remark = g.Status()
	}
	return s
}

func (g *Group) trainError() []float64 {
	return each(g.Train, func(i int) float64 { return 1 - g.Train[i] })
}

// gap returns the train accuracy minus the val accuracy of each run.
func (g *Group) gap() []float64 {
	return each(g.Train, func(i int) float64 { return g.Train[i] - g.Val[i] })
}

func each(v []float64, f func(i int) float64) []float64 {
	var all []float64
	for i := range v {
		all = append(all, f(i))
	}
	return all
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

// Result returns the test accuracy of each group, in one line.
func Result(groups []*Group) string {
	var parts []string
	for _, g := range groups {
		parts = append(parts, fmt.Sprintf("%s: %s on test", g.Name, meanSD(g.Test)))
	}
	return strings.Join(parts, "; ")
}
