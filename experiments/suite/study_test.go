package suite

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

	"gorgonia.org/gorgonia"

	"cnnlab/data"
	"cnnlab/experiments/outcome"
	"cnnlab/experiments/report/runs"
	"cnnlab/model"
)

// sweep is an experiment like those of the assignment, with a network of its own.
var sweep = Training{
	Name: "lr-sweep", Dataset: "mnist", Defaults: Defaults(func(c *Config) { c.Epochs, c.Channels, c.Hidden, c.Batch = 2, []int{3, 4}, 8, 30 }),
	Rates: []float64{0.01, 0.1}, Variants: AsIs, Build: buildSmall,
	Report: func(o *outcome.Outcome) outcome.Page {
		s := o.Sweep(0.001, "the default")
		c := o.Confusion(s.Rates)
		return outcome.Page{Title: "Sweep", Table: s.Table(), Text: s.Text(), Files: append(s.Choice(), c.Files()...),
			Figures: []outcome.Figure{s.ErrorPerIteration(), c.Figure()}}
	},
}

// buildSmall makes the trainer of a network with every kind of layer.
func buildSmall(c Config, set *data.Dataset) (*model.Trainer, error) {
	ops, err := model.OpsNamed(c.Ops)
	if err != nil {
		return nil, err
	}
	net, err := model.New(model.Input{Batch: c.Batch, Channels: set.Channels, Height: set.Height, Width: set.Width, Seed: c.Seed, Ops: ops}, func(net *model.Network) {
		h := net.X
		for _, maps := range c.Channels {
			for range 1 + c.ExtraConvs {
				h = net.Rectify(net.Conv2d(h, maps, c.Kernel))
			}
			h = net.MaxPool2D(h)
		}
		h = net.Rectify(net.Dense(net.Dropout(h, c.ConvDropout), c.Hidden))
		net.CrossEntropy(net.Classifier(net.Dropout(h, c.Dropout), len(set.Classes)))
	})
	if err != nil {
		return nil, err
	}
	grads, err := gorgonia.Grad(net.Loss, net.Learnables...)
	if err != nil {
		return nil, err
	}
	solver, err := model.NewSolver(c.Solver, c.LR, c.Momentum, c.WeightDecay)
	if err != nil {
		return nil, err
	}
	if c.EMA > 0 {
		solver = &model.EMA{Solver: solver, Decay: c.EMA}
	}
	return model.NewTrainer(net, grads, solver)
}

// small is the sweep on few generated digits, with these changes of its defaults.
func small(t *testing.T, o Options, set ...func(c *Config)) *study {
	t.Helper()
	o.Out = t.TempDir()
	return smallAt(o, set...)
}

// smallAt is small with its results in o.Out.
func smallAt(o Options, set ...func(c *Config)) *study {
	o.Seeds, o.Trial, o.Quiet = max(1, o.Seeds), -1, true
	o.Jobs = max(1, o.Jobs)
	s := &study{Training: sweep, opts: o, set: data.Digits(1, 400, 130), stderr: io.Discard, dir: filepath.Join(o.Out, "lr-sweep-digits")}
	for _, f := range set {
		f(&s.Defaults)
	}
	if err := s.makePlan(o.Rates); err != nil {
		panic(err)
	}
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
	if _, err := s.report(t.Context(), io.Discard); err != nil {
		t.Fatal(err)
	}
	return s.files(t)
}

// TestSameBitsWhateverTheCoresAndJobs compares every file but those with times.
func TestSameBitsWhateverTheCoresAndJobs(t *testing.T) {
	o := Options{Rates: []float64{0.01, 0.05}, Seeds: 2}
	dropout := func(c *Config) { c.Dropout = 0.3 }
	first := small(t, o, dropout).finish(t)
	for _, c := range []struct{ procs, jobs int }{{1, 1}, {2, 2}, {3, 4}} {
		before := runtime.GOMAXPROCS(c.procs)
		o.Jobs = c.jobs
		again := small(t, o, dropout).finish(t)
		runtime.GOMAXPROCS(before)
		wantFiles(t, fmt.Sprintf("%d cores, %d jobs", c.procs, c.jobs), first, again)
	}
}

// TestEveryTestImageIsScoredOnce counts the score from predictions.csv; 130 is no
// multiple of the evaluator's batch. Dropout and augmentation are for training.
func TestEveryTestImageIsScoredOnce(t *testing.T) {
	s := small(t, Options{Rates: []float64{0.05}}, func(c *Config) {
		c.Dropout, c.ConvDropout, c.Augment = 0.5, 0.25, true
	})
	s.finish(t)
	dir := runs.Path(s.dir, s.plan[0].ID)
	rows, err := runs.ReadPredictions(filepath.Join(dir, "predictions.csv"))
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
	record, err := runs.ReadRecord(dir)
	if err != nil || *record.Metrics.TestAccuracy != float64(correct)/130 {
		t.Errorf("test accuracy %v, by hand %d of 130; %v", record.Metrics.TestAccuracy, correct, err)
	}
}

// TestStepsAreCountedWithTheSmallerLastBatch has 360 images in batches of 100.
func TestStepsAreCountedWithTheSmallerLastBatch(t *testing.T) {
	s := small(t, Options{Rates: []float64{0.01}}, func(c *Config) { c.Batch = 100 })
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
	path := filepath.Join(runs.Path(s.dir, s.plan[0].ID), "run.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var record map[string]any
	if err := json.Unmarshal(text, &record); err != nil {
		t.Fatal(err)
	}
	record["config"].(map[string]any)["batch"] = 77
	delete(record, "record_sha256") // as earlier revisions
	text, _ = json.Marshal(record)
	if err := os.WriteFile(path, text, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := s.train(context.Background(), s.plan); err == nil || !strings.Contains(err.Error(), "-fresh") {
		t.Errorf("error %v", err)
	}
	s.opts.Fresh = true
	if _, err := s.train(context.Background(), s.plan); err != nil {
		t.Errorf("fresh: %v", err)
	}
}
