package outcome

import (
	"fmt"
	"math"
	"strings"

	"cnnlab/experiments/report/chart"
	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/stats"
	"cnnlab/experiments/report/text"
)

// The limits of the diagnosis. On the reference runs no rule fires wrongly.
const (
	memorized = 0.995 // train accuracy from which a network knows its training images
	overfit   = 0.03  // gap between train and val accuracy from which a network overfits
	rising    = 1.1   // val loss at the end, divided by its lowest, from which it is rising
	gaining   = 0.01  // share of the val loss that the last epoch gains if it is falling
	deadShare = 0.2   // share of a layer's units that never fire from which it is named
	settled   = 3     // epochs at the end over which the val loss is averaged
)

// Diagnosis says in plain words what the curves of the groups show, with the figures it
// rests on and what to try, and adds the given findings. It is empty if there is nothing
// to say.
func (o *Outcome) Diagnosis(groups []*Group, more ...string) string {
	var lines []string
	for _, g := range groups {
		for _, finding := range []string{o.diverged(g), o.guesses(g), o.overfits(g), o.dead(g)} {
			if finding != "" {
				lines = append(lines, "- "+g.Name+": "+finding)
			}
		}
	}
	if improving := o.improving(groups); improving != nil {
		lines = append(lines, "- still improving in the last epoch, by the val loss: "+text.List(improving)+". More epochs may help.")
	}
	for _, finding := range more {
		lines = append(lines, "- "+finding)
	}
	if lines == nil {
		return ""
	}
	return "Diagnosis:\n\n" + strings.Join(lines, "\n")
}

// diverged finds runs that diverged.
func (o *Outcome) diverged(g *Group) string {
	var steps []string
	for _, row := range g.Runs {
		if made := o.steps[row.Run]; row.Status == runs.StatusDiverged && len(made) > 0 {
			steps = append(steps, fmt.Sprint(made[len(made)-1].Step))
		}
	}
	switch {
	case steps == nil:
		return ""
	case len(g.Runs) == 1:
		return fmt.Sprintf("diverged at step %s; learning rate %s is too high here.", steps[0], runs.FormatRate(g.LR))
	}
	return fmt.Sprintf("%d of %d runs diverged, at step %s; learning rate %s is too high here.",
		len(steps), len(g.Runs), text.List(steps), runs.FormatRate(g.LR))
}

// guesses finds runs that learned nothing.
func (o *Outcome) guesses(g *Group) string {
	if g.unlearned == 0 {
		return ""
	}
	var losses []string
	for _, row := range g.Runs {
		if rows := o.epochs[row.Run]; row.Status == runs.StatusDone && o.unlearned(row.Run) {
			losses = append(losses, fmt.Sprintf("%.3f", rows[len(rows)-1].TrainLoss))
		}
	}
	classes := len(o.Dataset.Classes)
	who, advice := "did not learn", "Train longer, or try another learning rate."
	if g.count(runs.StatusDiverged) > 0 {
		advice = fmt.Sprintf("Learning rate %s is too high here.", runs.FormatRate(g.LR))
	}
	if len(g.Runs) > 1 {
		who = fmt.Sprintf("%d of %d runs did not learn", g.unlearned, len(g.Runs))
	}
	return fmt.Sprintf("%s: the training loss at the end, %s, is that of guessing among %d classes, ln %d = %.3f. %s",
		who, text.List(losses), classes, classes, math.Log(float64(classes)), advice)
}

// overfits finds a val loss that rises while the training images are learned further.
func (o *Outcome) overfits(g *Group) string {
	loss := o.epochCurve(g, func(row runs.EpochRow) float64 { return row.ValLoss })
	if !g.Done() || len(loss.Y) <= settled {
		return ""
	}
	lowest, end := lowest(loss), stats.Mean(loss.Y[len(loss.Y)-settled:])
	train, val := stats.Mean(g.Train), stats.Mean(g.Val)
	if lowest >= len(loss.Y)-settled || end < rising*loss.Y[lowest] || train < memorized && train-val < overfit {
		return ""
	}
	what := "overfits"
	if train >= memorized {
		what = "memorizes its training images"
	}
	return fmt.Sprintf("%s: train accuracy %.1f %%, val accuracy %.1f %%, val loss rising since epoch %.0f (from %.3g to %.3g, the mean of the last %d epochs). Regularize, augment, or stop earlier.",
		what, 100*train, 100*val, loss.X[lowest], loss.Y[lowest], end, settled)
}

// dead finds layers of which many units never fire.
func (o *Outcome) dead(g *Group) string {
	shares := make(map[string][]float64) // by layer, of each run after its last epoch
	var names []string
	for _, run := range g.Runs {
		rows := o.layers[run.Run]
		for _, row := range rows {
			if row.Dead == nil || row.Epoch != rows[len(rows)-1].Epoch {
				continue
			}
			if shares[row.Layer] == nil {
				names = append(names, row.Layer)
			}
			shares[row.Layer] = append(shares[row.Layer], *row.Dead)
		}
	}
	var found []string
	for _, layer := range names {
		if share := stats.Mean(shares[layer]); share >= deadShare {
			found = append(found, fmt.Sprintf("%.0f %% of the units of %s", 100*share, layer))
		}
	}
	if found == nil {
		return ""
	}
	return text.List(found) + " never fire on the first training images. A lower learning rate keeps more of them alive."
}

// improving names the groups whose val loss is still falling at the end, at a constant
// rate; a schedule makes it fall there by design.
func (o *Outcome) improving(groups []*Group) (names []string) {
	for _, g := range groups {
		loss := o.epochCurve(g, func(row runs.EpochRow) float64 { return row.ValLoss })
		last := len(loss.Y) - 1
		if !g.Done() || last < 1 || g.unlearned > 0 || g.Runs[0].Schedule != "constant" {
			continue
		}
		if lowest(loss) == last && loss.Y[last] < (1-gaining)*loss.Y[last-1] {
			names = append(names, fmt.Sprintf("%s (from %.3g to %.3g)", g.Name, loss.Y[last-1], loss.Y[last]))
		}
	}
	return names
}

// lowest returns the index of the lowest value of a curve.
func lowest(s chart.Series) int {
	best := 0
	for i, v := range s.Y {
		if v < s.Y[best] {
			best = i
		}
	}
	return best
}

// Untold names the comparisons in which the recipes cannot be told apart in accuracy,
// and how many seeds it would take if the differences and their spread stay as they are.
func (a Accuracies) Untold() (untold []string) {
	for i, c := range a.comparisons {
		if !(c.accuracyHolm >= 0.05) {
			continue
		}
		var differences []float64
		for _, row := range c.rows {
			differences = append(differences, row.TestAccuracy-row.AgainstTestAccuracy)
		}
		seeds := "more than 1,000 seeds"
		if n := stats.SeedsNeeded(differences); n <= 1000 {
			seeds = fmt.Sprintf("about %d seeds", n)
		}
		untold = append(untold, fmt.Sprintf("%s and %s cannot be told apart in accuracy with %d seeds; if the difference of %s points and its spread are real, %s would tell.",
			a.groups[i].Name, c.rows[0].Against, len(c.rows), signed(100*c.accuracy.Mean, 2), seeds))
	}
	return untold
}
