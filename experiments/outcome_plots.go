package experiments

import "cnnlab/experiments/report"

// What stands for the spread of the seeds in a picture, for its footnote.
const (
	noSpread = ""
	bands    = ", band: ± standard deviation on val"
	band     = ", band: ± standard deviation"
	bars     = ", bars: ± standard deviation"
)

// plotLoss draws the training loss of each group over the iterations.
func (o *Outcome) plotLoss(title string, groups []*group) error {
	curves, err := o.curves()
	if err != nil {
		return err
	}
	f := report.Figure{Title: title, XLabel: "iteration (step)", YLabel: "training loss (cross-entropy, nats)", LogY: true,
		Footnote: curvesNote(groups, noSpread)}
	for _, g := range groups {
		step, loss, _ := g.iterations(curves)
		f.Series = append(f.Series, g.mark(report.Series{Name: g.Name, X: step, Y: loss, Smooth: max(5, len(step)/50), Raw: true}))
	}
	return o.plot("training-loss", f)
}

// plotAccuracy draws the accuracies of each group on train and val over the
// epochs.
func (o *Outcome) plotAccuracy(name, title string, groups []*group) error {
	f := report.Figure{Title: title, XLabel: "epoch", YLabel: "accuracy", Percent: true, Repeat: len(groups),
		Legend: "val", Dashes: "train", Footnote: curvesNote(groups, bands)}
	for _, g := range groups {
		val := o.epochCurve(g, func(row report.EpochRow) float64 { return row.ValAccuracy })
		val.Name, val.Points = g.Name, true
		f.Series = append(f.Series, g.mark(val))
	}
	for _, g := range groups {
		train := o.epochCurve(g, func(row report.EpochRow) float64 { return row.TrainAccuracy })
		train.Dashed, train.Band = true, nil // bands of both would hide one another
		f.Series = append(f.Series, train)
	}
	return o.plot(name, f)
}

// plotGap draws how much better each group is on train than on val.
func (o *Outcome) plotGap(title string, groups []*group) error {
	f := report.Figure{Title: title, XLabel: "epoch", YLabel: "train accuracy − val accuracy", Percent: true, Footnote: curvesNote(groups, band)}
	for _, g := range groups {
		gap := o.epochCurve(g, func(row report.EpochRow) float64 { return row.TrainAccuracy - row.ValAccuracy })
		gap.Name, gap.Points = g.Name, true
		f.Series = append(f.Series, g.mark(gap))
	}
	return o.plot("gap", f)
}
