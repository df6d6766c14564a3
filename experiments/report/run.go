package report

import (
	"io"
	"io/fs"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/pkg/errors"
)

// The files of a run's directory, beside its record and its lock.
const (
	stepsName       = "steps.csv"
	epochsName      = "epochs.csv"
	runsName        = "runs.csv"
	predictionsName = "predictions.csv"
	// WeightsName holds the weights that were scored on the test set.
	WeightsName = "weights.safetensors"
)

// flushEvery is the longest that a row is held back while the process lives.
const flushEvery = time.Second

// Run is the directory of one run, locked for this process. Its methods may be
// called from several goroutines. The first error of a write ends its CSVs:
// every later call returns that error, so none can go unseen.
type Run struct {
	id, dir string
	fsys    fileSystem
	lock    *flock.Flock

	mu     sync.Mutex
	steps  *rowFile[StepRow]  // nil before Begin
	epochs *rowFile[EpochRow] // nil before Begin
	timer  *time.Timer        // of the next flush; nil while nothing is held back
	err    error
	closed bool
}

// RunDir is the directory of the run id, below that of its experiment.
func RunDir(experimentDir, id string) string { return filepath.Join(experimentDir, "runs", id) }

// OpenRun makes the directory of the run id, where there is none, and locks it.
// It changes nothing in it but to remove the temporary files of killed
// processes, so a finished run can be looked at (ReadRecord) and closed again.
// The cause of the error is ErrLocked while another live process has the run.
func OpenRun(experimentDir, id string) (*Run, error) {
	return openRun(disk{}, experimentDir, id)
}

func openRun(fsys fileSystem, experimentDir, id string) (*Run, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	dir := RunDir(experimentDir, id)
	if err := fsys.MkdirAll(dir); err != nil {
		return nil, errors.Wrap(err, "run directory")
	}
	l, err := lock(dir, lockPatience)
	if err != nil {
		return nil, err
	}
	removeTemps(dir, 0)
	return &Run{id: id, dir: dir, fsys: fsys, lock: l}, nil
}

// checkID keeps run ids, and with them paths, inside the results.
func checkID(id string) error {
	if slug := Slug(id); id != slug {
		return errors.Errorf("run id %.120q, want a name such as %q", id, slug)
	}
	return nil
}

// Dir is the run's directory.
func (r *Run) Dir() string { return r.dir }

// Begin starts the run over: the record is written with the status running,
// the CSVs are emptied, and what an earlier start left behind is removed.
func (r *Run) Begin(record Record) error {
	record.Status = StatusRunning
	if err := r.WriteRecord(record); err != nil {
		return err
	}
	for _, name := range []string{CheckpointName, previousName, WeightsName, predictionsName} {
		if err := r.remove(name); err != nil {
			return errors.Wrap(err, "start the run over")
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.openRows(nil)
}

// remove removes a file of the run's directory, if it is there.
func (r *Run) remove(name string) error {
	err := r.fsys.Remove(filepath.Join(r.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// openRows opens the CSVs, cut back to the marks if there are any, else empty.
// r.mu is held.
func (r *Run) openRows(at *Marks) error {
	if err := r.closeRows(); err != nil {
		return err
	}
	var steps, epochs *Mark
	if at != nil {
		steps, epochs = &at.Steps, &at.Epochs
	}
	var err error
	if r.steps, err = openRows[StepRow](r.fsys, filepath.Join(r.dir, stepsName), steps); err != nil {
		return r.fail(err)
	}
	if r.epochs, err = openRows[EpochRow](r.fsys, filepath.Join(r.dir, epochsName), epochs); err != nil {
		return r.fail(err)
	}
	return r.fail(r.fsys.SyncDir(r.dir))
}

// WriteRecord replaces run.json. Once the status is another than running, the
// rows are made durable first: a record that says done has all its curves. A run
// that has ended needs no more than one checkpoint.
func (r *Run) WriteRecord(record Record) error {
	if record.ID != r.id {
		return errors.Errorf("record of run %q, want %q", record.ID, r.id)
	}
	if record.Status != StatusRunning {
		r.mu.Lock()
		err := r.sync()
		r.mu.Unlock()
		if err != nil && record.Status != StatusFailed {
			return err
		}
	}
	err := replaceFile(r.fsys, filepath.Join(r.dir, recordName), record.write)
	if err == nil && (record.Status == StatusDone || record.Status == StatusDiverged) {
		err = errors.Wrap(r.remove(previousName), "remove an old checkpoint")
	}
	return err
}

// WritePredictions replaces predictions.csv.
func (r *Run) WritePredictions(rows []PredictionRow) error {
	return r.WriteFile(predictionsName, func(w io.Writer) error { return WriteRows(w, rows) })
}

// WriteFile replaces the file name of the run's directory by what write
// writes, whole or not at all.
func (r *Run) WriteFile(name string, write func(io.Writer) error) error {
	if name != Slug(name) {
		return errors.Errorf("file name %q, want one such as %q", name, Slug(name))
	}
	return replaceFile(r.fsys, filepath.Join(r.dir, name), write)
}

// Close flushes and syncs the rows and gives the lock back. The record is left
// as it is. Closing twice does nothing.
func (r *Run) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	err := r.closeRows()
	if unlocked := r.lock.Close(); err == nil {
		err = errors.Wrap(unlocked, "unlock")
	}
	return err
}
