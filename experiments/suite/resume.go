package suite

import (
	"encoding/json"
	"io"
	"path/filepath"
	"time"

	"github.com/pkg/errors"

	"cnnlab/data/durable"
	"cnnlab/experiments/report/runs"
	"cnnlab/model"
)

// position is what a checkpoint holds besides the model: the run and how far it had
// come. The order of the images depends only on seed and epoch, so there is no
// generator state to save.
type position struct {
	Run       string            `json:"run"`
	Config    string            `json:"config_sha256"`    // of the settings, with the data set's hash
	Epoch     int               `json:"epoch"`            // epochs scored
	BestEpoch int               `json:"best_epoch"`       // so far
	Elapsed   time.Duration     `json:"elapsed"`          // in training, nanoseconds
	Layers    []model.LayerStep `json:"layers,omitempty"` // after the last step of an epoch that is not scored yet
	runs.Marks
}

const metaKey = "run"

// errOtherRun marks the error for a sound checkpoint of another run, which this run
// must neither resume nor overwrite.
var errOtherRun = errors.New("not a checkpoint of this run")

func (t *session) checkpoint() error {
	return t.dir.WriteCheckpoint(func(w io.Writer, rows runs.Marks) error {
		content, err := json.Marshal(position{
			Run: t.ID, Config: settingsHash(t.Config, t.set),
			Epoch: t.last.Epoch, BestEpoch: t.best.Epoch, Elapsed: t.elapsed, Layers: t.layers, Marks: rows,
		})
		if err != nil {
			return err
		}
		return t.trainer.WriteCheckpoint(w, map[string]string{metaKey: string(content)})
	})
}

// resume restores the newest valid checkpoint and reports whether there was one. It
// calls warn for invalid ones. A sound checkpoint of another run or arithmetic is an
// error.
func (t *session) resume(warn func(format string, args ...any)) (bool, error) {
	for _, path := range t.dir.Checkpoints() {
		at, err := t.load(path)
		switch {
		case err == nil:
			if err := t.dir.Continue(t.record, path, at.Marks); err != nil {
				return false, err
			}
			return true, t.recall(at)
		case errors.Is(err, errOtherRun):
			return false, errors.Errorf("%s: %v; start the run over with -fresh", path, err)
		case errors.Is(err, model.ErrOtherArithmetic):
			return false, errors.Errorf("%s: %v; continue with that arithmetic (set CNNLAB_KERNEL, or take the program that wrote it) or train the run again with -fresh", path, err)
		}
		warn("ignoring %s: %v", path, err)
	}
	return false, nil
}

// load restores the trainer from the checkpoint at path if the checkpoint is valid.
func (t *session) load(path string) (at position, err error) {
	file, err := durable.ReadFile(path, t.trainer.CheckpointLimit())
	if err != nil {
		return at, err
	}
	c, err := model.ParseCheckpoint(file)
	if err != nil {
		return at, err
	}
	if err := json.Unmarshal([]byte(c.Meta[metaKey]), &at); err != nil {
		return at, errors.Wrap(err, "cannot read the position in the run")
	}
	if at.Run != t.ID || at.Config != settingsHash(t.Config, t.set) {
		return at, errors.Wrapf(errOtherRun, "belongs to %.100q", at.Run)
	}
	perEpoch := t.stepsPerEpoch()
	if at.Epoch < 0 || at.BestEpoch > at.Epoch || at.Elapsed < 0 || at.Steps.Rows != c.Step || at.Epochs.Rows != at.Epoch ||
		c.Step < at.Epoch*perEpoch || c.Step > min(at.Epoch+1, t.Config.Epochs)*perEpoch {
		return at, errors.Errorf("inconsistent: step %d with %d epochs scored (%d rows of steps, %d of epochs), but a run has %d epochs of %d steps",
			c.Step, at.Epoch, at.Steps.Rows, at.Epochs.Rows, t.Config.Epochs, perEpoch)
	}
	if err := t.dir.Holds(at.Marks); err != nil {
		return at, err
	}
	return at, t.trainer.Restore(c)
}

// recall restores the session from the position and the rows before it.
func (t *session) recall(at position) error {
	rows, err := runs.ReadEpochs(filepath.Join(t.dir.Path(), runs.EpochsName))
	if err != nil {
		return err
	}
	for _, row := range rows {
		if t.last = row; row.Epoch == at.BestEpoch {
			t.best = row
		}
	}
	t.elapsed, t.step, t.layers = at.Elapsed, at.Steps.Rows, at.Layers
	t.line.resumed(t.step)
	return nil
}
