package outcome

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"

	"cnnlab/experiments/report/chart"
	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/stats"
	"cnnlab/experiments/report/table"
	"cnnlab/experiments/report/text"
)

// Sweep holds the results of runs at several learning rates.
type Sweep struct {
	Rates []*Group
	best  *Group // nil: none is chosen
	// reference is a rate that is shown under referenceName but never chosen.
	reference     float64
	referenceName string
	o             *Outcome
}

// Sweep chooses the learning rate with the highest val accuracy, averaged over its
// seeds; ties go to the lower val loss, then to the smaller rate. It skips reference,
// untrained networks and every rate at which a seed diverged, and chooses none before
// every run has ended.
func (o *Outcome) Sweep(reference float64, referenceName string) Sweep {
	s := Sweep{Rates: o.Groups(ByRate), reference: reference, referenceName: referenceName, o: o}
	if o.Ended() {
		s.best = s.choose()
	}
	return s
}

func (s Sweep) choose() (best *Group) {
	for _, r := range s.Rates {
		if !r.Done() || r.LR == s.reference || r.Runs[0].Epochs == 0 {
			continue
		}
		if best == nil || cmp.Or(
			cmp.Compare(stats.Mean(r.Val), stats.Mean(best.Val)),
			cmp.Compare(stats.Mean(best.ValLoss), stats.Mean(r.ValLoss)),
			cmp.Compare(best.LR, r.LR)) > 0 {
			best = r
		}
	}
	return best
}

// notToldApart returns the candidates whose val accuracy cannot be told apart from that of the
// chosen rate: by a paired t-test over the seeds or, with one seed, because the
// difference is within the noise of two samples of that many val images.
func (s Sweep) notToldApart() (rates []*Group) {
	for _, r := range s.Rates {
		if s.best == nil || r == s.best || !r.Done() || r.LR == s.reference {
			continue
		}
		var differences []float64
		for i := range min(len(r.Val), len(s.best.Val)) { // the seeds are in the same order
			differences = append(differences, s.best.Val[i]-r.Val[i])
		}
		d := stats.PairedT(differences)
		if len(differences) == 1 {
			v := s.best.Val[0]
			d.Low = d.Mean - 1.96*math.Sqrt(2*v*(1-v)/float64(s.o.Dataset.ValImages))
		}
		if d.Low <= 0 || d.Mean == 0 {
			rates = append(rates, r)
		}
	}
	return rates
}

// Choice returns chosen.json with the chosen rate. If none is chosen, not-chosen.txt says
// why, and an earlier chosen.json is removed, with one exception: while runs have not ended, a file of the
// same plan stays, because another process that saw all of them end wrote it.
func (s Sweep) Choice() []File {
	c := runs.Choice{Dataset: s.o.Dataset.SHA256}
	for _, row := range s.o.Runs {
		if s.best != nil && row.LR == s.best.LR {
			c.Runs = append(c.Runs, row.Run)
		} else {
			c.Against = append(c.Against, row.Run)
		}
	}
	if s.best == nil {
		old, err := runs.ReadChoice(filepath.Join(s.o.dir, runs.ChoiceName))
		if err == nil && !s.o.Ended() && slices.Equal(old.Plan(), c.Plan()) {
			return nil
		}
		why := func(w io.Writer) error { _, err := fmt.Fprintln(w, s.Text()); return err }
		return []File{{Name: runs.ChoiceName}, {runs.NotChosenName, why}}
	}
	c.LR, c.ValAccuracy, c.Config = s.best.LR, stats.Mean(s.best.Val), s.best.Runs[0].Config
	return []File{{runs.ChoiceName, c.Write}, {Name: runs.NotChosenName}}
}

// apartText says which rates cannot be told apart from the chosen one.
func (s Sweep) apartText() string {
	var names []string
	for _, r := range s.notToldApart() {
		names = append(names, fmt.Sprintf("%s (%s)", runs.FormatRate(r.LR), meanSD(r.Val)))
	}
	if names == nil {
		return ""
	}
	how := fmt.Sprintf("paired t-test over %d seeds, uncorrected", len(s.best.Runs))
	if len(s.best.Runs) == 1 {
		how = fmt.Sprintf("one seed: allowing for the choice of the %s val images only, not for the seed", text.Grouped(s.o.Dataset.ValImages))
	}
	return fmt.Sprintf(" The data do not tell it apart from %s (%s). It was chosen because its mean val accuracy is the highest; ties go to the lower val loss, then to the smaller rate.",
		text.List(names), how)
}

// Text says which rate is chosen, or why none is.
func (s Sweep) Text() string {
	switch {
	case s.best != nil:
		return fmt.Sprintf("Chosen on val: learning rate %s.", runs.FormatRate(s.best.LR)) + s.apartText()
	case !s.o.Ended():
		return "No rate is chosen yet: not every run has ended."
	case slices.ContainsFunc(s.Rates, func(r *Group) bool { return r.Done() && r.Runs[0].Epochs == 0 }):
		return "No rate is chosen: with -epochs 0 nothing was trained."
	case slices.ContainsFunc(s.Rates, (*Group).Done):
		return fmt.Sprintf("No rate is chosen: at every rate except %s (%s, not a candidate), a run diverged.", runs.FormatRate(s.reference), s.referenceName)
	}
	return "No rate is chosen: at every rate, a run diverged."
}

// Answer names the chosen rate and what it reaches, or says why none is chosen.
func (s Sweep) Answer() string {
	if s.best == nil {
		return s.Text()
	}
	answer := fmt.Sprintf("Learning rate %s has the highest val accuracy, %s, and reaches %s on test.", runs.FormatRate(s.best.LR), meanSD(s.best.Val), meanSD(s.best.Test))
	var names []string
	for _, r := range s.notToldApart() {
		names = append(names, runs.FormatRate(r.LR))
	}
	if names != nil {
		answer += " On val, the data do not tell it apart from " + text.List(names) + "."
	}
	return answer
}

// Result returns the chosen rate and its test accuracy, in one line.
func (s Sweep) Result() string {
	if s.best == nil {
		return ""
	}
	return fmt.Sprintf("learning rate %s chosen: test %s, loss %s", runs.FormatRate(s.best.LR), meanSD(s.best.Test), meanSDNats(s.best.TestLoss))
}

// Table returns a table with a line for each rate.
func (s Sweep) Table() table.Table {
	t := table.Table{Columns: []table.Column{
		{Name: "learning rate", Right: true}, {Name: "data set"}, {Name: "runs", Right: true}, {Name: "train error", Right: true},
		{Name: "val accuracy", Right: true}, {Name: "test accuracy", Right: true}, {Name: "test loss", Right: true}, {Name: "status"}, {Name: "note"},
	}}
	for i, r := range s.Rates {
		note := ""
		switch {
		case r == s.best:
			note = "chosen"
			t.Marked = []int{i}
		case r.LR == s.reference:
			note = s.referenceName + ", not a candidate"
		}
		t.Rows = append(t.Rows, []string{runs.FormatRate(r.LR), s.o.Dataset.Name, fmt.Sprint(len(r.Runs)),
			meanSD(r.TrainError), meanSD(r.Val), meanSD(r.Test), meanSDNats(r.TestLoss), r.State(), note})
	}
	return t
}

// ErrorPerIteration plots the classification error of each rate over the iterations.
func (s Sweep) ErrorPerIteration() Figure {
	f := s.perIteration(func(row runs.StepRow) float64 { return row.TrainError })
	f.Title, f.YLabel, f.YMax, f.Percent = "Classification error per iteration on "+s.o.Dataset.Name, "batch error", new(1.0), true
	return Figure{"error-per-iteration", f}
}

// LossPerIteration plots the training loss of each rate over the iterations.
func (s Sweep) LossPerIteration() Figure {
	f := s.perIteration(trainLoss)
	f.Title, f.YLabel, f.YMax = "Training loss per iteration on "+s.o.Dataset.Name, "training loss (cross-entropy, nats)", new(5.0)
	return Figure{"loss-per-iteration", f}
}

// perIteration draws a curve for each rate. Good rates end close together; only a log
// axis separates them.
func (s Sweep) perIteration(column func(row runs.StepRow) float64) chart.Figure {
	f := chart.Figure{XLabel: "iteration (step)", LogY: true, Ordered: true, Legend: "learning rate", Footnote: curvesNote(s.Rates, "")}
	for _, r := range s.Rates {
		c := s.o.stepCurve(r, column, 20)
		c.Name, c.Dashed, c.Strong = s.name(r), r.LR == s.reference, r == s.best
		f.Series = append(f.Series, c)
	}
	return f
}

func (s Sweep) name(r *Group) string {
	switch {
	case r == s.best:
		return runs.FormatRate(r.LR) + " (chosen)"
	case r.LR == s.reference:
		return fmt.Sprintf("%s (%s)", runs.FormatRate(r.LR), s.referenceName)
	}
	return runs.FormatRate(r.LR)
}

// AccuracyByRate plots the val and test accuracy of each rate.
func (s Sweep) AccuracyByRate() Figure {
	val := chart.Series{Name: "val (used to choose)", Points: true}
	test := chart.Series{Name: "test", Points: true, Dashed: true}
	f := chart.Figure{Title: "Accuracy after the last epoch by learning rate on " + s.o.Dataset.Name,
		XLabel: "learning rate", YLabel: "accuracy", LogX: true, Percent: true, Footnote: seedsNote(len(s.Rates[0].Runs), ", bars: ± standard deviation")}
	for _, r := range s.Rates {
		f.XTicks = append(f.XTicks, r.LR)
		for _, c := range []struct {
			series *chart.Series
			seeds  []float64
		}{{&val, r.Val}, {&test, r.Test}} { // NaN, and no bar, where there are no seeds
			c.series.X, c.series.Y = append(c.series.X, r.LR), append(c.series.Y, stats.Mean(c.seeds))
			c.series.ErrorBars = append(c.series.ErrorBars, stats.SD(c.seeds))
		}
		switch {
		case r == s.best:
			f.Notes = append(f.Notes, chart.Note{X: r.LR, Y: stats.Mean(r.Val), Text: "chosen: " + runs.FormatRate(r.LR), Ring: true})
		case r.diverged() > 0:
			f.Notes = append(f.Notes, chart.Note{X: r.LR, Y: math.NaN(), Text: r.Status()})
		case r.LR == s.reference:
			f.Notes = append(f.Notes, chart.Note{X: r.LR, Y: stats.Mean(r.Val), Text: s.referenceName})
		}
	}
	f.Series = []chart.Series{val, test}
	return Figure{"accuracy-by-rate", f}
}
