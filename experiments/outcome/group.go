package outcome

import (
	"cmp"
	"fmt"
	"math"
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
	TestLoss   []float64
	Confidence []float64 // mean confidences on the test images
	ECE        []float64 // expected calibration errors on them
	unlearned  int       // runs that are done and no better than guessing
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
		if row.Status == runs.StatusDone && o.unlearned(row.Run) {
			g.unlearned++
		}
		if len(epochs) > 0 && row.Status == runs.StatusDone && row.ValAccuracy != nil && row.TestAccuracy != nil && row.TestLoss != nil {
			last := epochs[len(epochs)-1]
			g.Train, g.TrainError = append(g.Train, last.TrainAccuracy), append(g.TrainError, 1-last.TrainAccuracy)
			g.Val, g.ValLoss = append(g.Val, *row.ValAccuracy), append(g.ValLoss, last.ValLoss)
			g.Gap = append(g.Gap, last.TrainAccuracy-*row.ValAccuracy)
			g.Test, g.TestLoss = append(g.Test, *row.TestAccuracy), append(g.TestLoss, *row.TestLoss)
			c := o.predictions[row.Run].calibration()
			g.Confidence, g.ECE = append(g.Confidence, c.Confidence), append(g.ECE, c.ECE)
		}
	}
	for i, g := range all {
		if !g.Done() {
			all[i] = &Group{Name: g.Name, LR: g.LR, Runs: g.Runs, unlearned: g.unlearned}
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

// State returns Status, with the number of runs that are done but at chance at the end.
func (g *Group) State() string {
	switch {
	case g.unlearned == 0:
		return g.Status()
	case g.unlearned == len(g.Runs):
		return g.Status() + ", at chance at the end"
	case g.Status() == string(runs.StatusDone):
		return fmt.Sprintf("done, but %d of %d at chance at the end", g.unlearned, len(g.Runs))
	}
	return fmt.Sprintf("%s, %d of %d at chance at the end", g.Status(), g.unlearned, len(g.Runs))
}

// unlearned reports whether a run was trained and is at chance at the end: its train loss
// is at least 97 % of that of guessing, the logarithm of the number of classes, and its
// train accuracy less than half as much again as that of guessing.
func (o *Outcome) unlearned(run string) bool {
	epochs := o.epochs[run]
	if len(epochs) == 0 {
		return false
	}
	last := epochs[len(epochs)-1]
	classes := float64(len(o.Dataset.Classes))
	return last.Step > 0 && last.TrainLoss >= 0.97*math.Log(classes) && last.TrainAccuracy < 1.5/classes
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

// points is meanSD for differences of fractions, in percentage points.
func points(v []float64) string { return strings.Replace(meanSD(v), "%", "points", 1) }

// meanSDNats is meanSD for losses in nats.
func meanSDNats(v []float64) string {
	switch len(v) {
	case 0:
		return "–"
	case 1:
		return fmt.Sprintf("%.4f", v[0])
	}
	return fmt.Sprintf("%.4f ± %.4f", stats.Mean(v), stats.SD(v))
}

// result returns the test accuracy and loss of each group, in one line.
func result(groups []*Group) string {
	var parts []string
	for _, g := range groups {
		parts = append(parts, fmt.Sprintf("%s: %s on test, loss %s", g.Name, meanSD(g.Test), meanSDNats(g.TestLoss)))
	}
	return strings.Join(parts, "; ")
}
