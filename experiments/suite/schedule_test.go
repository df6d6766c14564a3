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
		{"one-cycle", 1, 101, 0.016}, {"one-cycle", 16, 101, 0.208}, {"one-cycle", 31, 101, 0.4},
		{"one-cycle", 66, 101, 0.2000008}, {"one-cycle", 101, 101, 0.0000016}, {"one-cycle", 1, 1, 0.016},
	} {
		if got := schedules[c.schedule](0.4, c.step, c.steps); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s, step %d of %d: %v, want %v", c.schedule, c.step, c.steps, got, c.want)
		}
	}
}
