package experiments

import (
	"fmt"
	"math"

	"cnnlab/experiments/report"
)

// group is what was found with one variant, over its seeds.
type group struct {
	Name    string // of the variant
	LR      float64
	Runs    []report.RunRow
	Train   []float64 // final train accuracies, of the runs that are done
	Val     []float64 // val accuracies, likewise
	ValLoss []float64 // val losses, likewise
	Test    []float64 // test accuracies, likewise
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
	return all
}

// byRate names a run by its learning rate.
func byRate(row report.RunRow) string { return "learning rate " + formatRate(row.LR) }

// done is whether every seed came to its end.
func (g *group) done() bool { return len(g.Val) == len(g.Runs) }

// status is that of the runs, or of the first that is not done.
func (g *group) status() report.Status {
	for _, row := range g.Runs {
		if row.Status != report.StatusDone {
			return row.Status
		}
	}
	return report.StatusDone
}

// ended is whether no run of the plan is left to train.
func (o *Outcome) ended() bool {
	for _, row := range o.Runs {
		if row.Status != report.StatusDone && row.Status != report.StatusDiverged {
			return false
		}
	}
	return len(o.Runs) == o.Planned
}

// endMark says in a picture that a curve ends early.
func (g *group) endMark() string {
	if s := g.status(); s == report.StatusDiverged {
		return string(s)
	}
	return ""
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

// meanCurve is the mean of the curves of several seeds, as far as all go.
func meanCurve(curves [][]float64) []float64 {
	if len(curves) == 0 {
		return nil
	}
	shortest := math.MaxInt
	for _, c := range curves {
		shortest = min(shortest, len(c))
	}
	mean := make([]float64, shortest)
	for i := range mean {
		for _, c := range curves {
			mean[i] += c[i] / float64(len(curves))
		}
	}
	return mean
}

// iterations is the mean over the seeds of what steps.csv holds.
func (g *group) iterations(curves map[string]*curve) (step, loss, wrong []float64) {
	var losses, errs [][]float64
	for _, row := range g.Runs {
		c := curves[row.Run]
		if c == nil {
			continue
		}
		losses, errs = append(losses, c.loss), append(errs, c.err)
		if step == nil || len(c.step) < len(step) {
			step = c.step
		}
	}
	return step, meanCurve(losses), meanCurve(errs)
}

// epochCurve is the mean over the seeds of a column of epochs.csv.
func (o *Outcome) epochCurve(g *group, column func(row report.EpochRow) float64) (epoch, mean []float64) {
	var curves [][]float64
	for _, row := range g.Runs {
		var c []float64
		for _, e := range o.epochs[row.Run] {
			c = append(c, column(e))
		}
		if len(curves) == 0 || len(c) < len(epoch) {
			epoch = nil
			for _, e := range o.epochs[row.Run] {
				epoch = append(epoch, float64(e.Epoch))
			}
		}
		curves = append(curves, c)
	}
	return epoch, meanCurve(curves)
}
