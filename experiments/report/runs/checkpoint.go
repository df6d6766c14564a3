package runs

import (
	"io"
	"os"
	"path/filepath"

	"cnnlab/data/durable"
)

// CheckpointName is the file that an unfinished run continues from; the one before
// it is kept as previousName.
const (
	CheckpointName = "checkpoint.safetensors"
	previousName   = "checkpoint.previous.safetensors"
)

// Marks are how far a run's CSVs were when a checkpoint was written.
type Marks struct {
	Steps  Mark `json:"steps_csv"`
	Epochs Mark `json:"epochs_csv"`
}

// WriteCheckpoint replaces the run's checkpoint by what write writes, and keeps the
// one before. The rows that belong to it are durable before it is, and at every
// moment one whole checkpoint exists.
func (d *Dir) WriteCheckpoint(write func(w io.Writer, rows Marks) error) error {
	rows, err := d.marks()
	if err != nil {
		return err
	}
	path, previous := filepath.Join(d.path, CheckpointName), filepath.Join(d.path, previousName)
	return durable.WriteRotating(d.fsys, path, previous, func(w io.Writer) error { return write(w, rows) })
}

// marks makes the rows durable and returns where they end.
func (d *Dir) marks() (at Marks, err error) {
	if err := d.ready(); err != nil {
		return at, err
	}
	if at.Steps, err = d.steps.mark(); err != nil {
		return at, d.fail(err)
	}
	at.Epochs, err = d.epochs.mark()
	return at, d.fail(err)
}

// Checkpoints are the paths of the checkpoints that exist, the newest first.
func (d *Dir) Checkpoints() []string {
	var paths []string
	for _, name := range []string{CheckpointName, previousName} {
		path := filepath.Join(d.path, name)
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			paths = append(paths, path)
		}
	}
	return paths
}

// Holds returns an error unless the CSVs begin with the rows of a checkpoint.
func (d *Dir) Holds(rows Marks) error {
	if _, err := holds(filepath.Join(d.path, StepsName), rows.Steps); err != nil {
		return err
	}
	_, err := holds(filepath.Join(d.path, EpochsName), rows.Epochs)
	return err
}

// Continue resumes the run, in place of Begin, from the checkpoint at path, one of
// Checkpoints: the CSVs are cut back to its rows, it becomes the newest checkpoint,
// and the record is written with the status running.
func (d *Dir) Continue(record Record, path string, rows Marks) error {
	if newest := filepath.Join(d.path, CheckpointName); path != newest {
		if err := durable.Move(d.fsys, path, newest); err != nil {
			return err
		}
	}
	if err := d.openRows(&rows); err != nil {
		return err
	}
	record.Status = StatusRunning
	return d.WriteRecord(record)
}
