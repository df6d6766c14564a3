package experiments

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cnnlab/experiments/report"
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
	if err != nil || statuses[0] != report.StatusInterrupted {
		t.Fatalf("stopped after %d steps: %v, %v", k, statuses, err)
	}
}

// oneRun is a sweep of one run of 24 steps.
func oneRun(t *testing.T, set ...func(c *Config)) *study {
	t.Helper()
	return small(t, Options{Rates: []float64{0.02}, Override: set})
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
	} {
		end := (*study).finish
		if i > 0 {
			end = (*study).trained
		}
		want, chain := end(oneRun(t, set), t), oneRun(t, set)
		steps := chain.plan[0].steps() // 12
		for k := 1; k <= steps; k++ {
			s := oneRun(t, set)
			s.CheckpointEvery = k % 4
			s.stopAfter(t, k)
			wantFiles(t, fmt.Sprintf("setting %d, stopped after step %d", i, k), want, end(s, t))
			chain.stopAfter(t, 1)
			continued += 2
		}
		wantFiles(t, fmt.Sprintf("setting %d, stopped after every step", i), want, end(chain, t))
	}
	t.Logf("%-44s %6d tried, 0 lost, 0 wrong", "runs stopped after a step and continued", continued)
}

// TestACheckpointThatIsBadIsNotUsed damages the last checkpoint, or both, or the
// rows that they count; the run ends as the unbroken one all the same.
func TestACheckpointThatIsBadIsNotUsed(t *testing.T) {
	want := oneRun(t).finish(t)
	last, previous := report.CheckpointName, "checkpoint.previous.safetensors"
	flip := func(t *testing.T, path string) { change(t, path, func(b []byte) []byte { b[len(b)/2] ^= 4; return b }) }
	for name, c := range map[string]struct {
		damage func(t *testing.T, dir string)
		says   []string
		from   int // step that it continues from
	}{
		"bit flipped": {func(t *testing.T, dir string) { flip(t, filepath.Join(dir, last)) }, []string{last, "truncated or changed"}, 12},
		"truncated":   {func(t *testing.T, dir string) { cutFile(t, filepath.Join(dir, last)) }, []string{last, "truncated or changed"}, 12},
		"gone":        {func(t *testing.T, dir string) { remove(t, filepath.Join(dir, last)) }, nil, 12},
		"a directory": {func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, last))
			mkdir(t, filepath.Join(dir, last, "x"))
		}, []string{last, "want a regular file"}, 0},
		"previous gone": {func(t *testing.T, dir string) { remove(t, filepath.Join(dir, previous)) }, nil, 17},
		"both": {func(t *testing.T, dir string) {
			flip(t, filepath.Join(dir, last))
			flip(t, filepath.Join(dir, previous))
		}, []string{last, previous, "truncated or changed"}, 0},
		"a row changed": {func(t *testing.T, dir string) {
			change(t, filepath.Join(dir, "steps.csv"), func(b []byte) []byte { b[len(b)-9] ^= 1; return b })
		}, []string{last, "steps.csv: its first"}, 12},
		"rows lost": {func(t *testing.T, dir string) { cutFile(t, filepath.Join(dir, "steps.csv")) }, []string{last, previous, "steps.csv: its first"}, 0},
		"rows too many": {func(t *testing.T, dir string) {
			change(t, filepath.Join(dir, "steps.csv"), func(b []byte) []byte { return append(b, "lr0.02,18,2,"...) })
		}, nil, 17},
		"no epochs":      {func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "epochs.csv")) }, []string{"epochs.csv"}, 0},
		"record is gone": {func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "run.json")) }, nil, 17},
		"record is empty": {func(t *testing.T, dir string) {
			change(t, filepath.Join(dir, "run.json"), func([]byte) []byte { return nil })
		}, []string{"run.json: empty", "written anew"}, 17},
	} {
		s := oneRun(t)
		s.stopAfter(t, 17) // after the checkpoint of the first epoch, step 12
		c.damage(t, report.RunDir(s.dir, s.plan[0].ID))
		var said bytes.Buffer
		s.stderr, s.Quiet = &said, false
		if name == "a directory" { // its place cannot be taken: the run fails, and stays
			if _, err := s.train(context.Background(), s.plan); err == nil || !strings.Contains(err.Error(), last) {
				t.Errorf("%s: error %v", name, err)
			}
			continue
		}
		wantFiles(t, name, want, s.finish(t))
		for _, text := range c.says {
			if !strings.Contains(said.String(), text) {
				t.Errorf("%s: no %q is said, but\n%s", name, text, &said)
			}
		}
		if from := fmt.Sprintf("continues after step %d", c.from); strings.Contains(said.String(), from) != (c.from > 0) {
			t.Errorf("%s: %q is said: %v\n%s", name, from, c.from == 0, &said)
		}
	}
}

// TestACheckpointOfAnotherRunOrKernelStopsTheRun leaves the run as it is.
func TestACheckpointOfAnotherRunOrKernelStopsTheRun(t *testing.T) {
	s := oneRun(t)
	s.stopAfter(t, 3)
	path := filepath.Join(report.RunDir(s.dir, s.plan[0].ID), report.CheckpointName)
	mine, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := oneRun(t, func(c *Config) { c.Seed = 2 })
	other.stopAfter(t, 3)
	theirs, err := os.ReadFile(filepath.Join(report.RunDir(other.dir, other.plan[0].ID), report.CheckpointName))
	if err != nil {
		t.Fatal(err)
	}
	change(t, path, func([]byte) []byte { return theirs })
	if _, err := s.train(context.Background(), s.plan); err == nil || !strings.Contains(err.Error(), "of another run") || !strings.Contains(err.Error(), "-fresh") {
		t.Errorf("another run's checkpoint: error %v", err)
	}
	change(t, path, func([]byte) []byte { return mine })
	want := oneRun(t).finish(t)
	wantFiles(t, "with its own checkpoint again", want, s.finish(t))
}

// change rewrites a file.
func change(t *testing.T, path string, f func(b []byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, f(b), 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func cutFile(t *testing.T, path string) {
	t.Helper()
	change(t, path, func(b []byte) []byte { return b[:len(b)/3] })
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o777); err != nil {
		t.Fatal(err)
	}
}
