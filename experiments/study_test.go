package experiments

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"cnnlab/data"
	"cnnlab/experiments/report"
)

// small is a sweep of a small network on few generated digits.
func small(t *testing.T, o Options) *study {
	t.Helper()
	o.Out = t.TempDir()
	return smallAt(o)
}

// smallAt is small with its results in o.Out.
func smallAt(o Options) *study {
	o.Experiment = lrSweep
	o.Seeds, o.Trial, o.Quiet = max(1, o.Seeds), -1, true
	o.Jobs = max(1, o.Jobs)
	o.Override = append([]func(c *Config){func(c *Config) {
		c.Channels, c.Hidden, c.Batch = []int{3, 4}, 8, 30
	}}, o.Override...)
	s := &study{Options: o, set: data.Digits(1, 400, 130), stderr: io.Discard, dir: filepath.Join(o.Out, "lr-sweep-digits")}
	s.plan = s.runs(lrSweep.Variants(o.config(), o.Rates))
	return s
}

// trained trains and returns what is in the results.
func (s *study) trained(t *testing.T) map[string]string {
	t.Helper()
	if _, err := s.train(context.Background(), s.plan); err != nil {
		t.Fatal(err)
	}
	return s.files(t)
}

// finish trains and reports, and returns what is in the results.
func (s *study) finish(t *testing.T) map[string]string {
	t.Helper()
	s.trained(t)
	if _, err := s.report(io.Discard); err != nil {
		t.Fatal(err)
	}
	return s.files(t)
}

// TestSameBitsWhateverTheCoresAndJobs compares every file but those with times.
func TestSameBitsWhateverTheCoresAndJobs(t *testing.T) {
	o := Options{Rates: []float64{0.01, 0.05}, Seeds: 2, Override: []func(c *Config){func(c *Config) { c.Dropout = 0.3 }}}
	first := small(t, o).finish(t)
	for _, c := range []struct{ procs, jobs int }{{1, 1}, {2, 2}, {3, 4}} {
		before := runtime.GOMAXPROCS(c.procs)
		o.Jobs = c.jobs
		again := small(t, o).finish(t)
		runtime.GOMAXPROCS(before)
		wantFiles(t, fmt.Sprintf("%d cores, %d jobs", c.procs, c.jobs), first, again)
	}
}

// TestEveryTestImageIsScoredOnce counts the score from predictions.csv; 130 is no
// multiple of the evaluator's batch. Dropout and augmentation are for training.
func TestEveryTestImageIsScoredOnce(t *testing.T) {
	s := small(t, Options{Rates: []float64{0.05}, Override: []func(c *Config){func(c *Config) {
		c.Dropout, c.ConvDropout, c.Augment = 0.5, 0.25, true
	}}})
	s.finish(t)
	dir := report.RunDir(s.dir, s.plan[0].ID)
	rows, err := report.ReadPredictions(filepath.Join(dir, "predictions.csv"))
	if err != nil || len(rows) != 130 {
		t.Fatal(len(rows), err)
	}
	correct := 0
	for i, row := range rows {
		if row.Index != i || row.Label != int(s.set.Test.Labels[i]) {
			t.Fatalf("row %d is %+v", i, row)
		}
		if row.Predicted == row.Label {
			correct++
		}
	}
	record, err := report.ReadRecord(dir)
	if err != nil || *record.Metrics.TestAccuracy != float64(correct)/130 {
		t.Errorf("test accuracy %v, by hand %d of 130; %v", record.Metrics.TestAccuracy, correct, err)
	}
}

// TestStepsAreCountedWithTheSmallerLastBatch has 360 images in batches of 100.
func TestStepsAreCountedWithTheSmallerLastBatch(t *testing.T) {
	s := small(t, Options{Rates: []float64{0.01}, Override: []func(c *Config){func(c *Config) { c.Batch = 100 }}})
	s.finish(t)
	rows, err := readSteps(filepath.Join(s.dir, "steps.csv"))
	if err != nil || len(rows) != 8 || s.plan[0].steps() != 8 {
		t.Fatal(len(rows), s.plan[0].steps(), err)
	}
	last := rows[7]
	if last.Step != 8 || last.Epoch != 2 || rows[3].Epoch != 1 {
		t.Errorf("last step %+v", last)
	}
	if wrong := last.TrainError * 60; wrong != float64(int(wrong+0.5)) {
		t.Errorf("error %v is no share of 60 images", last.TrainError)
	}
}

func TestARunOfAnotherConfigurationIsRefused(t *testing.T) {
	s := small(t, Options{Rates: []float64{0.01}})
	s.finish(t)
	path := filepath.Join(report.RunDir(s.dir, s.plan[0].ID), "run.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var record map[string]any
	if err := json.Unmarshal(text, &record); err != nil {
		t.Fatal(err)
	}
	record["config"].(map[string]any)["batch"] = 77
	text, _ = json.Marshal(record)
	if err := os.WriteFile(path, text, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := s.train(context.Background(), s.plan); err == nil || !strings.Contains(err.Error(), "-fresh") {
		t.Errorf("error %v", err)
	}
	s.Fresh = true
	if _, err := s.train(context.Background(), s.plan); err != nil {
		t.Errorf("fresh: %v", err)
	}
}
