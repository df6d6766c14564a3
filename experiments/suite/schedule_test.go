package suite

import (
	"math"
	"testing"
)

// The expected values are worked by hand: cos 0 = 1, cos π/2 = 0, cos π = -1.
func TestSchedulesFollowTheirCurves(t *testing.T) {
	for _, c := range []struct {
		schedule    string
		step, steps int
		want        float64
	}{
		{"constant", 1, 100, 0.4}, {"constant", 100, 100, 0.4},
		// 5 steps of warm-up, then 95 down: half way after 47.5
		{"cosine", 1, 100, 0.08}, {"cosine", 5, 100, 0.4}, {"cosine", 100, 100, 0},
		{"cosine", 10 + 95, 200, 0.2}, {"cosine", 1, 1, 0.4},
		// too short to rise
		{"one-cycle", 1, 1, 0.4}, {"one-cycle", 1, 2, 0.4}, {"one-cycle", 2, 2, 0.2000008}, {"one-cycle", 3, 3, 0.1000012},
	} {
		if got := schedules[c.schedule](0.4, c.step, c.steps); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s, step %d of %d: %v, want %v", c.schedule, c.step, c.steps, got, c.want)
		}
	}
}

// TestOneCycleIsPyTorchs: the rates of torch.optim.lr_scheduler.OneCycleLR(max_lr=0.4) in
// PyTorch 2.15, whose top lies at a step only if the steps are a multiple of ten.
func TestOneCycleIsPyTorchs(t *testing.T) {
	for _, want := range [][]float64{
		{0.016, 0.32469826158, 0.113224399283, 1.6e-06},
		{0.016, 0.380193852805, 0.244504808775, 0.0753033384201, 1.6e-06},
		{0.016, 0.208, 0.4, 0.380193852805, 0.32469826158, 0.244504808775, 0.155496791225, 0.0753033384201, 0.0198077471946, 1.6e-06},
		{0.016, 0.0252134833537, 0.051969680545, 0.0937006980589, 0.146401452195, 0.205014052111, 0.263913224748, 0.317446193577, 0.360475196962,
			0.388870578586, 0.3999071262, 0.398809437642, 0.394712107986, 0.387753508298, 0.37803589475, 0.365702067041, 0.350933269969,
			0.333946530049, 0.314991466321, 0.294346622215, 0.272315372377, 0.249221464592, 0.225404262335, 0.201213757849, 0.177005429025,
			0.153135015686, 0.129953292005, 0.107800911906, 0.0870034031784, 0.0678663838618, 0.0506710712129, 0.035670149235, 0.0230840555027,
			0.0130977418465, 0.0058579564972, 0.00147108763064, 1.6e-06},
	} {
		for i, rate := range want {
			if got := schedules["one-cycle"](0.4, i+1, len(want)); math.Abs(got-rate) > 1e-12 {
				t.Errorf("step %d of %d: %v, want %v", i+1, len(want), got, rate)
			}
		}
	}
	for step, rate := range map[int]float64{1: 0.002, 2: 0.0020000091436, 1800: 0.0259895251151, 3599: 0.0499999908564, 3600: 0.05,
		3601: 0.0499999982516, 8001: 0.0231225314678, 11999: 2.01748434809e-07, 12000: 2e-07} {
		if got := schedules["one-cycle"](0.05, step, 12000); math.Abs(got-rate) > 1e-12 {
			t.Errorf("step %d of 12000: %v, want %v", step, got, rate)
		}
	}
}
