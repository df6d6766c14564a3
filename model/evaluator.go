package model

import (
	"math"
	"slices"

	"github.com/pkg/errors"

	"cnnlab/model/internal/kernel"
)

// Evaluator scores images with a network without dropout that shares the weights of the
// network in training: it sees what the trainer has learned so far and cannot change
// it. Use it from one goroutine at a time, and not during a step of the trainer.
type Evaluator struct {
	machine     *machine
	predictions []Prediction
	mirrored    []float32         // N×C×H×W
	views       [2][]float64      // of EvaluateMirrored: natural logs of the softmax, N×classes
	fired       map[string][]bool // units of each rectified layer, between Watch and Dead
}

// Prediction is a network's answer to one image.
type Prediction struct {
	Class      int
	Confidence float64 // probability of Class, 0 to 1: its softmax, or the mean of two
}

// NewEvaluator returns an evaluator of the weights of net, for batches of the given
// size. To score what a trainer has learned, averages included, use
// Trainer.NewEvaluator.
func NewEvaluator(net *Network, batch int) (*Evaluator, error) {
	return newEvaluator(net, net.weights, batch)
}

func newEvaluator(net *Network, learned map[string][]float32, batch int) (*Evaluator, error) {
	in := net.input
	in.Batch = batch
	twin, err := build(in, net.layers, false, learned)
	if err != nil {
		return nil, errors.Wrap(err, "evaluator")
	}
	m, err := newMachine(twin, nil)
	if err != nil {
		return nil, errors.Wrap(err, "evaluator")
	}
	return &Evaluator{machine: m}, nil
}

// Network returns the network that scores, with the weights that it uses.
func (e *Evaluator) Network() *Network { return e.machine.net }

// Evaluate scores n images x, n×C×H×W, with labels y; n is at most the batch size.
// The predictions are in the order of the images and valid until the next call. The
// error is ErrDiverged if the loss is not finite.
func (e *Evaluator) Evaluate(x []float32, y []int) (Stats, []Prediction, error) {
	kernel.Enter()
	defer kernel.Leave()
	s, err := e.machine.batch(x, y, 0)
	if err != nil {
		return s, nil, errors.Wrap(err, "evaluate")
	}
	e.watch(len(y))
	e.predictions = e.predictions[:0]
	for i := range y {
		e.predictions = append(e.predictions, predict(e.machine.logits(i)))
	}
	return s, e.predictions, nil
}

// EvaluateMirrored is Evaluate with test-time augmentation: each image is scored as it
// is and mirrored left to right, and the prediction is the mean of the two softmax
// outputs (Krizhevsky, Sutskever and Hinton 2012, section 4.1, who take five crops
// too). The error is ErrDiverged if either loss is not finite.
func (e *Evaluator) EvaluateMirrored(x []float32, y []int) (Stats, []Prediction, error) {
	kernel.Enter()
	defer kernel.Leave()
	for v, view := range [][]float32{x, e.mirror(x)} {
		if s, err := e.machine.batch(view, y, 0); err != nil {
			return s, nil, errors.Wrap(err, "evaluate")
		}
		e.watch(len(y))
		e.views[v] = e.views[v][:0]
		for i := range y {
			e.views[v] = appendLogSoftmax(e.views[v], e.machine.logits(i))
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

// mirror returns x with each row of pixels reversed, valid until the next call.
func (e *Evaluator) mirror(x []float32) []float32 {
	e.mirrored = append(e.mirrored[:0], x...)
	for row := range slices.Chunk(e.mirrored, e.machine.net.input.Width) {
		slices.Reverse(row)
	}
	return e.mirrored
}

func meanOfLogs(a, b float64) float64 {
	if a == b { // also infinite
		return a
	}
	return max(a, b) + math.Log1p(math.Exp(-math.Abs(a-b))) - math.Ln2
}

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
