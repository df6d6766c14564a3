package suite

import (
	"testing"
	"time"
)

// TestAClockLeavesOutPausesAndNothingElse: a machine too busy to read the clock is no pause.
func TestAClockLeavesOutPausesAndNothingElse(t *testing.T) {
	var wall, cpu time.Duration
	c := &clock{read: func() (time.Duration, time.Duration) { return wall, cpu }}
	for _, step := range []struct {
		what           string
		wall, cpu, add time.Duration
	}{
		{"a step", 40 * time.Millisecond, 40 * time.Millisecond, 40 * time.Millisecond},
		{"a wait for the disk", 900 * time.Millisecond, 0, 900 * time.Millisecond},
		{"Ctrl-Z", 10 * time.Second, 50 * time.Millisecond, 0},
		{"a step of seconds on one core", 10 * time.Second, 9 * time.Second, 10 * time.Second},
		{"a step of seconds on two cores that others use too", 10 * time.Second, 6 * time.Second, 10 * time.Second},
	} {
		before := c.now()
		wall, cpu = wall+step.wall, cpu+step.cpu
		if got := c.now() - before; got != step.add {
			t.Errorf("%s: %v, want %v", step.what, got, step.add)
		}
	}
}
