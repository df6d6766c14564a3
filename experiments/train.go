package experiments

import (
	"context"
	stderrors "errors"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"time"

	"github.com/pkg/errors"
	"golang.org/x/sync/errgroup"

	"cnnlab/experiments/report"
	"cnnlab/model"
)

// train brings the runs to their end, Jobs at a time, and returns their
// statuses. A run that fails does not keep the others from their end.
func (s *study) train(ctx context.Context, runs []run) ([]report.Status, error) {
	steps, unfinished := 0, 0
	for _, r := range runs {
		if _, ok := s.finished(r); !ok {
			steps, unfinished = steps+r.steps(), unfinished+1
		}
	}
	s.progress = newProgress(s.stderr, s.Quiet, steps, unfinished, min(s.Jobs, unfinished))
	defer s.progress.close()
	statuses := make([]report.Status, len(runs))
	failures := make([]error, len(runs))
	var jobs errgroup.Group
	jobs.SetLimit(s.Jobs)
	for i, r := range runs {
		jobs.Go(func() error {
			var err error
			statuses[i], err = s.trainRun(ctx, r)
			failures[i] = errors.WithMessage(err, r.ID)
			return nil
		})
	}
	_ = jobs.Wait() // the errors are in failures
	return statuses, stderrors.Join(failures...)
}

// finished returns the record of a run that needs no more training.
func (s *study) finished(r run) (report.Record, bool) {
	record, err := report.ReadRecord(report.RunDir(s.dir, r.ID))
	return record, err == nil && !s.Fresh && record.Status.Ended()
}

// steps is the number of steps of a run.
func (r run) steps() int {
	return r.Config.Epochs * r.stepsPerEpoch()
}

// trainRun trains one run, unless it is finished or in another process's hands.
func (s *study) trainRun(ctx context.Context, r run) (report.Status, error) {
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
	record := s.record(r)
	old, err := report.ReadRecord(dir.Dir())
	switch {
	case s.Fresh || errors.Is(err, fs.ErrNotExist):
	case err != nil:
		s.progress.warn("%v; it is written anew", err)
	case !reflect.DeepEqual(old.Config, r.Config) || old.Dataset.SHA256 != s.set.SHA256:
		return report.StatusFailed, errors.Errorf("%s holds a run of another configuration; -fresh starts it over", dir.Dir())
	case old.Status.Ended():
		s.progress.note("%s is %s already", r.ID, old.Status)
		return old.Status, nil
	default: // unfinished; begin says otherwise if there is nothing to continue from
		record.Started = old.Started
		record.Notes = withOrigin(old, record)
	}
	fitErr := s.fit(ctx, r, dir, &record)
	if errors.As(fitErr, new(notBegun)) {
		return report.StatusFailed, fitErr
	}
	if err := dir.WriteRecord(record); err != nil {
		return report.StatusFailed, firstOf(fitErr, err)
	}
	return record.Status, firstOf(fitErr, dir.Close())
}

// withOrigin are the notes of a record that continues old, with which program
// that was computed if it was another.
func withOrigin(old, record report.Record) []string {
	notes := slices.Clone(old.Notes)
	if !reflect.DeepEqual(old.Versions, record.Versions) {
		notes = append(notes, fmt.Sprintf("Begun with another program: %s, revision %s.", old.Versions.Go, old.Versions.Revision))
	}
	return notes
}

// notBegun is the error of a run that is left as it was.
type notBegun struct{ error }

func (e notBegun) Unwrap() error { return e.error }

// fit sets the run up, trains it from where it stands, and completes its record.
func (s *study) fit(ctx context.Context, r run, dir *report.Run, record *report.Record) error {
	t := &training{run: r, set: s.set, rate: r.Config.LR, dir: dir, line: s.progress.line(r), every: s.CheckpointEvery}
	metrics, err := func() (m report.Metrics, err error) {
		t.trainer, t.evaluator, err = s.Experiment.SetUp(r.Config, s.set)
		if t.trainer != nil {
			defer t.trainer.Close()
		}
		if err != nil {
			return m, firstOf(dir.Begin(*record), err)
		}
		defer t.evaluator.Close()
		if err := s.begin(t, record); err != nil {
			return m, err
		}
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

// begin starts the run at its checkpoint, or from nothing.
func (s *study) begin(t *training, record *report.Record) error {
	if !s.Fresh {
		continued, err := t.resume(*record, s.progress.warn)
		if err != nil {
			return notBegun{err}
		}
		if continued {
			s.progress.note("%s continues after step %d", t.ID, t.step)
			return nil
		}
	}
	record.Started, record.Notes = time.Now(), s.notes
	return t.dir.Begin(*record)
}

// record is the run's record before it is trained.
func (s *study) record(r run) report.Record {
	return report.Record{
		ID: r.ID, Experiment: s.Experiment.Name, Label: r.Label,
		Config: r.Config,
		Dataset: report.Dataset{Name: s.set.Name, SHA256: s.set.SHA256, Normalize: report.Normalize{
			Mean: float64s(s.set.Mean), Std: float64s(s.set.Std),
		}},
		Versions: report.TheseVersions(), Machine: report.ThisMachine(), Kernel: model.Kernel,
		Started: time.Now(), Notes: s.notes,
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

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
