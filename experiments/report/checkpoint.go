package report

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pkg/errors"
)

// What an unfinished run continues from, and the one before that.
const (
	CheckpointName = "checkpoint.safetensors"
	previousName   = "checkpoint.previous.safetensors"
)

// Marks say how far a run's CSVs were when a checkpoint was written.
type Marks struct {
	Steps  Mark `json:"steps_csv"`
	Epochs Mark `json:"epochs_csv"`
}

// WriteCheckpoint replaces the run's checkpoint by what write writes; the one
// that there was becomes the previous one. The rows that it counts are on the
// disk before it is, and one whole checkpoint is there at every moment.
func (r *Run) WriteCheckpoint(write func(w io.Writer, rows Marks) error) error {
	rows, err := r.marks()
	if err != nil {
		return err
	}
	path := filepath.Join(r.dir, CheckpointName)
	temp, err := writeTemp(r.fsys, path, func(w io.Writer) error { return write(w, rows) })
	if err != nil {
		return err
	}
	err = renamePatiently(r.fsys, path, filepath.Join(r.dir, previousName))
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = renamePatiently(r.fsys, temp, path)
	}
	return settle(r.fsys, temp, path, err)
}

// marks makes the rows durable and says which they are.
func (r *Run) marks() (Marks, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ready(); err != nil {
		return Marks{}, err
	}
	if err := r.sync(); err != nil {
		return Marks{}, err
	}
	return Marks{r.steps.mark(), r.epochs.mark()}, nil
}

// Checkpoints are the paths of the checkpoints that there are, the last first.
func (r *Run) Checkpoints() []string {
	var paths []string
	for _, name := range []string{CheckpointName, previousName} {
		if path := filepath.Join(r.dir, name); exists(path) {
			paths = append(paths, path)
		}
	}
	return paths
}

// Holds reports why the CSVs do not begin with the rows that a checkpoint
// counts.
func (r *Run) Holds(rows Marks) error {
	if _, err := holds(filepath.Join(r.dir, stepsName), rows.Steps); err != nil {
		return err
	}
	_, err := holds(filepath.Join(r.dir, epochsName), rows.Epochs)
	return err
}

// Continue goes on with the run from the checkpoint at path, one of Checkpoints,
// in place of Begin: the CSVs are cut back to the rows that it counts, it is the
// last checkpoint from now on, and the record is written with the status running.
func (r *Run) Continue(record Record, path string, rows Marks) error {
	if last := filepath.Join(r.dir, CheckpointName); path != last {
		if err := settle(r.fsys, path, last, renamePatiently(r.fsys, path, last)); err != nil {
			return err
		}
	}
	r.mu.Lock()
	err := r.openRows(&rows)
	r.mu.Unlock()
	if err != nil {
		return err
	}
	record.Status = StatusRunning
	return r.WriteRecord(record)
}

// ReadFile reads the regular file at path, of at most limit bytes.
func ReadFile(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path) // before it is opened: opening a pipe would wait
	if err != nil {
		return nil, errors.Wrap(err, "report")
	}
	if !info.Mode().IsRegular() {
		return nil, errors.Errorf("%s: %v, want a regular file", path, info.Mode().Type())
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.Wrap(err, "report")
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(text)) > limit {
		err = errors.Errorf("%s: longer than %d bytes", path, limit)
	}
	return text, errors.Wrap(err, "report")
}
