package outcome

import (
	"math"
	"strings"
	"testing"

	"cnnlab/experiments/report/runs"
)

// TestTheRampFindsTheLowestLoss gives losses that fall until rate 0.1 and then explode, or
// end as NaN.
func TestTheRampFindsTheLowestLoss(t *testing.T) {
	o := &Outcome{Dataset: Dataset{Name: "mnist"}, steps: make(map[string][]runs.StepRow)}
	for seed, last := range []float64{1, math.NaN()} {
		id := string(rune('a' + seed))
		o.Runs = append(o.Runs, runs.RunRow{Run: id, Config: runs.Config{Seed: uint64(seed)}})
		for step := range 2000 {
			rate := math.Pow(10, -5+5*float64(step)/1999)
			loss := 2.3 - 0.5*(math.Log10(rate)+5)
			if rate > 0.1 {
				loss = 0.3 * math.Exp(40*(rate-0.1)) * last
			}
			o.steps[id] = append(o.steps[id], runs.StepRow{Run: id, Step: step + 1, LR: rate, TrainLoss: loss})
		}
	}
	r := o.Ramp()
	for i, test := range r.tests {
		lowest := test.rates[test.lowest]
		if lowest < 0.09 || lowest > 0.2 || !test.blown || test.rates[len(test.rates)-1] > 0.5 {
			t.Errorf("seed %d: lowest at %v, blown up %v at %v", i, lowest, test.blown, test.rates[len(test.rates)-1])
		}
	}
	if v := r.Suggestion(); v < 0.009 || v > 0.02 {
		t.Errorf("suggested %v, want about 0.01", v)
	}
	if !strings.Contains(r.Answer(), "Try learning rate 0.01") || len(r.Table().Rows) != 2 {
		t.Errorf("%s", r.Answer())
	}
	empty := (&Outcome{Runs: []runs.RunRow{{Run: "x"}}}).Ramp()
	if empty.Answer() != "" || empty.Table().Rows[0][2] != "–" {
		t.Errorf("nothing trained: %q", empty.Answer())
	}
	empty.Figure() // draws nothing, and does not panic
	for v, want := range map[float64]float64{0.01234: 0.012, 0.996: 1, 3.14e-5: 3.1e-5} {
		if got := twoDigits(v); math.Abs(got-want) > 1e-12 {
			t.Errorf("two digits of %v are %v, want %v", v, got, want)
		}
	}
}
