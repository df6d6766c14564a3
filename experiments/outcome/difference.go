package outcome

import (
	"fmt"
	"math"
	"strings"

	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/stats"
)

// Versus says what each variant is compared with.
type Versus int

// Each variant is compared with nothing, with the first one at its learning rate, or
// with the one before it.
const (
	Nothing Versus = iota
	First
	Before
)

// DifferenceRow is one line of differences.csv: one variant and the one it is compared
// with, both trained with the same seed and scored on the same test images. From these
// lines every difference, interval and p in test-accuracy.csv can be computed again.
type DifferenceRow struct {
	Variant             string  `csv:"variant"`
	Against             string  `csv:"against"`
	Seed                uint64  `csv:"seed"`
	TestAccuracy        float64 `csv:"test_accuracy"`
	AgainstTestAccuracy float64 `csv:"against_test_accuracy"`
	TestLoss            float64 `csv:"test_loss"`
	AgainstTestLoss     float64 `csv:"against_test_loss"`
	OnlyAgainst         int     `csv:"only_against"` // test images that only the other network gets right
	OnlyThis            int     `csv:"only_this"`    // test images that only this network gets right
	P                   float64 `csv:"mcnemar_p"`    // whether these two trained networks differ on images like these
}

// comparison is a variant against another: their differences, seed by seed, and what
// these say about the recipes.
type comparison struct {
	rows                   []DifferenceRow // one for each seed that both have; none: nothing is compared
	accuracy, loss         stats.Difference
	accuracyHolm, lossHolm float64 // p, corrected for the comparisons of the table
}

// compare pairs the runs of g with those of other that have the same seed. Both are
// done.
func (o *Outcome) compare(other, g *Group) comparison {
	var c comparison
	var accuracy, loss []float64
	for _, a := range other.Runs {
		for _, b := range g.Runs {
			if a.Seed != b.Seed {
				continue
			}
			pa, pb := o.predictions[a.Run], o.predictions[b.Run]
			onlyA, onlyB, p := stats.McNemar(pa.labels, pa.classes, pb.classes)
			c.rows = append(c.rows, DifferenceRow{
				Variant: g.Name, Against: other.Name, Seed: b.Seed,
				TestAccuracy: *b.TestAccuracy, AgainstTestAccuracy: *a.TestAccuracy,
				TestLoss: *b.TestLoss, AgainstTestLoss: *a.TestLoss,
				OnlyAgainst: onlyA, OnlyThis: onlyB, P: p,
			})
			accuracy = append(accuracy, *b.TestAccuracy-*a.TestAccuracy)
			loss = append(loss, *b.TestLoss-*a.TestLoss)
		}
	}
	c.accuracy, c.loss = stats.PairedT(accuracy), stats.PairedT(loss)
	return c
}

// correct applies Holm's correction to the comparisons of one table, to accuracy and
// loss separately.
func correct(all []comparison) {
	var accuracy, loss []float64
	for _, c := range all {
		accuracy, loss = append(accuracy, c.accuracy.P), append(loss, c.loss.P)
	}
	accuracy, loss = stats.Holm(accuracy), stats.Holm(loss)
	for i := range all {
		all[i].accuracyHolm, all[i].lossHolm = accuracy[i], loss[i]
	}
}

// write fills the columns of test-accuracy.csv that compare.
func (c comparison) write(row *AccuracyRow) {
	if c.rows == nil {
		return
	}
	onlyAgainst, onlyThis := 0, 0
	var ps []float64
	for _, d := range c.rows {
		onlyAgainst, onlyThis, ps = onlyAgainst+d.OnlyAgainst, onlyThis+d.OnlyThis, append(ps, d.P)
	}
	row.OnlyFirst, row.OnlyThis, row.P = &onlyAgainst, &onlyThis, runs.Finite(stats.CombineP(ps))
	row.Verdict = c.verdict()
	if len(c.rows) < 2 {
		return
	}
	row.Accuracy, row.Loss = differenceCells(c.accuracy, c.accuracyHolm), differenceCells(c.loss, c.lossHolm)
}

func differenceCells(d stats.Difference, holm float64) MeanDifference {
	return MeanDifference{runs.Finite(d.Mean), runs.Finite(d.Low), runs.Finite(d.High), runs.Finite(d.P), runs.Finite(holm)}
}

// verdict says of accuracy and loss whether the recipes differ.
func (c comparison) verdict() string {
	if len(c.rows) < 2 {
		return "one seed: no verdict"
	}
	word := func(p float64) string {
		switch {
		case math.IsNaN(p):
			return "same difference at every seed, no test"
		case p < 0.05:
			return "differs (corrected p < 0.05)"
		}
		return "may be chance (corrected p ≥ 0.05)"
	}
	return fmt.Sprintf("accuracy: %s; loss: %s", word(c.accuracyHolm), word(c.lossHolm))
}

// accuracyText returns the difference in accuracy, such as
// "+3.78 [+3.11, +4.45] points, p = 0.002".
func (c comparison) accuracyText() string {
	return differenceText(c, c.accuracy, c.accuracyHolm, 100, 2, " points")
}

// lossText returns the difference in loss, such as "−0.0123 [−0.0201, −0.0045], p = 0.02".
func (c comparison) lossText() string { return differenceText(c, c.loss, c.lossHolm, 1, 4, "") }

func differenceText(c comparison, d stats.Difference, p, scale float64, digits int, unit string) string {
	number := func(v float64) string { return signed(scale*v, digits) }
	switch {
	case c.rows == nil:
		return ""
	case len(c.rows) == 1:
		return number(d.Mean) + unit + ", one seed"
	case math.IsNaN(p):
		return number(d.Mean) + unit + " at every seed"
	}
	return fmt.Sprintf("%s [%s, %s]%s, %s", number(d.Mean), number(d.Low), number(d.High), unit, probability(p))
}

// signed formats v with its sign; a minus is as wide as a plus.
func signed(v float64, digits int) string {
	s := fmt.Sprintf("%+.*f", digits, v)
	switch {
	case strings.Trim(s[1:], "0.") == "": // neither +0 nor −0
		return s[1:]
	case s[0] == '-':
		return "−" + s[1:]
	}
	return s
}

// probability formats a p-value with two digits: "p = 0.0023", "p < 0.0001".
func probability(p float64) string {
	switch {
	case p < 1e-4:
		return "p < 0.0001"
	case p >= 0.1:
		return fmt.Sprintf("p = %.2f", p)
	}
	return fmt.Sprintf("p = %.2g", p)
}
