package model

import (
	"math"

	"github.com/pkg/errors"

	"cnnlab/model/internal/kernel"
)

// Evaluator is a network without dropout, over the weights of the network in
// training, or over their averages if its solver is an EMA: it scores what the
// trainer has learned so far, and has no means to change it. It serves one
// goroutine at a time, and not while the trainer steps.
type Evaluator struct {
	run         *machine
	predictions []Prediction
}

// Prediction is what a network says of one image.
type Prediction struct {
	Class      int
	Confidence float64 // softmax of the logits at Class, 0 to 1
}

// NewEvaluator builds the layers of net once more, for batches of that many
// images. The trainer of net, if its solver is an EMA, has to be there before.
func NewEvaluator(net *Network, batch int) (*Evaluator, error) {
	in := net.input
	in.Batch = batch
	twin, err := build(in, net.layers, false, net.learned())
	if err != nil {
		return nil, errors.Wrap(err, "evaluator")
	}
	run, err := newMachine(twin, nil)
	if err != nil {
		return nil, errors.Wrap(err, "evaluator")
	}
	net.evaluated = true
	return &Evaluator{run: run}, nil
}

// Evaluate scores n images x (n×C×H×W) with labels y, n up to the size of the
// batch. The predictions are those of the images in order and valid until the
// next call. The error is ErrDiverged if the loss is not finite.
func (e *Evaluator) Evaluate(x []float32, y []int) (Stats, []Prediction, error) {
	kernel.Enter()
	defer kernel.Leave()
	s, err := e.run.batch(x, y, 0)
	if err != nil {
		return s, nil, errors.Wrap(err, "evaluate")
	}
	e.predictions = e.predictions[:0]
	for i := range y {
		e.predictions = append(e.predictions, predict(e.run.logits(i)))
	}
	return s, e.predictions, nil
}

// Close frees the machine.
func (e *Evaluator) Close() error { return e.run.vm.Close() }

func predict(logits []float32) Prediction {
	class := best(logits)
	var sum float64
	for _, v := range logits {
		sum += math.Exp(float64(v) - float64(logits[class]))
	}
	return Prediction{class, 1 / sum}
}
