package experiments

import (
	"fmt"
	"slices"
	"strings"

	"cnnlab/experiments/report"
)

// group is what was found with one variant, over its seeds. The accuracies are
// those of all of them: there are none unless every seed is done.
type group struct {
	Name    string // of the variant
	LR      float64
	Runs    []report.RunRow // one for each seed of the plan
	Train   []float64       // final train accuracies, run by run
	Val     []float64       // val accuracies, likewise
	ValLoss []float64       // val losses, likewise
	Test    []float64       // test accuracies, likewise
}

// groups gathers the runs that have the same name, in plan order.
func (o *Outcome) groups(name func(row report.RunRow) string) []*group {
	var all []*group
	byName := make(map[string]*group)
	for _, row := range o.Runs {
		g := byName[name(row)]
		if g == nil {
			g = &group{Name: name(row), LR: row.LR}
			byName[g.Name] = g
			all = append(all, g)
		}
		g.Runs = append(g.Runs, row)
		last, ok := o.finalEpoch(row.Run)
		if ok && row.Status == report.StatusDone && row.ValAccuracy != nil && row.TestAccuracy != nil {
			g.Train = append(g.Train, last.TrainAccuracy)
			g.Val, g.ValLoss = append(g.Val, *row.ValAccuracy), append(g.ValLoss, last.ValLoss)
			g.Test = append(g.Test, *row.TestAccuracy)
		}
	}
	for _, g := range all {
		if !g.done() {
			g.Train, g.Val, g.ValLoss, g.Test = nil, nil, nil, nil
		}
	}
	return all
}

// byRate names a run by its learning rate.
func byRate(row report.RunRow) string { return "learning rate " + formatRate(row.LR) }

// done is whether every seed came to its end.
func (g *group) done() bool { return len(g.Val) == len(g.Runs) }

// status is that of all runs, or how many have which that is not done: "1 of 3
// diverged".
func (g *group) status() string {
	counts := make(map[report.Status]int)
	var order []report.Status
	for _, row := range g.Runs {
		if counts[row.Status] == 0 {
			order = append(order, row.Status)
		}
		counts[row.Status]++
	}
	var parts []string
	for _, s := range order {
		text := string(s)
		if s == "" {
			text = "missing"
		}
		switch {
		case len(order) == 1:
			return text
		case s != report.StatusDone:
			parts = append(parts, fmt.Sprintf("%d of %d %s", counts[s], len(g.Runs), text))
		}
	}
	return strings.Join(parts, ", ")
}

// ended is whether no run of the plan is left to train.
func (o *Outcome) ended() bool {
	return !slices.ContainsFunc(o.Runs, func(row report.RunRow) bool { return !row.Status.Ended() })
}

// diverged counts the runs that did.
func (g *group) diverged() (n int) {
	for _, row := range g.Runs {
		if row.Status == report.StatusDiverged {
			n++
		}
	}
	return n
}

// mark says in a picture that every run diverged and where the curve ends, or
// beside its name that some did and it goes on without them.
func (g *group) mark(s report.Series) report.Series {
	switch n := g.diverged(); {
	case n > 0 && n == len(g.Runs):
		s.EndMark = g.status()
	case n > 0:
		s.Remark = g.status()
	}
	return s
}

// count is "1 run" or "3 runs".
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// allRuns names every one of n runs.
func allRuns(n int) string {
	if n == 1 {
		return "the only run"
	}
	return "all " + count(n, "run")
}

// wrong are the final training errors, run by run.
func (g *group) wrong() []float64 {
	var wrong []float64
	for _, v := range g.Train {
		wrong = append(wrong, 1-v)
	}
	return wrong
}

// gap is how much better the network is on train than on val, run by run.
func (g *group) gap() []float64 {
	var gap []float64
	for i := range g.Train {
		gap = append(gap, g.Train[i]-g.Val[i])
	}
	return gap
}

// meanSD shows fractions in percent: their mean, and with several the standard
// deviation.
func meanSD(v []float64) string {
	switch len(v) {
	case 0:
		return "–"
	case 1:
		return fmt.Sprintf("%.2f %%", 100*v[0])
	}
	return fmt.Sprintf("%.2f ± %.2f %%", 100*report.Mean(v), 100*report.SD(v))
}
