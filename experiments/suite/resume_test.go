package suite

import (
	"context"
	"fmt"
	"testing"

	"cnnlab/data/durable/durabletest"
	"cnnlab/experiments/report/runs"
)

// stopping is a context that is asked to stop while a run makes its k-th step:
// train looks at it once before a run and once after each step.
type stopping struct {
	context.Context
	k, looks int
}

func (s *stopping) Err() error {
	if s.looks++; s.looks > s.k {
		return context.Canceled
	}
	return nil
}

// stopAfter trains the only run of the plan until it has made k steps in this
// process, and wants it interrupted.
func (s *study) stopAfter(t *testing.T, k int) {
	t.Helper()
	statuses, err := s.train(&stopping{Context: context.Background(), k: k}, s.plan)
	if err != nil || statuses[0] != runs.StatusInterrupted {
		t.Fatalf("stopped after %d steps: %v, %v", k, statuses, err)
	}
}

// oneRun is a sweep of one run of 24 steps.
func oneRun(t *testing.T, set ...func(c *Config)) *study {
	t.Helper()
	return small(t, Options{Rates: []float64{0.02}}, set...)
}

// TestAContinuedRunEqualsTheUnbrokenOneAtEveryStep stops a run after each of its
// steps and continues it, and once stops it after each step in turn. The report
// with its pictures is compared in the first setting.
func TestAContinuedRunEqualsTheUnbrokenOneAtEveryStep(t *testing.T) {
	continued := 0
	for i, set := range []func(c *Config){
		func(c *Config) { c.Batch = 60 },
		func(c *Config) { c.Batch, c.Ops = 60, "gorgonia" },
		func(c *Config) {
			c.Batch, c.Solver, c.Schedule, c.WeightDecay = 70, "adam", "cosine", 1e-3
			c.Dropout, c.ConvDropout, c.Augment = 0.3, 0.1, true
		},
		func(c *Config) { c.Batch, c.Shuffle = 70, false },
		func(c *Config) { c.Batch, c.EMA, c.Dropout = 60, 0.9, 0.3 },
	} {
		end := (*study).finish
		if i > 0 || testing.Short() {
			end = (*study).trained
		}
		if testing.Short() && i > 0 {
			break
		}
		one := func() *study {
			s := oneRun(t, set)
			s.opts.Snapshots = i%2 == 0
			return s
		}
		want, chain := end(one(), t), one()
		steps := chain.plan[0].steps() // 12
		for k := 1; k <= steps; k++ {
			s := one()
			s.opts.CheckpointEvery = k % 4
			s.stopAfter(t, k)
			wantFiles(t, fmt.Sprintf("setting %d, stopped after step %d", i, k), want, end(s, t))
			chain.stopAfter(t, 1)
			continued += 2
		}
		wantFiles(t, fmt.Sprintf("setting %d, stopped after every step", i), want, end(chain, t))
	}
	durabletest.Survived(t, "stopped after step k and continued, every k", continued)
}
