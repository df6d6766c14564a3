package model

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"cnnlab/model/internal/kernel"
	"cnnlab/model/ops"
)

// Probe shows what a trained network makes of one image, and how the image had to change
// for another answer. Use it from one goroutine at a time.
type Probe struct {
	forward  *Evaluator
	backward *machine       // with the gradient of the loss with respect to the image
	gradient *gorgonia.Node // 1×C×H×W
}

// NewProbe returns a probe of the weights of net.
func NewProbe(net *Network) (*Probe, error) {
	forward, err := NewEvaluator(net, 1)
	if err != nil {
		return nil, err
	}
	in := net.input
	in.Batch = 1
	twin, err := build(in, net.layers, false, net.weights)
	if err != nil {
		return nil, errors.Wrap(err, "probe")
	}
	building.Lock()
	grads, err := gorgonia.Grad(twin.Loss, twin.X)
	building.Unlock()
	if err != nil {
		return nil, errors.Wrap(err, "probe: gradient of the image")
	}
	backward, err := newMachine(twin, grads)
	if err != nil {
		return nil, errors.Wrap(err, "probe")
	}
	return &Probe{forward, backward, grads[0]}, nil
}

// Look returns the probability of each class for an image x, C×H×W, normalized, and what
// its rectified layers compute; these are valid until the next call.
func (p *Probe) Look(x []float32) (probabilities []float64, layers []Activation, err error) {
	if _, _, err := p.forward.Evaluate(x, []int{0}); err != nil {
		return nil, nil, err
	}
	for _, log := range appendLogSoftmax(nil, p.forward.machine.logits(0)) {
		probabilities = append(probabilities, math.Exp(log))
	}
	return probabilities, p.forward.Activations(0), nil
}

// Toward returns the direction in which the image x, C×H×W, normalized, has to change so
// that class becomes more probable: minus the gradient of the cross-entropy with class as
// the label (Simonyan, Vedaldi and Zisserman 2014, section 3, take that of the logit).
func (p *Probe) Toward(x []float32, class int) ([]float32, error) {
	kernel.Enter()
	defer kernel.Leave()
	if _, err := p.backward.batch(x, []int{class}, 0); err != nil && !errors.Is(err, ErrDiverged) {
		return nil, errors.Wrap(err, "probe")
	}
	change := slices.Clone(ops.Values(p.gradient))
	for i := range change {
		change[i] = -change[i]
	}
	return change, nil
}
