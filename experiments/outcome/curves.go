package outcome

import (
	"fmt"
	"math"
	"slices"

	"cnnlab/experiments/report/chart"
	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/stats"
	"cnnlab/experiments/report/text"
)

// TrainingLoss plots the training loss of each group over the iterations.
func (o *Outcome) TrainingLoss(groups []*Group) Figure {
	f := chart.Figure{Title: "Training loss per iteration on " + o.Dataset.Name, XLabel: "iteration (step)",
		YLabel: "training loss (cross-entropy, nats)", LogY: true, Footnote: curvesNote(groups, "")}
	for _, g := range groups {
		f.Series = append(f.Series, o.stepCurve(g, trainLoss, 50))
	}
	return Figure{"training-loss", f}
}

// nearOne is the val accuracy from which errors are drawn, on a log axis, in place of
// accuracies, which would all lie at the upper edge.
const nearOne = 0.95

// AccuracyCurves plots the train and val accuracy of each group over the epochs or, where
// all are near 1, their errors, in a figure with the given name.
func (o *Outcome) AccuracyCurves(name string, groups []*Group) Figure {
	near := true
	for _, g := range groups {
		near = near && g.Done() && stats.Mean(g.Val) > nearOne
	}
	if near {
		f := o.epochCurves(groups, "error",
			func(row runs.EpochRow) float64 { return 1 - row.TrainAccuracy }, func(row runs.EpochRow) float64 { return 1 - row.ValAccuracy })
		f.Percent, f.LogY = true, true
		return Figure{name, f}
	}
	f := o.epochCurves(groups, "accuracy",
		func(row runs.EpochRow) float64 { return row.TrainAccuracy }, func(row runs.EpochRow) float64 { return row.ValAccuracy })
	f.Percent = true
	return Figure{name, f}
}

// LossCurves plots the train and val loss of each group over the epochs.
func (o *Outcome) LossCurves(groups []*Group) Figure {
	f := o.epochCurves(groups, "loss",
		func(row runs.EpochRow) float64 { return row.TrainLoss }, func(row runs.EpochRow) float64 { return row.ValLoss })
	f.YLabel, f.LogY = "loss (cross-entropy, nats)", true
	return Figure{"loss-curves", f}
}

// epochCurves plots two columns of epochs.csv for each group, what a network has on train
// and on val.
func (o *Outcome) epochCurves(groups []*Group, what string, train, val func(row runs.EpochRow) float64) chart.Figure {
	f := chart.Figure{Title: fmt.Sprintf("Train and val %s on %s", what, o.Dataset.Name), XLabel: "epoch", YLabel: what, Repeat: len(groups),
		Solid: "val", Dashes: "train", Footnote: curvesNote(groups, ", band: ± standard deviation on val")}
	for _, g := range groups {
		c := g.mark(o.epochCurve(g, val))
		c.Points = true
		f.Series = append(f.Series, c)
	}
	for _, g := range groups {
		c := o.epochCurve(g, train)
		c.Name, c.Points, c.Dashed, c.Band = "", true, true, nil // bands of both would hide one another
		f.Series = append(f.Series, c)
	}
	return f
}

// Gap plots the train accuracy minus the val accuracy of each group over the epochs.
func (o *Outcome) Gap(groups []*Group) Figure {
	f := chart.Figure{Title: "Gap between train and val accuracy on " + o.Dataset.Name, XLabel: "epoch", YLabel: "train accuracy − val accuracy",
		Percent: true, Footnote: curvesNote(groups, ", band: ± standard deviation")}
	for _, g := range groups {
		gap := o.epochCurve(g, func(row runs.EpochRow) float64 { return row.TrainAccuracy - row.ValAccuracy })
		gap.Points = true
		f.Series = append(f.Series, g.mark(gap))
	}
	return Figure{"gap", f}
}

func trainLoss(row runs.StepRow) float64 { return row.TrainLoss }

// stepCurve returns the mean over the seeds of a column of steps.csv, smoothed over a
// window of 1/parts of the steps.
func (o *Outcome) stepCurve(g *Group, column func(row runs.StepRow) float64, parts int) chart.Series {
	s := curve(g, o.steps, func(row runs.StepRow) int { return row.Step }, column)
	s.Smooth, s.Band = max(5, len(s.X)/parts), nil
	return g.mark(s)
}

// epochCurve returns the mean over the seeds of a column of epochs.csv, with a band of
// one standard deviation.
func (o *Outcome) epochCurve(g *Group, column func(row runs.EpochRow) float64) chart.Series {
	return curve(g, o.epochs, func(row runs.EpochRow) int { return row.Epoch }, column)
}

// curve returns the mean of y over the runs of g, with a band of one standard deviation.
func curve[R any](g *Group, rows map[string][]R, x func(row R) int, y func(row R) float64) chart.Series {
	var longest []float64
	var curves [][]float64
	for _, run := range g.Runs {
		var at, c []float64
		for _, row := range rows[run.Run] {
			at, c = append(at, float64(x(row))), append(c, y(row))
		}
		if len(at) > len(longest) {
			longest = at
		}
		curves = append(curves, c)
	}
	mean, sd := meanCurve(curves)
	return chart.Series{Name: g.Name, X: longest, Y: mean, Band: sd}
}

// meanCurve returns the mean and standard deviation, point by point, of the curves that
// have a finite value there: NaN where none has or, for the standard deviation, only
// one. The results are as long as the longest curve.
func meanCurve(curves [][]float64) (mean, sd []float64) {
	longest := 0
	for _, c := range curves {
		longest = max(longest, len(c))
	}
	for i := range longest {
		var values []float64
		for _, c := range curves {
			if i < len(c) && !math.IsNaN(c[i]) && !math.IsInf(c[i], 0) {
				values = append(values, c[i])
			}
		}
		mean, sd = append(mean, stats.Mean(values)), append(sd, stats.SD(values))
	}
	return mean, sd
}

// seedsNote is the footnote that says how a picture shows n seeds and their spread.
func seedsNote(n int, spread string) string {
	if n < 2 {
		return text.Count(n, "seed")
	}
	return "mean of " + text.Count(n, "seed") + spread
}

// curvesNote is seedsNote for curves, which continue without the seeds that diverged.
func curvesNote(groups []*Group, spread string) string {
	if slices.ContainsFunc(groups, func(g *Group) bool { return g.diverged() > 0 && g.diverged() < len(g.Runs) }) {
		spread = ", each diverged seed only up to the step where it diverged" + spread
	}
	return seedsNote(len(groups[0].Runs), spread)
}
