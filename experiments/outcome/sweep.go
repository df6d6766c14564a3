package outcome

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"cnnlab/experiments/report/chart"
	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/stats"
	"cnnlab/experiments/report/table"
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
// seeds; ties go to the lower val loss. It skips reference and every rate at which a
// seed diverged, and chooses none before every run has ended.
func (o *Outcome) Sweep(reference float64, referenceName string) Sweep {
	s := Sweep{Rates: o.Groups(ByRate), reference: reference, referenceName: referenceName, o: o}
	if o.Ended() {
		s.best = s.choose()
	}
	return s
}

func (s Sweep) choose() (best *Group) {
	for _, r := range s.Rates {
		if !r.Done() || r.LR == s.reference {
			continue
		}
		val, loss := stats.Mean(r.Val), stats.Mean(r.ValLoss)
		if best == nil || val > stats.Mean(best.Val) || val == stats.Mean(best.Val) && loss < stats.Mean(best.ValLoss) {
			best = r
		}
	}
	return best
}

// Choice returns chosen.json with the chosen rate. If none is chosen, an earlier
// chosen.json is removed, with one exception: while runs have not ended, a file of the
// same plan stays, because another process that saw all of them end wrote it.
func (s Sweep) Choice() []File {
	if s.best == nil {
		c, err := runs.ReadChoice(filepath.Join(s.o.dir, runs.ChoiceName))
		if err == nil && !s.o.Ended() && slices.Equal(c.Plan(), s.plan()) {
			return nil
		}
		return []File{{Name: runs.ChoiceName}}
	}
	c := runs.Choice{LR: s.best.LR, ValAccuracy: stats.Mean(s.best.Val), Config: s.best.Runs[0].Config, Dataset: s.o.Dataset.SHA256}
	for _, row := range s.o.Runs {
		if row.LR == s.best.LR {
			c.Runs = append(c.Runs, row.Run)
		} else {
			c.Against = append(c.Against, row.Run)
		}
	}
	return []File{{runs.ChoiceName, c.Write}}
}

func (s Sweep) plan() []string {
	var ids []string
	for _, row := range s.o.Runs {
		ids = append(ids, row.Run)
	}
	slices.Sort(ids)
	return ids
}

// Text says which rate is chosen, or why none is.
func (s Sweep) Text() string {
	switch {
	case s.best != nil:
		return fmt.Sprintf("Chosen on val: learning rate %s.", runs.FormatRate(s.best.LR))
	case !s.o.Ended():
		return "No rate is chosen yet: not every run has ended."
	case slices.ContainsFunc(s.Rates, (*Group).Done):
		return fmt.Sprintf("No rate is chosen: every rate except %s, %s, diverged.", runs.FormatRate(s.reference), s.referenceName)
	}
	return "No rate is chosen: at every rate, a run diverged."
}

// Result returns the chosen rate and its test accuracy, in one line.
func (s Sweep) Result() string {
	if s.best == nil {
		return ""
	}
	return fmt.Sprintf("learning rate %s chosen: test %s", runs.FormatRate(s.best.LR), meanSD(s.best.Test))
}

// Table returns a table with a line for each rate.
func (s Sweep) Table() table.Table {
	t := table.Table{Columns: []table.Column{
		{Name: "learning rate", Right: true}, {Name: "data set"}, {Name: "runs", Right: true}, {Name: "training error", Right: true},
		{Name: "val accuracy", Right: true}, {Name: "test accuracy", Right: true}, {Name: "status"}, {Name: "note"},
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
			meanSD(r.trainError()), meanSD(r.Val), meanSD(r.Test), r.Status(), note})
	}
	return t
}

// ErrorPerIteration plots the classification error of each rate over the iterations.
func (s Sweep) ErrorPerIteration() Figure {
	f := s.perIteration(func(_, err []float64) []float64 { return err })
	f.Title, f.YLabel, f.YMax, f.Percent = "Classification error per iteration on "+s.o.Dataset.Name, "batch error", new(1.0), true
	return Figure{"error-per-iteration", f}
}

// LossPerIteration plots the training loss of each rate over the iterations.
func (s Sweep) LossPerIteration() Figure {
	f := s.perIteration(func(loss, _ []float64) []float64 { return loss })
	f.Title, f.YLabel, f.YMax = "Training loss per iteration on "+s.o.Dataset.Name, "training loss (cross-entropy, nats)", new(5.0)
	return Figure{"loss-per-iteration", f}
}

// perIteration draws a curve for each rate. Good rates end close together; only a log
// axis separates them.
func (s Sweep) perIteration(of func(loss, err []float64) []float64) chart.Figure {
	f := chart.Figure{XLabel: "iteration (step)", LogY: true, Ordered: true, Legend: "learning rate", Footnote: curvesNote(s.Rates, "")}
	for _, r := range s.Rates {
		step, loss, err := s.o.iterations(r)
		f.Series = append(f.Series, r.mark(chart.Series{Name: s.name(r), X: step, Y: of(loss, err),
			Smooth: max(5, len(step)/20), Dashed: r.LR == s.reference}))
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
		case r.Diverged() > 0:
			f.Notes = append(f.Notes, chart.Note{X: r.LR, Y: math.NaN(), Text: r.Status()})
		case r.LR == s.reference:
			f.Notes = append(f.Notes, chart.Note{X: r.LR, Y: stats.Mean(r.Val), Text: s.referenceName})
		}
	}
	f.Series = []chart.Series{val, test}
	return Figure{"accuracy-by-rate", f}
}
