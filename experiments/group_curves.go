package experiments

import (
	"math"

	"cnnlab/experiments/report"
)

// meanCurve is the mean at each place of the curves that go on there, whose value
// is a finite number; NaN where none does. It is as long as the longest.
func meanCurve(curves [][]float64) []float64 {
	var mean []float64
	for i, more := 0, true; more; i++ {
		sum, n := 0.0, 0
		more = false
		for _, c := range curves {
			if i >= len(c) {
				continue
			}
			more = true
			if !math.IsNaN(c[i]) && !math.IsInf(c[i], 0) {
				sum, n = sum+c[i], n+1
			}
		}
		if more {
			mean = append(mean, sum/float64(n))
		}
	}
	return mean
}

// spread is the standard deviation at each place of the curves that go on there;
// NaN of fewer than two.
func spread(curves [][]float64) []float64 {
	sd := meanCurve(curves)
	for i := range sd {
		var values []float64
		for _, c := range curves {
			if i < len(c) && !math.IsNaN(c[i]) && !math.IsInf(c[i], 0) {
				values = append(values, c[i])
			}
		}
		sd[i] = report.SD(values)
	}
	return sd
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
		if len(c.step) > len(step) {
			step = c.step
		}
	}
	return step, meanCurve(losses), meanCurve(errs)
}

// epochCurve is the mean over the seeds of a column of epochs.csv, in a band of
// their standard deviation.
func (o *Outcome) epochCurve(g *group, column func(row report.EpochRow) float64) report.Series {
	var epoch []float64
	var curves [][]float64
	for _, row := range g.Runs {
		var c, at []float64
		for _, e := range o.epochs[row.Run] {
			c, at = append(c, column(e)), append(at, float64(e.Epoch))
		}
		if len(at) > len(epoch) {
			epoch = at
		}
		curves = append(curves, c)
	}
	return report.Series{X: epoch, Y: meanCurve(curves), Band: spread(curves)}
}

// seedsNote says below a picture what it shows of n seeds.
func seedsNote(n int, spread string) string {
	if n < 2 {
		return count(n, "seed")
	}
	return "mean of " + count(n, "seed") + spread
}

// curvesNote is seedsNote for curves, which go on without the seeds that diverged.
func curvesNote(groups []*group, spread string) string {
	for _, g := range groups {
		if d := g.diverged(); d > 0 && d < len(g.Runs) {
			spread = ", of the others once one has diverged" + spread
			break
		}
	}
	return seedsNote(len(groups[0].Runs), spread)
}
