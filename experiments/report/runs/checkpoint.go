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

// Marks says how far a run's CSVs had grown when a checkpoint was written.
type Marks struct {
	Steps  Mark `json:"steps_csv"`
	Epochs Mark `json:"epochs_csv"`
	Layers Mark `json:"layers_csv"` // empty in checkpoints of earlier revisions

	Snapshots Mark `json:"snapshots_csv,omitzero"` // empty if there are none
}

// WriteCheckpoint replaces the run's checkpoint with what write writes, and keeps the
// previous one. The rows that belong to a checkpoint become durable before it does. Once
// one exists, there is a complete checkpoint at every moment.
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
	if at.Epochs, err = d.epochs.mark(); err != nil {
		return at, d.fail(err)
	}
	if at.Layers, err = d.layers.mark(); err != nil || d.snapshots == nil {
		return at, d.fail(err)
	}
	at.Snapshots, err = d.snapshots.mark()
	return at, d.fail(err)
}

// Checkpoints returns the paths of the existing checkpoints, newest first.
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
	for _, file := range []struct {
		name     string
		at       Mark
		optional bool
	}{{StepsName, rows.Steps, false}, {EpochsName, rows.Epochs, false}, {LayersName, rows.Layers, true}, {SnapshotsName, rows.Snapshots, true}} {
		if file.optional && file.at == (Mark{}) {
			continue
		}
		if _, err := holds(filepath.Join(d.path, file.name), file.at); err != nil {
			return err
		}
	}
	return nil
}

// Continue, called instead of Begin, resumes the run from the checkpoint at path, one of
// Checkpoints. It cuts the CSVs back to rows, makes this checkpoint the newest, and
// writes the record with the status running.
func (d *Dir) Continue(record Record, path string, rows Marks) error {
	if newest := filepath.Join(d.path, CheckpointName); path != newest {
		if err := durable.Move(d.fsys, path, newest); err != nil {
			return err
		}
	}
	if err := d.openRows(rows); err != nil {
		return err
	}
	record.Status = StatusRunning
	return d.WriteRecord(record)
}
