package experiments

import (
	"fmt"
	"math"
	"slices"

	"cnnlab/experiments/report"
)

// lrSweepReport chooses the rate and shows the sweep: a table, the error and the
// loss over the iterations, and the accuracy over the rate.
func lrSweepReport(o *Outcome) error {
	rates := o.groups(byRate)
	best := choose(rates)
	if !o.ended() {
		best = nil
	}
	if err := o.writeChoice(best); err != nil {
		return err
	}
	text := choiceText(o.ended(), rates, best)
	if best != nil {
		o.result = fmt.Sprintf("learning rate %s chosen: test %s", formatRate(best.LR), meanSD(best.Test))
	}
	if err := lrSweepPlots(o, rates, best); err != nil {
		return err
	}
	if err := o.confusion(rates); err != nil {
		return err
	}
	return o.finish(fmt.Sprintf("Learning-rate sweep on %s", o.Set.Name), text, lrSweepTable(o, rates, best),
		"error-per-iteration", "loss-per-iteration", "accuracy-by-rate", "confusion")
}

// choiceText says which rate is chosen, or why none is.
func choiceText(ended bool, rates []*group, best *group) string {
	switch {
	case best != nil:
		return fmt.Sprintf("Chosen on val: learning rate %s.", formatRate(best.LR))
	case !ended:
		return "No rate is chosen yet: not every run has ended."
	case slices.ContainsFunc(rates, (*group).done):
		return fmt.Sprintf("No rate is chosen: none but %s, Gorgonia's default, came to its end.", formatRate(gorgoniaRate))
	}
	return "No rate is chosen: at each of them a run diverged."
}

// lrSweepTable has a line for each rate.
func lrSweepTable(o *Outcome, rates []*group, best *group) report.Table {
	t := report.Table{Columns: []report.Column{
		{Name: "learning rate", Right: true}, {Name: "data set"}, {Name: "runs", Right: true}, {Name: "training error", Right: true},
		{Name: "val accuracy", Right: true}, {Name: "test accuracy", Right: true}, {Name: "status"}, {Name: "note"},
	}}
	for i, r := range rates {
		note := ""
		switch {
		case r == best:
			note = "chosen"
			t.Marked = []int{i}
		case r.LR == gorgoniaRate:
			note = "Gorgonia's default, not a candidate"
		}
		t.Rows = append(t.Rows, []string{formatRate(r.LR), o.Set.Name, fmt.Sprint(len(r.Runs)),
			meanSD(r.wrong()), meanSD(r.Val), meanSD(r.Test), r.status(), note})
	}
	return t
}

// lrSweepPlots draws the three pictures.
func lrSweepPlots(o *Outcome, rates []*group, best *group) error {
	curves, err := o.curves()
	if err != nil {
		return err
	}
	// Good rates end close together, so only a log axis keeps them apart. It begins
	// where the lowest of the averaged curves does.
	loss := report.Figure{Title: "Training loss per iteration on " + o.Set.Name, YLabel: "training loss (cross-entropy, nats)", YMax: new(5.0)}
	wrong := report.Figure{Title: "Classification error per iteration on " + o.Set.Name, YLabel: "error of the batch", YMax: new(1.0), Percent: true}
	for _, f := range []*report.Figure{&loss, &wrong} {
		f.XLabel, f.LogY, f.Ordered, f.Legend, f.Footnote = "iteration (step)", true, true, "learning rate", curvesNote(rates, noSpread)
	}
	for _, r := range rates {
		step, lossY, errY := r.iterations(curves)
		s := report.Series{Name: rateName(r, r == best), X: step, Smooth: max(5, len(step)/20), Raw: true}
		s = r.mark(s)
		s.Dashed = r.LR == gorgoniaRate
		s.Y = lossY
		loss.Series = append(loss.Series, s)
		s.Y = errY
		wrong.Series = append(wrong.Series, s)
	}
	if err := o.plot("error-per-iteration", wrong); err != nil {
		return err
	}
	if err := o.plot("loss-per-iteration", loss); err != nil {
		return err
	}
	return o.plot("accuracy-by-rate", accuracyByRate(o, rates, best))
}

// rateName is the entry of a rate in a legend.
func rateName(r *group, chosen bool) string {
	switch {
	case chosen:
		return formatRate(r.LR) + " (chosen)"
	case r.LR == gorgoniaRate:
		return formatRate(r.LR) + " (Gorgonia's default)"
	}
	return formatRate(r.LR)
}

// accuracyByRate shows val and test accuracy over the rate.
func accuracyByRate(o *Outcome, rates []*group, best *group) report.Figure {
	val := report.Series{Name: "val (chosen on)", Points: true}
	test := report.Series{Name: "test", Points: true, Dashed: true}
	f := report.Figure{Title: "Accuracy after the last epoch by learning rate on " + o.Set.Name,
		XLabel: "learning rate", YLabel: "accuracy", LogX: true, Percent: true, Footnote: seedsNote(len(rates[0].Runs), bars)}
	for _, r := range rates {
		f.XTicks = append(f.XTicks, r.LR)
		v, w := math.NaN(), math.NaN()
		if r.done() {
			v, w = report.Mean(r.Val), report.Mean(r.Test)
		}
		for _, s := range []struct {
			series *report.Series
			y      float64
			seeds  []float64
		}{{&val, v, r.Val}, {&test, w, r.Test}} {
			s.series.X, s.series.Y = append(s.series.X, r.LR), append(s.series.Y, s.y)
			s.series.ErrorBars = append(s.series.ErrorBars, report.SD(s.seeds)) // NaN, no bar, of one
		}
		switch {
		case r == best:
			f.Notes = append(f.Notes, report.Note{X: r.LR, Y: v, Text: "chosen: " + formatRate(r.LR), Ring: true})
		case r.diverged() > 0:
			f.Notes = append(f.Notes, report.Note{X: r.LR, Y: math.NaN(), Text: r.status()})
		case r.LR == gorgoniaRate:
			f.Notes = append(f.Notes, report.Note{X: r.LR, Y: v, Text: "Gorgonia's default"})
		}
	}
	f.Series = []report.Series{val, test}
	return f
}
