package suite

import (
	"cmp"
	"context"
	"io"
	"sync/atomic"
	"time"

	"github.com/pkg/errors"

	"cnnlab/data"
	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/trained"
	"cnnlab/model"
)

const (
	evalBatch   = 100   // images that an evaluator takes at once; changes results only in rounding
	trainSample = 5_000 // the first images of train, on which its accuracy is measured
)

var errInterrupted = errors.New("interrupted")

// session is one run while it is trained.
type session struct {
	run
	set       *data.Dataset
	trainer   *model.Trainer
	evaluator *model.Evaluator
	dir       *runs.Dir
	record    runs.Record
	line      *progressLine
	every     int           // steps between checkpoints within an epoch; 0: none
	asked     *atomic.Int64 // how often a signal has asked for a checkpoint; nil: no signal can
	heeded    int64         // how many of these have been written

	snapshots bool // keep one after every epoch

	step    int           // steps made
	elapsed time.Duration // in training, without evaluation and pauses
	best    runs.EpochRow
	last    runs.EpochRow
	layers  []model.LayerStep // in the last step of an epoch, until that is scored
}

// fit is the epoch loop. It trains the remaining epochs, writes every step and epoch to
// the run's directory, and scores the test set once, with the final weights. The error
// is model.ErrDiverged or errInterrupted if the run ends that way.
func (t *session) fit(ctx context.Context) error {
	for epoch := t.last.Epoch + 1; epoch <= t.Config.Epochs; epoch++ {
		if err := t.trainEpoch(ctx, epoch); err != nil {
			return err
		}
		if err := t.scoreEpoch(epoch); err != nil {
			return err
		}
		if err := t.checkpoint(); err != nil {
			return err
		}
	}
	if t.Config.Epochs == 0 { // the untrained network is scored too
		if err := t.scoreEpoch(0); err != nil {
			return err
		}
	}
	return t.scoreTest()
}

// trainEpoch makes the remaining steps of one epoch. A step that diverges is still
// written; after an interruption, the current step ends with a checkpoint.
func (t *session) trainEpoch(ctx context.Context, epoch int) error {
	t.line.ready()
	start := now()
	defer func() { t.elapsed += now() - start }()
	for _, batch := range t.batches(epoch) {
		if err := t.trainBatch(epoch, batch); err != nil {
			return err
		}
		stop := ctx.Err() != nil
		if t.newlyAsked() || stop || t.every > 0 && t.step%t.every == 0 {
			t.elapsed += now() - start
			if err := t.checkpoint(); err != nil {
				return err
			}
			start = now()
		}
		if stop {
			return errInterrupted
		}
	}
	return nil
}

// newlyAsked reports whether a signal has asked for a checkpoint since the last call.
func (t *session) newlyAsked() bool {
	if t.asked == nil || t.asked.Load() == t.heeded {
		return false
	}
	t.heeded = t.asked.Load()
	return true
}

// batches returns the remaining batches of an epoch.
func (t *session) batches(epoch int) func(yield func(int, data.Batch) bool) {
	var order []int
	if t.Config.Shuffle {
		order = data.Shuffle(t.set.Train.Len(), t.Config.Seed, epoch)
	} else {
		for i := range t.set.Train.Len() {
			order = append(order, i)
		}
	}
	order = order[t.imagesAfter(t.step)-(epoch-1)*t.Config.TrainImages:]
	if t.Config.Augment {
		return t.set.AugmentedBatches(t.set.Train, t.Config.Batch, order, t.Config.Seed, epoch)
	}
	return t.set.Batches(t.set.Train, t.Config.Batch, order)
}

// trainBatch makes one step and writes its row, even if the step diverged.
func (t *session) trainBatch(epoch int, batch data.Batch) error {
	lr := t.rate(t.step + 1)
	t.trainer.SetLearningRate(lr)
	var s model.Stats
	var err error
	if (t.step+1)%t.stepsPerEpoch() == 0 {
		s, t.layers, err = t.trainer.MeasuredStep(batch.X, batch.Y)
	} else {
		s, err = t.trainer.Step(batch.X, batch.Y)
	}
	if err != nil && !errors.Is(err, model.ErrDiverged) {
		return err
	}
	t.step++
	row := runs.StepRow{Step: t.step, Epoch: epoch, LR: lr, TrainLoss: s.MeanLoss(), TrainError: s.ErrorRate()}
	t.line.stepped(row, s.Count)
	return cmp.Or(t.dir.AppendStep(row), err)
}

// lastRate returns the learning rate of the last step, or Config.LR before the first.
func (t *session) lastRate() float64 {
	if t.step == 0 {
		return t.Config.LR
	}
	return t.rate(t.step)
}

func (t *session) scoreEpoch(epoch int) error {
	t.evaluator.Watch()
	train, err := Score(t.evaluator, t.Config, t.set, t.set.Train.Head(trainSample), nil)
	if err != nil {
		return err
	}
	dead := t.evaluator.Dead()
	confusion := make(runs.Sizes, len(t.set.Classes)*len(t.set.Classes))
	val, err := Score(t.evaluator, t.Config, t.set, t.set.Val, func(y int, p model.Prediction) { confusion[y*len(t.set.Classes)+p.Class]++ })
	if err != nil {
		return err
	}
	t.last = runs.EpochRow{
		Epoch: epoch, Step: t.step, LR: t.lastRate(),
		TrainLoss: train.MeanLoss(), TrainAccuracy: train.Accuracy(),
		ValLoss: val.MeanLoss(), ValAccuracy: val.Accuracy(),
		Seconds: t.elapsed.Seconds(),
	}
	if epoch <= 1 || better(t.last, t.best) {
		t.best = t.last
	}
	t.line.scored(t.last)
	if t.snapshots {
		if err := t.dir.AppendSnapshot(t.snapshot(epoch, confusion)); err != nil {
			return err
		}
	}
	return cmp.Or(t.dir.AppendLayers(t.layerRows(epoch, dead)), t.dir.AppendEpoch(t.last))
}

// snapshot returns the filters of the first convolution as they are scored.
func (t *session) snapshot(epoch int, confusion runs.Sizes) runs.SnapshotRow {
	first := t.evaluator.Network().Learnables[0]
	return runs.SnapshotRow{Epoch: epoch, Shape: runs.Sizes(first.Shape()), Filters: first.Value().Data().([]float32), Confusion: confusion}
}

// layerRows returns the layers as measured in the epoch's last step, with the shares of
// dead units.
func (t *session) layerRows(epoch int, dead map[string]float64) (rows []runs.LayerRow) {
	for _, l := range t.layers {
		row := runs.LayerRow{Epoch: epoch, Layer: l.Layer, GradientNorm: l.GradientNorm, WeightNorm: l.WeightNorm, UpdateRatio: l.UpdateNorm / l.WeightNorm}
		if share, ok := dead[l.Layer]; ok {
			row.Dead = &share
		}
		rows = append(rows, row)
	}
	t.layers = nil
	return rows
}

// better compares by val accuracy, and ties by val loss.
func better(a, b runs.EpochRow) bool {
	return a.ValAccuracy > b.ValAccuracy || a.ValAccuracy == b.ValAccuracy && a.ValLoss < b.ValLoss
}

func (t *session) scoreTest() error {
	rows, s, err := predict(t.evaluator, t.Config, t.set)
	if err != nil {
		return err
	}
	if err := t.dir.WritePredictions(rows); err != nil {
		return err
	}
	metadata, err := trained.NewCard(t.record.Experiment, t.ID, t.Config, t.set).Metadata()
	if err != nil {
		return err
	}
	if err := t.dir.WriteFile(runs.WeightsName, func(w io.Writer) error { return t.trainer.WriteWeights(w, metadata) }); err != nil {
		return err
	}
	parameters := t.trainer.Network().Parameters()
	t.record.Metrics = runs.Metrics{
		BestEpoch: &t.best.Epoch, ValAccuracy: runs.Finite(t.last.ValAccuracy),
		TestLoss: runs.Finite(s.MeanLoss()), TestAccuracy: runs.Finite(s.Accuracy()), Parameters: &parameters,
	}
	return nil
}

// predict scores the test set and returns the prediction for each of its images.
func predict(e *model.Evaluator, c Config, set *data.Dataset) (rows []runs.PredictionRow, s model.Stats, err error) {
	s, err = Score(e, c, set, set.Test, func(y int, p model.Prediction) {
		rows = append(rows, runs.PredictionRow{Index: len(rows), Label: y, Predicted: p.Class, Confidence: p.Confidence})
	})
	return rows, s, err
}

// Score scores a split of set in file order, with mirror images if c.TTA is set. It
// calls each, unless nil, with the label and the prediction of every image.
func Score(e *model.Evaluator, c Config, set *data.Dataset, split data.Split, each func(y int, p model.Prediction)) (model.Stats, error) {
	evaluate := e.Evaluate
	if c.TTA {
		evaluate = e.EvaluateMirrored
	}
	var total model.Stats
	for _, batch := range set.Batches(split, evalBatch, nil) {
		s, predictions, err := evaluate(batch.X, batch.Y)
		if err != nil {
			return total, err
		}
		total.Add(s)
		if each != nil {
			for i, p := range predictions {
				each(batch.Y[i], p)
			}
		}
	}
	return total, nil
}

func (t *session) end(err error) {
	seconds := t.elapsed.Seconds()
	t.record.Seconds = runs.Finite(seconds)
	t.record.SamplesPerSecond = runs.Finite(float64(t.imagesAfter(t.step)) / seconds)
	switch {
	case err == nil:
		t.record.Status = runs.StatusDone
	case errors.Is(err, errInterrupted):
		t.record.Status = runs.StatusInterrupted
	default:
		t.record.Status = runs.StatusFailed
		if errors.Is(err, model.ErrDiverged) {
			t.record.Status = runs.StatusDiverged
		}
		t.record.Failure = &runs.Failure{Reason: err.Error(), Step: t.step, LR: t.lastRate()}
	}
}
