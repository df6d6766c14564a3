package suite

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cnnlab/data/durable/durabletest"
	"cnnlab/experiments/report/runs"
)

// TestADivergedRunIsAFindingAndTheSweepGoesOn has a rate that breaks at once, one
// that does so after some steps, and one that is good.
func TestADivergedRunIsAFindingAndTheSweepGoesOn(t *testing.T) {
	for _, ops := range []string{"fast", "gorgonia"} {
		s := small(t, Options{Rates: []float64{1e38, 30, 0.02}}, func(c *Config) { c.Ops = ops })
		statuses, err := s.train(context.Background(), s.plan)
		if err != nil || statuses[0] != runs.StatusDiverged || statuses[1] != runs.StatusDiverged || statuses[2] != runs.StatusDone {
			t.Fatalf("%s: %v, %v", ops, statuses, err)
		}
		files := s.finish(t)
		for _, r := range s.plan[:2] {
			dir := runs.Path(s.dir, r.ID)
			text, err := os.ReadFile(filepath.Join(dir, "run.json"))
			if err != nil || !json.Valid(text) {
				t.Errorf("%s: run.json: %v\n%s", ops, err, text)
			}
			record, err := runs.ReadRecord(dir)
			if err != nil || record.Failure == nil || record.Failure.Step < 1 || record.Failure.LR != r.Config.LR || record.Metrics.TestAccuracy != nil {
				t.Errorf("%s: record %+v, %v", ops, record, err)
			}
			rows, err := readSteps(filepath.Join(dir, "steps.csv"))
			if err != nil || len(rows) != record.Failure.Step {
				t.Errorf("%s: %d rows up to step %d; %v", ops, len(rows), record.Failure.Step, err)
			}
			if !strings.Contains(files["steps.csv"], r.ID) || !strings.Contains(files["error-per-iteration.svg"], "diverged") {
				t.Errorf("%s: the curve of %s is not kept and drawn", ops, r.ID)
			}
			if _, ok := files["runs/"+r.ID+"/weights.safetensors"]; ok {
				t.Errorf("%s: %s has weights", ops, r.ID)
			}
		}
		if err := verdict(context.Background(), statuses); err != nil {
			t.Errorf("%s: a run is done, but %v", ops, err)
		}
		if err := verdict(context.Background(), statuses[:2]); err == nil {
			t.Errorf("%s: every run diverged, want an error", ops)
		}
	}
	durabletest.Survived(t, "loss or weights NaN or infinite, fast and gorgonia", 4)
}

// TestALossTenTimesTheFirstEndsAContinuedRunToo stops before the step at which
// the unbroken run diverges, though with finite numbers.
func TestALossTenTimesTheFirstEndsAContinuedRunToo(t *testing.T) {
	o := Options{Rates: []float64{20}}
	whole := small(t, o)
	statuses, err := whole.train(context.Background(), whole.plan)
	record, rerr := runs.ReadRecord(runs.Path(whole.dir, whole.plan[0].ID))
	if err != nil || rerr != nil || statuses[0] != runs.StatusDiverged || !strings.Contains(record.Failure.Reason, "more than ten times") {
		t.Fatal(statuses, err, rerr, record.Failure)
	}
	rows, err := readSteps(filepath.Join(runs.Path(whole.dir, whole.plan[0].ID), "steps.csv"))
	if last := rows[len(rows)-1]; err != nil || math.IsNaN(last.TrainLoss) || len(rows) < 2 {
		t.Fatalf("%v: the run must diverge by a finite loss, after its first step", rows)
	}
	for k := 1; k < record.Failure.Step; k++ {
		s := small(t, o)
		s.stopAfter(t, k)
		wantFiles(t, "diverged", whole.files(t), s.trained(t))
		again, err := runs.ReadRecord(runs.Path(s.dir, s.plan[0].ID))
		if err != nil || again.Status != runs.StatusDiverged || again.Failure.Reason != record.Failure.Reason {
			t.Errorf("stopped after step %d: %v %+v, %v", k, again.Status, again.Failure, err)
		}
	}
}
