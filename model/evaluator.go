package model

import (
	"math"
	"slices"

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
	mirrored    []float32    // N×C×H×W
	views       [2][]float64 // of EvaluateMirrored: natural logs of the softmax, N×classes
}

// Prediction is what a network says of one image.
type Prediction struct {
	Class      int
	Confidence float64 // probability of Class, 0 to 1: the softmax of the logits, or the mean of two
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

// EvaluateMirrored is Evaluate with each image scored twice, as it is and mirrored
// left to right: what the network says of it is the mean of the two softmax outputs
// (Krizhevsky, Sutskever and Hinton 2012, section 4.1, who take five crops too). The
// error is ErrDiverged if the loss of either is not finite.
func (e *Evaluator) EvaluateMirrored(x []float32, y []int) (Stats, []Prediction, error) {
	kernel.Enter()
	defer kernel.Leave()
	for v, view := range [][]float32{x, e.mirror(x)} {
		if s, err := e.run.batch(view, y, 0); err != nil {
			return s, nil, errors.Wrap(err, "evaluate")
		}
		e.views[v] = e.views[v][:0]
		for i := range y {
			e.views[v] = appendLogSoftmax(e.views[v], e.run.logits(i))
		}
	}
	s, classes := Stats{Count: len(y)}, len(e.views[0])/len(y)
	e.predictions = e.predictions[:0]
	for i, label := range y {
		mean := e.views[0][i*classes : (i+1)*classes]
		for k, other := range e.views[1][i*classes : (i+1)*classes] {
			mean[k] = meanOfLogs(mean[k], other)
		}
		class := best(mean)
		if class == label {
			s.Correct++
		}
		s.Loss -= mean[label]
		e.predictions = append(e.predictions, Prediction{class, math.Exp(mean[class])})
	}
	return s, e.predictions, nil
}

// mirror is x with each row of pixels reversed, valid until the next call.
func (e *Evaluator) mirror(x []float32) []float32 {
	e.mirrored = append(e.mirrored[:0], x...)
	for row := range slices.Chunk(e.mirrored, e.run.net.input.Width) {
		slices.Reverse(row)
	}
	return e.mirrored
}

// meanOfLogs is the log of the mean of two numbers, given their logs.
func meanOfLogs(a, b float64) float64 {
	if a == b { // also infinite
		return a
	}
	return max(a, b) + math.Log1p(math.Exp(-math.Abs(a-b))) - math.Ln2
}

// appendLogSoftmax appends the log of the softmax of logits to dst.
func appendLogSoftmax(dst []float64, logits []float32) []float64 {
	top := float64(logits[best(logits)])
	log := top - math.Log(predict(logits).Confidence)
	for _, v := range logits {
		dst = append(dst, float64(v)-log)
	}
	return dst
}

func predict(logits []float32) Prediction {
	class := best(logits)
	var sum float64
	for _, v := range logits {
		sum += math.Exp(float64(v) - float64(logits[class]))
	}
	return Prediction{class, 1 / sum}
}
