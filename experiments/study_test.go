package experiments

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"cnnlab/data"
	"cnnlab/experiments/report"
)

// small is a sweep of a small network on few generated digits.
func small(t *testing.T, o Options) *study {
	t.Helper()
	o.Experiment = lrSweep
	o.Out, o.Seeds, o.Trial, o.Quiet = t.TempDir(), max(1, o.Seeds), -1, true
	o.Jobs = max(1, o.Jobs)
	o.Override = append([]func(c *Config){func(c *Config) {
		c.Channels, c.Hidden, c.Batch = []int{3, 4}, 8, 30
	}}, o.Override...)
	s := &study{Options: o, set: data.Digits(1, 400, 130), stderr: io.Discard, dir: filepath.Join(o.Out, "lr-sweep-digits")}
	s.plan = s.runs(lrSweep.Variants(o.config(), o.Rates))
	return s
}

// finish trains and reports, and returns what is in the results.
func (s *study) finish(t *testing.T) map[string]string {
	t.Helper()
	if _, err := s.train(context.Background(), s.plan); err != nil {
		t.Fatal(err)
	}
	if _, err := s.report(io.Discard); err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	err := filepath.Walk(s.dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		name, _ := filepath.Rel(s.dir, path)
		files[filepath.ToSlash(name)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
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
		if len(again) != len(first) || len(first) < 30 {
			t.Fatalf("%d files, then %d", len(first), len(again))
		}
		for name, content := range first {
			timed := strings.HasSuffix(name, "run.json") || strings.HasSuffix(name, "epochs.csv") || strings.HasSuffix(name, "runs.csv")
			if !timed && again[name] != content {
				t.Errorf("%d cores, %d jobs: %s differs", c.procs, c.jobs, name)
			}
		}
	}
}

// TestEveryTestImageIsScoredOnce counts the score from predictions.csv; 130 is no
// multiple of the evaluator's batch.
func TestEveryTestImageIsScoredOnce(t *testing.T) {
	s := small(t, Options{Rates: []float64{0.05}})
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
	rows, err := report.ReadSteps(filepath.Join(s.dir, "steps.csv"))
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

func TestAnInterruptedRunKeepsItsCurveAndIsTakenUpAgain(t *testing.T) {
	s := small(t, Options{Rates: []float64{0.01}})
	s.progress = newProgress(io.Discard, true, 0, 1, 1)
	ctx, cancel := context.WithCancel(context.Background())
	dir, err := report.OpenRun(s.dir, s.plan[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	record := s.record(s.plan[0])
	if err := dir.Begin(record); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := s.fit(ctx, s.plan[0], dir, &record); err != nil || record.Status != report.StatusInterrupted {
		t.Fatal(record.Status, err)
	}
	if err := errors.WithStack(dir.WriteRecord(record)); err != nil {
		t.Fatal(err)
	}
	if err := dir.Close(); err != nil {
		t.Fatal(err)
	}
	rows, err := report.ReadSteps(filepath.Join(dir.Dir(), "steps.csv"))
	if err != nil || len(rows) != 1 {
		t.Errorf("%d steps are kept, want the one that was made; %v", len(rows), err)
	}
	statuses, err := s.train(context.Background(), s.plan)
	if err != nil || statuses[0] != report.StatusDone {
		t.Errorf("taken up again: %v %v", statuses, err)
	}
}

func TestProgressFitsNarrowTerminals(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, false, 1000, 1, 1)
	l := p.line(run{ID: "lr0.01-s1-0123abcd", Config: Config{Epochs: 1, TrainImages: 1000, Batch: 1}})
	l.stepped(report.StepRow{Step: 1, TrainLoss: 2.3, TrainError: 0.9}, 1)
	for _, width := range []int{200, 60, 40, 20, 10, 1} {
		if text := l.text(width); len([]rune(text)) > width || text == "" {
			t.Errorf("%d columns: %q", width, text)
		}
	}
	for range firstSteps {
		l.stepped(report.StepRow{Step: 2, TrainLoss: 2.3, TrainError: 0.9}, 1)
	}
	l.ended(report.StatusDone)
	for _, want := range []string{"step 1/1000  loss 2.3000  error 90.0 %", "samples/s", "ETA", "training takes about", "done"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if strings.ContainsAny(out.String(), "\x1b\r") {
		t.Error("control characters where there is no terminal")
	}
}
