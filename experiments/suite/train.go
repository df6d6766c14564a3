package suite

import (
	"cmp"
	"context"
	stderrors "errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"github.com/pkg/errors"
	"golang.org/x/sync/errgroup"

	"cnnlab/data/durable"
	"cnnlab/experiments/report/runs"
	"cnnlab/model"
)

// train trains the runs, several at a time, and returns their statuses. A run that fails
// does not stop the others.
func (s *study) train(ctx context.Context, plan []run) ([]runs.Status, error) {
	s.progress = newProgress(s.stderr, s.opts.Quiet, s.opts.Jobs, scoring{s.set.Train.Head(trainSample).Len() + s.set.Val.Len(), s.set.Test.Len()})
	defer s.progress.close()
	var unfinished []run
	for _, r := range plan {
		if steps, ok := s.left(r); ok {
			s.progress.expect(r, steps)
			unfinished = append(unfinished, r)
		}
	}
	if err := checkMemory(unfinished, s.opts.Jobs, s.set, memoryLimit("/")); err != nil {
		return make([]runs.Status, len(plan)), err
	}
	defer s.heedCheckpoints()()
	statuses := make([]runs.Status, len(plan))
	failures := make([]error, len(plan))
	var jobs errgroup.Group
	jobs.SetLimit(s.opts.Jobs)
	for i, r := range plan {
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

// heedCheckpoints lets every signal that asks for a checkpoint reach all running trainings,
// until the returned function is called.
func (s *study) heedCheckpoints() (stop func()) {
	ended := make(chan struct{})
	go func() {
		for {
			select {
			case signal := <-s.opts.Checkpoint:
				s.asked.Add(1)
				s.progress.warn("%v: every training writes a checkpoint after its current step and goes on", signal)
			case <-ended:
				return
			}
		}
	}()
	return func() { close(ended) }
}

// left estimates, from the last epoch scored, how many steps of a run remain; ok is
// false if the run is finished.
func (s *study) left(r run) (steps int, ok bool) {
	dir := runs.Path(s.dir, r.ID)
	record, err := runs.ReadRecord(dir)
	if err != nil || s.opts.Fresh {
		return r.steps(), true
	}
	if record.Status.Ended() {
		return 0, false
	}
	epochs, _ := runs.ReadEpochs(filepath.Join(dir, runs.EpochsName))
	if len(epochs) == 0 {
		return r.steps(), true
	}
	return max(0, r.steps()-epochs[len(epochs)-1].Step), true
}

// trainRun trains one run unless it is finished or another process is training it.
func (s *study) trainRun(ctx context.Context, r run) (runs.Status, error) {
	if ctx.Err() != nil {
		return runs.StatusInterrupted, nil
	}
	dir, err := runs.Open(s.dir, r.ID)
	if errors.Is(err, durable.ErrLocked) {
		s.progress.note("skipping %s: another process is training it", r.ID)
		return runs.StatusRunning, nil
	}
	if err != nil {
		return runs.StatusFailed, err
	}
	defer dir.Close()
	record, err := s.claim(r, dir)
	if err != nil || record.Status.Ended() {
		return cmp.Or(record.Status, runs.StatusFailed), err
	}
	t := &session{run: r, set: s.set, dir: dir, record: record, every: s.opts.CheckpointEvery, snapshots: s.opts.Snapshots, asked: &s.asked, heeded: s.asked.Load(), line: s.progress.line(r)}
	resumed := false
	if err = s.build(t); err == nil && !s.opts.Fresh {
		if resumed, err = t.resume(s.progress.warn); err != nil {
			return runs.StatusFailed, err // the run is left exactly as it was
		}
	}
	if err == nil {
		err = s.fit(ctx, t, resumed)
	}
	t.end(err)
	t.line.ended(t.record.Status)
	if t.record.Status != runs.StatusFailed {
		err = nil // an interruption and a divergence are in the record
	}
	if werr := dir.WriteRecord(t.record); werr != nil {
		return runs.StatusFailed, cmp.Or(err, werr)
	}
	return t.record.Status, cmp.Or(err, dir.Close())
}

// claim returns the record to train the run with; its status has ended if there is
// nothing left to train.
func (s *study) claim(r run, dir *runs.Dir) (runs.Record, error) {
	record := s.record(r)
	old, err := runs.ReadRecord(dir.Path())
	switch {
	case s.opts.Fresh || errors.Is(err, fs.ErrNotExist):
	case err != nil:
		s.progress.warn("%v; run.json will be rewritten", err)
	case !reflect.DeepEqual(old.Config, r.Config) || old.Dataset.SHA256 != s.set.SHA256:
		return runs.Record{}, errors.Errorf("%s holds a run with another configuration or data set; use -fresh to train it again", dir.Path())
	case old.Status.Ended():
		s.progress.note("%s is already %s", r.ID, old.Status)
		if _, kept := old.Files[runs.SnapshotsName]; s.opts.Snapshots && !kept {
			s.progress.note("-snapshots: %s has none; with -fresh, it is trained again and keeps them", r.ID)
		}
		return old, s.repair(r, dir, old)
	default: // unfinished; fit replaces these if there is nothing to resume
		record.Started, record.Notes = old.Started, slices.Clone(old.Notes)
		if !reflect.DeepEqual(old.Versions, record.Versions) {
			record.Notes = append(record.Notes, fmt.Sprintf("Begun by another build of this program: %s, revision %s.", old.Versions.Go, old.Versions.Revision))
		}
	}
	return record, nil
}

// build makes the trainer and the evaluator, before anything of the run is touched.
func (s *study) build(t *session) (err error) {
	if t.trainer, err = s.Build(t.Config, s.set); err == nil {
		t.evaluator, err = t.trainer.NewEvaluator(evalBatch)
	}
	return err
}

// fit trains a run that is resumed, or starts it, to its end.
func (s *study) fit(ctx context.Context, t *session, resumed bool) error {
	if resumed {
		s.progress.note("%s continues after step %d", t.ID, t.step)
		return t.fit(ctx)
	}
	t.line.resumed(0)
	t.record.Started, t.record.Notes = time.Now(), s.notes
	if err := t.dir.Begin(t.record); err != nil {
		return err
	}
	return t.fit(ctx)
}

func (s *study) record(r run) runs.Record {
	return runs.Record{
		ID: r.ID, Experiment: s.Name, Label: r.Label,
		Config: r.Config,
		Dataset: runs.Dataset{Name: s.set.Name, SHA256: s.set.SHA256, Normalize: runs.Normalize{
			Mean: float64s(s.set.Mean), Std: float64s(s.set.Std),
		}},
		Versions: runs.TheseVersions(), Machine: runs.ThisMachine(), Arithmetic: model.Arithmetic,
		Started: time.Now(), Notes: s.notes,
	}
}

func float64s(x []float32) []float64 {
	var y []float64
	for _, v := range x {
		y = append(y, float64(v))
	}
	return y
}
