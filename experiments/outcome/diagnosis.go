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

// The limits of the diagnosis, set by eye on the reference runs.
const (
	memorized = 0.995 // train accuracy from which a network has learned nearly all its training images
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
		lines = append(lines, "- val loss still falling in the last epoch: "+text.List(improving)+". More epochs may lower it further.")
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
		return fmt.Sprintf("diverged at step %s; learning rate %s is probably too high.", steps[0], runs.FormatRate(g.LR))
	}
	at := "step " + text.List(steps)
	if len(steps) > 1 {
		at = "steps " + text.List(steps)
	}
	return fmt.Sprintf("%d of %d runs diverged, at %s; learning rate %s is probably too high.", len(steps), len(g.Runs), at, runs.FormatRate(g.LR))
}

// guesses finds runs that are at chance at the end.
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
	who, advice := "at chance at the end", "Try a lower learning rate or, if the loss is still falling, train longer."
	if g.count(runs.StatusDiverged) > 0 {
		advice = fmt.Sprintf("Learning rate %s is probably too high.", runs.FormatRate(g.LR))
	}
	if len(g.Runs) > 1 {
		who = fmt.Sprintf("%d of %d runs are at chance at the end", g.unlearned, len(g.Runs))
	}
	return fmt.Sprintf("%s: the train loss after the last epoch, %s, is no better than that of guessing among %d classes, ln %d = %.3f. %s",
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
		what = "overfits and has learned nearly all its training images"
	}
	return fmt.Sprintf("%s: train accuracy %.1f %%, val accuracy %.1f %%; val loss lowest at epoch %.0f (%.3g), on average %.3g over the last %d epochs. "+
		"Regularization or augmentation may help. Stopping earlier would lower the val loss, but not necessarily raise the accuracy.",
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
	return text.List(found) + " never fire on the training images that are scored. A lower learning rate may leave fewer dead."
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
			names = append(names, fmt.Sprintf("%s (%.3g → %.3g)", g.Name, loss.Y[last-1], loss.Y[last]))
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
		untold = append(untold, fmt.Sprintf("%s and %s cannot be told apart in accuracy with %d seeds.", a.groups[i].Name, c.rows[0].Against, len(c.rows)))
		_, comparisons := a.seeds()
		n := stats.SeedsNeeded(differences, 0.05/float64(comparisons))
		if n <= len(c.rows) {
			continue
		}
		seeds := "more than 1,000 seeds"
		if n <= 1000 {
			seeds = fmt.Sprintf("about %d seeds", n)
		}
		untold[len(untold)-1] += fmt.Sprintf(" If the true difference were the measured %s points, with the measured spread, %s would show it with a probability of 80 %%; this is a rough guide.",
			signed(100*c.accuracy.Mean, 2), seeds)
	}
	return untold
}
