package experiments

import "cnnlab/experiments/report"

// plotLoss draws the training loss of each group over the iterations.
func (o *Outcome) plotLoss(title string, groups []*group) error {
	curves, err := o.curves()
	if err != nil {
		return err
	}
	f := report.Figure{Title: title, XLabel: "iteration (step)", YLabel: "training loss (cross-entropy, nats)", LogY: true}
	for _, g := range groups {
		step, loss, _ := g.iterations(curves)
		f.Series = append(f.Series, g.mark(report.Series{Name: g.Name, X: step, Y: loss, Smooth: max(5, len(step)/50), Raw: true}))
	}
	return o.plot("training-loss", f)
}

// plotAccuracy draws the accuracies of each group on train and val over the
// epochs.
func (o *Outcome) plotAccuracy(name, title string, groups []*group) error {
	f := report.Figure{Title: title, XLabel: "epoch", YLabel: "accuracy", Percent: true, Repeat: len(groups)}
	for _, g := range groups {
		epoch, val := o.epochCurve(g, func(row report.EpochRow) float64 { return row.ValAccuracy })
		f.Series = append(f.Series, g.mark(report.Series{Name: g.Name + ", val", X: epoch, Y: val, Points: true}))
	}
	for _, g := range groups {
		epoch, train := o.epochCurve(g, func(row report.EpochRow) float64 { return row.TrainAccuracy })
		f.Series = append(f.Series, report.Series{Name: g.Name + ", train", X: epoch, Y: train, Dashed: true})
	}
	return o.plot(name, f)
}

// plotGap draws how much better each group is on train than on val.
func (o *Outcome) plotGap(title string, groups []*group) error {
	f := report.Figure{Title: title, XLabel: "epoch", YLabel: "train accuracy − val accuracy", Percent: true}
	for _, g := range groups {
		epoch, gap := o.epochCurve(g, func(row report.EpochRow) float64 { return row.TrainAccuracy - row.ValAccuracy })
		f.Series = append(f.Series, g.mark(report.Series{Name: g.Name, X: epoch, Y: gap, Points: true}))
	}
	return o.plot("gap", f)
}
