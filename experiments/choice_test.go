package experiments

import (
	"slices"
	"testing"

	"cnnlab/experiments/report"
)

// swept is what a sweep found at a rate, a run for each val accuracy.
func swept(lr, valLoss float64, val ...float64) *group {
	r := &group{LR: lr}
	for _, v := range val {
		r.Runs = append(r.Runs, report.RunRow{Status: report.StatusDone})
		r.Val, r.ValLoss, r.Test = append(r.Val, v), append(r.ValLoss, valLoss), append(r.Test, 1-v)
	}
	return r
}

func TestTheBestRateIsChosenOnVal(t *testing.T) {
	broken := swept(0.1, 0, 0.99)
	broken.Runs = append(broken.Runs, report.RunRow{Status: report.StatusDiverged})
	for name, c := range map[string]struct {
		rates []*group
		want  float64
	}{
		"the highest mean":         {[]*group{swept(0.01, 0, 0.90, 0.96), swept(0.03, 0, 0.94, 0.94), swept(0.1, 0, 0.99, 0.80)}, 0.03},
		"a tie by val loss":        {[]*group{swept(0.01, 0.3, 0.9), swept(0.03, 0.2, 0.9), swept(0.1, 0.4, 0.9)}, 0.03},
		"not Gorgonia's default":   {[]*group{swept(gorgoniaRate, 0, 0.99), swept(0.03, 0, 0.9)}, 0.03},
		"not with a diverged seed": {[]*group{broken, swept(0.03, 0, 0.9)}, 0.03},
		"none":                     {[]*group{broken, swept(gorgoniaRate, 0, 0.9)}, 0},
	} {
		got := 0.0
		if best := choose(c.rates); best != nil {
			got = best.LR
		}
		if got != c.want {
			t.Errorf("%s: chose %v, want %v", name, got, c.want)
		}
	}
}

func TestMeanCurveEndsWithTheShortest(t *testing.T) {
	got := meanCurve([][]float64{{1, 2, 3}, {3, 4}})
	if !slices.Equal(got, []float64{2, 3}) || meanCurve(nil) != nil {
		t.Errorf("%v", got)
	}
}
