// Package runs stores runs: a run's directory with its record, its CSVs and its
// checkpoints, locked while it is trained, and the tables merged from many runs.
// Files are replaced as a whole or grow by complete lines, so a reader always finds a
// consistent state. The package knows nothing of networks or data sets: numbers come
// in as plain Go values.
package runs

import (
	"cmp"
	"context"
	"io"
	"io/fs"
	"path/filepath"
	"regexp"
	"time"

	"github.com/pkg/errors"

	"cnnlab/data/durable"
)

// The files of a run's directory, besides its record and its lock.
const (
	StepsName       = "steps.csv"
	EpochsName      = "epochs.csv"
	LayersName      = "layers.csv"
	PredictionsName = "predictions.csv"
	// WeightsName holds the weights that were scored on the test set.
	WeightsName = "weights.safetensors"
)

// A safe name is one path element on every system. It has at most 100 lower-case
// letters, digits, '-', '_' and '.', begins and ends with a letter or digit, and is not
// the name of a Windows device, with or without an extension.
var (
	safeName       = regexp.MustCompile(`^[a-z0-9]([a-z0-9._-]{0,98}[a-z0-9])?$`)
	windowsDevices = regexp.MustCompile(`^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)`)
)

// lockPatience outlasts the instant in which durable.Held tests a free lock.
const lockPatience = 200 * time.Millisecond

// Dir is the directory of one run, locked by this process. It serves one goroutine.
// After an error in a CSV, every later write to the CSVs returns that error, so none
// goes unnoticed.
type Dir struct {
	id, path string
	fsys     durable.FS
	lock     *durable.Lock
	steps    *rowFile[StepRow]  // nil before Begin and after Close
	epochs   *rowFile[EpochRow] // likewise
	layers   *rowFile[LayerRow] // likewise
	// snapshots is nil also while there are none.
	snapshots *rowFile[SnapshotRow]
	err       error
}

// Path returns the directory of a run, below that of its experiment.
func Path(experimentDir, id string) string { return filepath.Join(experimentDir, "runs", id) }

// CheckName returns an error unless name is safe as the id of a run or as the name
// of a file. It keeps paths inside the results.
func CheckName(name string) error {
	if !safeName.MatchString(name) || windowsDevices.MatchString(name) {
		return errors.Errorf("name %.120q, want lower-case letters, digits, '-', '_' and '.', at most 100, beginning and ending with a letter or digit", name)
	}
	return nil
}

// Open creates the directory of a run if it is missing, and locks it. Apart from
// removing temporary files of killed processes it changes nothing, so a finished run
// can be examined (ReadRecord) and closed again. The error is durable.ErrLocked while
// another live process holds the run.
func Open(experimentDir, id string) (*Dir, error) { return open(durable.Disk{}, experimentDir, id) }

func open(fsys durable.FS, experimentDir, id string) (*Dir, error) {
	if err := CheckName(id); err != nil {
		return nil, errors.WithMessage(err, "run")
	}
	path := Path(experimentDir, id)
	if err := fsys.MkdirAll(path); err != nil {
		return nil, errors.Wrap(err, "run directory")
	}
	lock, err := durable.Acquire(context.Background(), path, lockPatience)
	if err != nil {
		return nil, err
	}
	durable.RemoveTemps(path, 0)
	return &Dir{id: id, path: path, fsys: lock.Guard(fsys), lock: lock}, nil
}

// Path returns the path of the directory.
func (d *Dir) Path() string { return d.path }

// Begin starts the run over: it writes the record with the status running, empties
// the CSVs, and removes what an earlier start left behind.
func (d *Dir) Begin(record Record) error {
	record.Status = StatusRunning
	if err := d.WriteRecord(record); err != nil {
		return err
	}
	for _, name := range []string{CheckpointName, previousName, WeightsName, PredictionsName} {
		if err := d.remove(name); err != nil {
			return errors.Wrap(err, "start the run over")
		}
	}
	return d.openRows(Marks{})
}

func (d *Dir) remove(name string) error {
	err := d.fsys.Remove(filepath.Join(d.path, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// WriteRecord replaces run.json. Unless the status is running, it first makes the rows
// durable, so a record that says done has all its curves. For a run that has ended it
// records the sums of its files and removes the previous checkpoint.
func (d *Dir) WriteRecord(record Record) error {
	if record.ID != d.id {
		return errors.Errorf("record of run %q, want %q", record.ID, d.id)
	}
	if record.Status != StatusRunning && d.epochs != nil {
		if _, err := d.marks(); err != nil && record.Status != StatusFailed {
			return err
		}
	}
	var err error
	if record.Files = nil; record.Status.Ended() {
		if record.Files, err = d.sums(); err != nil {
			return errors.Wrap(err, "record of the files")
		}
	}
	err = durable.WriteFile(d.fsys, filepath.Join(d.path, recordName), record.write)
	if err == nil && record.Status.Ended() {
		err = errors.Wrap(d.remove(previousName), "remove an old checkpoint")
	}
	return err
}

// WritePredictions replaces predictions.csv.
func (d *Dir) WritePredictions(rows []PredictionRow) error {
	return d.WriteFile(PredictionsName, func(w io.Writer) error { return WriteRows(w, rows) })
}

// WriteFile replaces the file name in the directory with what write writes, completely
// or not at all.
func (d *Dir) WriteFile(name string, write func(io.Writer) error) error {
	if err := CheckName(name); err != nil {
		return err
	}
	return durable.WriteFile(d.fsys, filepath.Join(d.path, name), write)
}

// AppendStep adds a row to steps.csv, under the run's own name.
func (d *Dir) AppendStep(row StepRow) error {
	row.Run = d.id
	if err := d.ready(); err != nil {
		return err
	}
	return d.fail(d.steps.add(row))
}

// AppendEpoch adds a row to epochs.csv, as AppendStep does to steps.csv.
func (d *Dir) AppendEpoch(row EpochRow) error {
	row.Run = d.id
	if err := d.ready(); err != nil {
		return err
	}
	return d.fail(d.epochs.add(row))
}

// AppendLayers adds rows to layers.csv, as AppendStep does to steps.csv.
func (d *Dir) AppendLayers(rows []LayerRow) error {
	for _, row := range rows {
		row.Run = d.id
		if err := d.ready(); err != nil {
			return err
		}
		if err := d.fail(d.layers.add(row)); err != nil {
			return err
		}
	}
	return nil
}

// Close makes the rows durable and releases the lock. It leaves the record as it is.
// Closing twice does nothing.
func (d *Dir) Close() error {
	return cmp.Or(d.closeRows(), d.lock.Release())
}

// openRows opens the CSVs, cut back to the marks or, where these are empty, new.
func (d *Dir) openRows(at Marks) error {
	if err := d.closeRows(); err != nil {
		return err
	}
	var err error
	if d.steps, err = openRows[StepRow](d.fsys, filepath.Join(d.path, StepsName), at.Steps); err != nil {
		return d.fail(err)
	}
	if d.epochs, err = openRows[EpochRow](d.fsys, filepath.Join(d.path, EpochsName), at.Epochs); err != nil {
		return d.fail(err)
	}
	if d.layers, err = openRows[LayerRow](d.fsys, filepath.Join(d.path, LayersName), at.Layers); err != nil {
		return d.fail(err)
	}
	if at.Snapshots != (Mark{}) {
		return d.openSnapshots(at.Snapshots)
	} else if err := d.remove(SnapshotsName); err != nil {
		return d.fail(err)
	}
	return d.fail(d.fsys.SyncDir(d.path))
}

func (d *Dir) ready() error {
	if d.err == nil && d.layers == nil {
		return errors.Errorf("run %s: not begun, or closed: no row can be added", d.id)
	}
	return d.err
}

func (d *Dir) closeRows() error {
	err := cmp.Or(d.steps.close(), d.epochs.close(), d.layers.close(), d.snapshots.close())
	d.steps, d.epochs, d.layers, d.snapshots = nil, nil, nil, nil
	return d.fail(err)
}

// fail keeps the first error.
func (d *Dir) fail(err error) error {
	if err != nil && d.err == nil {
		d.err = errors.Wrapf(err, "run %s", d.id)
	}
	return d.err
}
