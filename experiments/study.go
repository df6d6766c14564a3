package experiments

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"time"

	"github.com/pkg/errors"
	"golang.org/x/sync/errgroup"

	"cnnlab/data"
	"cnnlab/experiments/report"
	"cnnlab/model"
)

// study is one experiment on one data set with the runs it plans.
type study struct {
	Options
	set      *data.Dataset
	dir      string // of the experiment's results
	plan     []run
	progress *progress
	stderr   io.Writer
}

// run is one training that the plan asks for.
type run struct {
	ID, Label string
	Config    Config
}

// Run does what the options ask for: it trains the runs of the plan that are not
// finished, merges their CSVs and writes the experiment's report. Results go to
// stdout, all else to stderr.
func Run(ctx context.Context, o Options, stdout, stderr io.Writer) error {
	if o.Experiment.Run != nil {
		return o.Experiment.Run(ctx, o, stdout, stderr)
	}
	variants := o.variants()
	if n := len(variants) * o.Seeds; o.Trial >= n {
		return usagef("-trial %d, want 0 to %d: the plan has %d runs", o.Trial, n-1, n)
	}
	if err := o.check(); err != nil {
		return err
	}
	if err := os.MkdirAll(o.Out, 0o777); err != nil {
		return errors.Wrap(err, "results directory")
	}
	set, err := o.load(ctx, stderr)
	if err != nil {
		return err
	}
	s := &study{Options: o, set: set, stderr: stderr, dir: filepath.Join(o.Out, o.directory(set.Name))}
	if err := os.MkdirAll(s.dir, 0o777); err != nil {
		return errors.Wrap(err, "results directory")
	}
	s.plan = s.runs(variants)
	chosen := s.plan
	if o.Trial >= 0 {
		chosen = s.plan[o.Trial : o.Trial+1]
	}
	statuses, err := s.train(ctx, chosen)
	if err != nil {
		return err
	}
	if o.Trial < 0 {
		if err := s.report(stdout); err != nil {
			return err
		}
	}
	return s.verdict(ctx, chosen, statuses)
}

// directory is the name of the experiment's results on a data set.
func (o Options) directory(dataset string) string {
	if dataset == o.Experiment.Dataset {
		return o.Experiment.Name
	}
	return o.Experiment.Name + "-" + dataset
}

// runs is the plan: every variant with every seed.
func (s *study) runs(variants []Variant) []run {
	var plan []run
	for _, v := range variants {
		for i := range s.Seeds {
			c := v.Config
			c.Dataset, c.TrainImages, c.Seed = s.set.Name, s.set.Train.Len(), v.Config.Seed+uint64(i)
			label := v.Label
			if s.set.Name != s.Experiment.Dataset {
				label = join(s.set.Name, label)
			}
			plan = append(plan, run{ID: runID(label, c, s.set), Label: label, Config: c})
		}
	}
	return plan
}

func join(a, b string) string {
	if b == "" {
		return a
	}
	return a + "-" + b
}

// train brings the runs to their end, Jobs at a time, and returns their
// statuses. A run that fails does not keep the others from their end.
func (s *study) train(ctx context.Context, runs []run) ([]report.Status, error) {
	var todo int
	for _, r := range runs {
		if _, ok := s.finished(r); !ok {
			todo += r.steps()
		}
	}
	s.progress = newProgress(s.stderr, s.Quiet, todo, len(runs), min(s.Jobs, len(runs)))
	defer s.progress.close()
	statuses := make([]report.Status, len(runs))
	var mu sync.Mutex
	var first error
	var jobs errgroup.Group
	jobs.SetLimit(s.Jobs)
	for i, r := range runs {
		jobs.Go(func() error {
			status, err := s.perform(ctx, r)
			mu.Lock()
			defer mu.Unlock()
			statuses[i] = status
			if err != nil && first == nil {
				first = errors.WithMessage(err, r.ID)
			}
			return nil
		})
	}
	return statuses, errors.WithStack(firstOf(jobs.Wait(), first))
}

// finished returns the record of a run that needs no more training.
func (s *study) finished(r run) (report.Record, bool) {
	record, err := report.ReadRecord(report.RunDir(s.dir, r.ID))
	ok := err == nil && !s.Fresh && (record.Status == report.StatusDone || record.Status == report.StatusDiverged)
	return record, ok
}

// steps is the number of steps of a run.
func (r run) steps() int {
	c := r.Config
	return c.Epochs * ((c.TrainImages + c.Batch - 1) / c.Batch)
}

// perform trains one run, unless it is finished or in another process's hands.
func (s *study) perform(ctx context.Context, r run) (report.Status, error) {
	if ctx.Err() != nil {
		return report.StatusInterrupted, nil
	}
	dir, err := report.OpenRun(s.dir, r.ID)
	if errors.Is(err, report.ErrLocked) {
		s.progress.note("%s is being trained by another process: left to it", r.ID)
		return report.StatusRunning, nil
	}
	if err != nil {
		return report.StatusFailed, err
	}
	defer dir.Close()
	if record, ok := s.finished(r); ok {
		if !reflect.DeepEqual(record.Config, r.Config) || record.Dataset.SHA256 != s.set.SHA256 {
			return report.StatusFailed, errors.Errorf("%s holds a run of another configuration; -fresh starts it over", dir.Dir())
		}
		s.progress.note("%s is %s already", r.ID, record.Status)
		return record.Status, nil
	}
	record := s.record(r)
	if err := dir.Begin(record); err != nil {
		return report.StatusFailed, err
	}
	fitErr := s.fit(ctx, r, dir, &record)
	if err := dir.WriteRecord(record); err != nil {
		return report.StatusFailed, err
	}
	return record.Status, firstOf(fitErr, dir.Close())
}

// fit sets the run up, trains it, and completes its record.
func (s *study) fit(ctx context.Context, r run, dir *report.Run, record *report.Record) error {
	t := &training{run: r, set: s.set, rate: r.Config.LR, dir: dir, line: s.progress.line(r)}
	metrics, err := func() (m report.Metrics, err error) {
		if t.trainer, t.evaluator, err = s.Experiment.SetUp(r.Config, s.set); err != nil {
			return m, err
		}
		defer t.trainer.Close()
		defer t.evaluator.Close()
		return t.fit(ctx)
	}()
	record.Metrics = metrics
	seconds := t.elapsed.Seconds()
	record.Seconds = report.Number(seconds)
	record.SamplesPerSecond = report.Number(float64(t.images) / seconds)
	switch {
	case err == nil:
		record.Status = report.StatusDone
	case errors.Is(err, errInterrupted):
		record.Status, err = report.StatusInterrupted, nil
	case errors.Is(err, model.ErrDiverged):
		record.Status = report.StatusDiverged
		record.Failure = &report.Failure{Reason: err.Error(), Step: t.step, LR: t.rate}
		err = nil
	default:
		record.Status = report.StatusFailed
		record.Failure = &report.Failure{Reason: err.Error(), Step: t.step, LR: t.rate}
	}
	t.line.ended(record.Status)
	return err
}

// record is the run's record before it is trained.
func (s *study) record(r run) report.Record {
	return report.Record{
		ID: r.ID, Experiment: s.Experiment.Name, Label: r.Label,
		Config: r.Config, Seed: r.Config.Seed,
		Dataset: report.Dataset{Name: s.set.Name, SHA256: s.set.SHA256, Normalize: report.Normalize{
			Mean: float64s(s.set.Mean), Std: float64s(s.set.Std),
		}},
		Versions: report.TheseVersions(), Machine: report.ThisMachine(), Kernel: model.Kernel,
		Started: time.Now(),
	}
}

// float64s converts the constants of a data set for the record.
func float64s(x []float32) []float64 {
	var y []float64
	for _, v := range x {
		y = append(y, float64(v))
	}
	return y
}

// report merges the plan's runs, writes the experiment's report, and last the
// list of all runs.
func (s *study) report(stdout io.Writer) error {
	var ids []string
	for _, r := range s.plan {
		if _, err := report.ReadRecord(report.RunDir(s.dir, r.ID)); !errors.Is(err, fs.ErrNotExist) {
			ids = append(ids, r.ID)
		}
	}
	warnings, err := report.Merge(s.dir, ids)
	if err != nil {
		return err
	}
	o, err := newOutcome(s, stdout)
	if err != nil {
		return err
	}
	if err := s.Experiment.Report(o); err != nil {
		return err
	}
	more, err := report.MergeAll(s.Out)
	for _, w := range append(warnings, more...) {
		fmt.Fprintf(s.stderr, "left out: %v\n", w)
	}
	return err
}

// verdict is the error of a study that was interrupted or of which nothing came.
func (s *study) verdict(ctx context.Context, runs []run, statuses []report.Status) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for _, status := range statuses {
		if status != report.StatusDiverged {
			return nil
		}
	}
	return errors.Errorf("all %d runs diverged; try lower learning rates with -lr", len(runs))
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
