package experiments

import (
	"context"
	"time"

	"github.com/pkg/errors"

	"cnnlab/data"
	"cnnlab/experiments/report"
	"cnnlab/model"
)

const (
	evalBatch   = 100   // images an evaluator takes at once; changes no result but in rounding
	trainSample = 5_000 // first images of train, on which its accuracy is measured
)

// errInterrupted ends a run that was asked to stop.
var errInterrupted = errors.New("interrupted")

// training is one run while it is trained.
type training struct {
	run
	set       *data.Dataset
	trainer   *model.Trainer
	evaluator *model.Evaluator
	dir       *report.Run
	line      *progressLine
	every     int // steps between checkpoints within an epoch; 0: none

	step    int           // steps made
	rate    float64       // of the last step
	images  int           // images trained
	elapsed time.Duration // in training, evaluation left out
	best    report.EpochRow
	last    report.EpochRow
}

// fit is the epoch loop: it trains for all epochs that are left, writes every
// step and epoch to the run's directory, and scores the test set once, with the
// last weights.
// The error is model.ErrDiverged or errInterrupted if the run ended as such.
func (t *training) fit(ctx context.Context) (report.Metrics, error) {
	for epoch := t.last.Epoch + 1; epoch <= t.Config.Epochs; epoch++ {
		if err := t.trainEpoch(ctx, epoch); err != nil {
			return report.Metrics{}, err
		}
		if err := t.scoreEpoch(epoch); err != nil {
			return report.Metrics{}, err
		}
		if err := t.checkpoint(); err != nil {
			return report.Metrics{}, err
		}
	}
	if t.Config.Epochs == 0 { // the untrained network is scored all the same
		if err := t.scoreEpoch(0); err != nil {
			return report.Metrics{}, err
		}
	}
	return t.scoreTest()
}

// trainEpoch makes the steps of one epoch that are left. The step that diverges
// is still written; the one at which it is interrupted ends in a checkpoint.
func (t *training) trainEpoch(ctx context.Context, epoch int) error {
	var order []int
	if t.Config.Shuffle {
		order = data.Shuffle(t.set.Train.Len(), t.Config.Seed, epoch)
	}
	order = t.rest(order, epoch)
	t.line.resumed()
	start := time.Now()
	defer func() { t.elapsed += time.Since(start) }()
	batches := t.set.Batches(t.set.Train, t.Config.Batch, order)
	if t.Config.Augment {
		batches = t.set.AugmentedBatches(t.set.Train, t.Config.Batch, order, t.Config.Seed, epoch)
	}
	for _, batch := range batches {
		lr := t.scheduled(t.step + 1)
		t.trainer.SetLearningRate(lr)
		s, err := t.trainer.Step(batch.X, batch.Y)
		if err != nil && !errors.Is(err, model.ErrDiverged) {
			return err
		}
		t.step++
		t.images += s.Count
		t.rate = lr
		row := report.StepRow{Step: t.step, Epoch: epoch, LR: lr, TrainLoss: s.MeanLoss(), TrainError: s.ErrorRate()}
		if werr := t.dir.AppendSteps(row); werr != nil {
			return werr
		}
		t.line.stepped(row, s.Count)
		if err != nil {
			return err
		}
		stop := ctx.Err() != nil
		if stop || t.every > 0 && t.step%t.every == 0 {
			t.elapsed += time.Since(start)
			if err := t.checkpoint(); err != nil {
				return err
			}
			start = time.Now()
		}
		if stop {
			return errInterrupted
		}
	}
	return nil
}

// scoreEpoch measures the network as it stands on a sample of train and on val.
func (t *training) scoreEpoch(epoch int) error {
	train, err := t.score(t.set.Train.Head(trainSample), nil)
	if err != nil {
		return err
	}
	val, err := t.score(t.set.Val, nil)
	if err != nil {
		return err
	}
	t.last = report.EpochRow{
		Epoch: epoch, Step: t.step, LR: t.rate,
		TrainLoss: train.MeanLoss(), TrainAccuracy: train.Accuracy(),
		ValLoss: val.MeanLoss(), ValAccuracy: val.Accuracy(),
		Seconds: t.elapsed.Seconds(),
	}
	if epoch <= 1 || better(t.last, t.best) {
		t.best = t.last
	}
	t.line.scored(t.last)
	return t.dir.AppendEpochs(t.last)
}

// better compares by val accuracy, and ties by val loss.
func better(a, b report.EpochRow) bool {
	return a.ValAccuracy > b.ValAccuracy || a.ValAccuracy == b.ValAccuracy && a.ValLoss < b.ValLoss
}

// scoreTest scores the test set, and keeps the predictions and the weights.
func (t *training) scoreTest() (m report.Metrics, err error) {
	var rows []report.PredictionRow
	s, err := t.score(t.set.Test, func(y int, p model.Prediction) {
		rows = append(rows, report.PredictionRow{Index: len(rows), Label: y, Predicted: p.Class, Confidence: p.Confidence})
	})
	if err != nil {
		return m, err
	}
	if err := t.dir.WritePredictions(rows); err != nil {
		return m, err
	}
	if err := t.dir.WriteFile(report.WeightsName, t.trainer.Network().WriteWeights); err != nil {
		return m, err
	}
	parameters := t.trainer.Network().Parameters()
	m.BestEpoch, m.Parameters = &t.best.Epoch, &parameters
	m.ValAccuracy = report.Number(t.last.ValAccuracy)
	m.TestLoss, m.TestAccuracy = report.Number(s.MeanLoss()), report.Number(s.Accuracy())
	return m, nil
}

// score scores a split in file order and calls each, if given, for every image
// with its label.
func (t *training) score(split data.Split, each func(y int, p model.Prediction)) (model.Stats, error) {
	evaluate := t.evaluator.Evaluate
	if t.Config.TTA {
		evaluate = t.evaluator.EvaluateMirrored
	}
	var total model.Stats
	for _, batch := range t.set.Batches(split, evalBatch, nil) {
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
