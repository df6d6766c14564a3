package experiments

import (
	"fmt"

	"cnnlab/experiments/report"
)

// meaningOfP is said below a table with differences.
const meaningOfP = "p is that of McNemar's exact test on the predictions of the two runs of a seed; of several seeds, which share\n" +
	"their test images, twice the median. It speaks of the difference of these runs on images like these, and is not\n" +
	"corrected for several comparisons."

// compareTo adds to row what McNemar's test says of the predictions of g against
// those of other with the same seeds. Both have to be done.
func (o *Outcome) compareTo(other, g *group, row *testAccuracyRow) error {
	if !other.done() || !g.done() {
		return nil
	}
	onlyOther, onlyThis := 0, 0
	var ps []float64
	for _, a := range other.Runs {
		for _, b := range g.Runs {
			if a.Seed != b.Seed {
				continue
			}
			pa, err := o.predictions(a.Run)
			if err != nil {
				return err
			}
			pb, err := o.predictions(b.Run)
			if err != nil {
				return err
			}
			onlyA, onlyB, p, err := report.McNemar(pa, pb)
			if err != nil {
				return err
			}
			onlyOther, onlyThis, ps = onlyOther+onlyA, onlyThis+onlyB, append(ps, p)
		}
	}
	p := report.CombineP(ps)
	row.OnlyFirst, row.OnlyThis, row.P = &onlyOther, &onlyThis, &p
	row.Verdict = "may be chance"
	if p < 0.05 {
		row.Verdict = "p < 0.05"
	}
	return nil
}

// difference is the cell of a table.
func (r testAccuracyRow) difference() string {
	switch {
	case r.P == nil:
		return ""
	case *r.P < 0.05:
		return fmt.Sprintf("p = %.2g < 0.05", *r.P)
	}
	return fmt.Sprintf("p = %.2g, may be chance", *r.P)
}
