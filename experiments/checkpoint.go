package experiments

import (
	"encoding/json"
	"io"
	"path/filepath"
	"time"

	"github.com/pkg/errors"

	"cnnlab/experiments/report"
	"cnnlab/model"
)

// position is what a checkpoint holds beside the model's own: where in the run
// it was written, and of which run. The data come in an order that depends on
// seed and epoch alone, so that no generator has a state to be kept.
type position struct {
	Run       string        `json:"run"`
	Config    string        `json:"config_sha256"` // of the settings, the data set's hash among them
	Epoch     int           `json:"epoch"`         // epochs scored
	BestEpoch int           `json:"best_epoch"`    // so far
	Elapsed   time.Duration `json:"elapsed"`       // in training, nanoseconds
	report.Marks
}

// metaKey is where the position stands in a checkpoint's metadata.
const metaKey = "run"

// errOtherRun is in the chain of the error of a checkpoint that must not be
// continued by this run, nor be overwritten by it.
var errOtherRun = errors.New("of another run")

// checkpoint writes down where the run stands.
func (t *training) checkpoint() error {
	return t.dir.WriteCheckpoint(func(w io.Writer, rows report.Marks) error {
		text, err := json.Marshal(position{
			Run: t.ID, Config: settingsHash(t.Config, t.set),
			Epoch: t.last.Epoch, BestEpoch: t.best.Epoch, Elapsed: t.elapsed, Marks: rows,
		})
		if err != nil {
			return err
		}
		return t.trainer.WriteCheckpoint(w, map[string]string{metaKey: string(text)})
	})
}

// resume takes the run up at its last sound checkpoint, and reports whether it
// has one. What is wrong with others is said. The error is final: the checkpoint
// is sound but not for this run or not for this arithmetic.
func (t *training) resume(record report.Record, warn func(format string, args ...any)) (bool, error) {
	for _, path := range t.dir.Checkpoints() {
		at, err := t.load(path)
		switch {
		case err == nil:
			if err := t.dir.Continue(record, path, at.Marks); err != nil {
				return false, err
			}
			return true, t.recall(at)
		case errors.Is(err, errOtherRun):
			return false, errors.Errorf("%s: %v; -fresh starts the run over", path, err)
		case errors.Is(err, model.ErrOtherKernel):
			return false, errors.Errorf("%s: %v: continue where it was begun (CNNLAB_KERNEL chooses among what a processor has), or start the run over with -fresh", path, err)
		}
		warn("%s is not used: %v", path, err)
	}
	return false, nil
}

// load restores the trainer from the checkpoint at path, unless anything is
// wrong with it.
func (t *training) load(path string) (at position, err error) {
	file, err := report.ReadFile(path, t.trainer.CheckpointLimit())
	if err != nil {
		return at, err
	}
	c, err := model.ParseCheckpoint(file)
	if err != nil {
		return at, err
	}
	if err := json.Unmarshal([]byte(c.Meta[metaKey]), &at); err != nil {
		return at, errors.Wrap(err, "the position in the run")
	}
	if at.Run != t.ID || at.Config != settingsHash(t.Config, t.set) {
		return at, errors.Wrapf(errOtherRun, "a checkpoint of %.100q", at.Run)
	}
	perEpoch := t.stepsPerEpoch()
	if at.Epoch < 0 || at.BestEpoch > at.Epoch || at.Elapsed < 0 || at.Steps.Rows != c.Step || at.Epochs.Rows != at.Epoch ||
		c.Step < at.Epoch*perEpoch || c.Step > min(at.Epoch+1, t.Config.Epochs)*perEpoch {
		return at, errors.Errorf("step %d after %d epochs, %d and %d rows: no position in a run of %d epochs of %d steps",
			c.Step, at.Epoch, at.Steps.Rows, at.Epochs.Rows, t.Config.Epochs, perEpoch)
	}
	if err := t.dir.Holds(at.Marks); err != nil {
		return at, err
	}
	return at, t.trainer.Restore(c)
}

// recall brings back what the position and the rows before it say.
func (t *training) recall(at position) error {
	rows, err := report.ReadEpochs(filepath.Join(t.dir.Dir(), "epochs.csv"))
	if err != nil {
		return err
	}
	for _, row := range rows {
		if t.last = row; row.Epoch == at.BestEpoch {
			t.best = row
		}
	}
	t.elapsed, t.step = at.Elapsed, at.Steps.Rows
	if t.step > 0 {
		t.rate = t.scheduled(t.step)
	}
	t.images = t.imagesAfter(t.step)
	t.line.continued(t.step)
	return nil
}

// stepsPerEpoch counts the last, smaller batch.
func (r run) stepsPerEpoch() int { return (r.Config.TrainImages + r.Config.Batch - 1) / r.Config.Batch }

// imagesAfter is the number of images trained in so many steps.
func (r run) imagesAfter(steps int) int {
	per := r.stepsPerEpoch()
	return steps/per*r.Config.TrainImages + steps%per*r.Config.Batch
}

// scheduled is the learning rate of a step.
func (r run) scheduled(step int) float64 {
	return scheduledRate(r.Config.Schedule, r.Config.LR, step, r.steps())
}

// rest is what is left of an epoch's order after the images that its steps so
// far have taken; nil is file order.
func (t *training) rest(order []int, epoch int) []int {
	taken := t.imagesAfter(t.step) - (epoch-1)*t.Config.TrainImages
	if taken > 0 && order == nil {
		for i := range t.set.Train.Len() {
			order = append(order, i)
		}
	}
	return order[taken:]
}
