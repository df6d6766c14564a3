package report

import (
	"time"

	"github.com/pkg/errors"
)

// AppendSteps adds rows to steps.csv, under the run's own name. They are in
// the file after the next Flush, within about a second.
func (r *Run) AppendSteps(rows ...StepRow) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(); err != nil {
		return err
	}
	for _, row := range rows {
		row.Run = r.id
		if err := r.steps.add(row); err != nil {
			return r.fail(err)
		}
	}
	r.flushSoon()
	return nil
}

// AppendEpochs adds rows to epochs.csv, as AppendSteps does to steps.csv.
func (r *Run) AppendEpochs(rows ...EpochRow) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(); err != nil {
		return err
	}
	for _, row := range rows {
		row.Run = r.id
		if err := r.epochs.add(row); err != nil {
			return r.fail(err)
		}
	}
	r.flushSoon()
	return nil
}

// Flush puts the rows held back into the files, by one write each.
func (r *Run) Flush() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.flush()
}

// sync is flush, and has the rows reach the disk itself. r.mu is held.
func (r *Run) sync() error {
	if err := r.flush(); err != nil || r.steps == nil {
		return err
	}
	if err := r.steps.sync(); err != nil {
		return r.fail(err)
	}
	return r.fail(r.epochs.sync())
}

// ready reports why no row can be added. r.mu is held.
func (r *Run) ready() error {
	switch {
	case r.err != nil:
		return r.err
	case r.closed:
		return errors.Errorf("run %s: closed, no row can be added", r.id)
	case r.epochs == nil:
		return errors.Errorf("run %s: not begun, no row can be added", r.id)
	}
	return nil
}

// flushSoon starts the timer that bounds how long rows are held back. r.mu is
// held.
func (r *Run) flushSoon() {
	if r.timer == nil {
		r.timer = time.AfterFunc(flushEvery, func() { _ = r.Flush() }) // an error stays in r.err
	}
}

// flush is Flush with r.mu held.
func (r *Run) flush() error {
	if r.timer != nil {
		r.timer.Stop()
		r.timer = nil
	}
	if r.err != nil || r.epochs == nil {
		return r.err
	}
	if err := r.steps.flush(); err != nil {
		return r.fail(err)
	}
	return r.fail(r.epochs.flush())
}

// fail keeps the first error. r.mu is held.
func (r *Run) fail(err error) error {
	if err != nil && r.err == nil {
		r.err = errors.Wrapf(err, "run %s", r.id)
	}
	return r.err
}

// closeRows flushes, syncs and closes the CSVs. r.mu is held.
func (r *Run) closeRows() error {
	if r.timer != nil {
		r.timer.Stop()
		r.timer = nil
	}
	if r.steps != nil {
		_ = r.fail(r.steps.close())
	}
	if r.epochs != nil {
		_ = r.fail(r.epochs.close())
	}
	r.steps, r.epochs = nil, nil
	return r.err
}
