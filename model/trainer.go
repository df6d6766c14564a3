package model

import (
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"cnnlab/model/internal/kernel"
)

// Trainer is a network on its tape machine, with a solver. It serves one
// goroutine at a time; several trainers can work side by side.
type Trainer struct {
	net    *Network
	run    *machine
	solver Solver
	params []gorgonia.ValueGrad
	steps  int     // steps made
	first  float64 // loss of the first step
}

// NewTrainer makes a machine of net and of the gradients of net.Loss with
// respect to net.Learnables, as gorgonia.Grad returned them.
func NewTrainer(net *Network, grads gorgonia.Nodes, solver Solver) (*Trainer, error) {
	if len(grads) != len(net.Learnables) {
		return nil, errors.Errorf("trainer: %d gradients for %d parameters", len(grads), len(net.Learnables))
	}
	run, err := newMachine(net, grads)
	if err != nil {
		return nil, errors.Wrap(err, "trainer")
	}
	t := &Trainer{net: net, run: run, solver: solver}
	for i, w := range net.Learnables {
		if slices.Contains(grads[:i], grads[i]) {
			return nil, errors.Errorf("trainer: %v has the same gradient as another parameter; make it one parameter", w)
		}
		t.params = append(t.params, learnable{w, grads[i]})
	}
	if ema, ok := solver.(*EMA); ok {
		if err := net.averaged(ema, t.params); err != nil {
			return nil, errors.WithMessage(err, "trainer")
		}
	}
	return t, nil
}

// learnable is a parameter with its gradient. The gradient is taken from the
// operation that computes it: a machine that binds dual values would add a copy
// of it to what the solver has to clear, at every step.
type learnable struct {
	*gorgonia.Node
	grad *gorgonia.Node
}

// Grad implements gorgonia.ValueGrad.
func (p learnable) Grad() (gorgonia.Value, error) { return p.grad.Value(), nil }

// Step makes one step of gradient descent on a batch: x holds the images,
// n×C×H×W, and y their n labels, for n up to the size of the batch; a smaller
// batch is trained with its own mean. The result is that of the batch as
// trained, before the weights change. It is valid also if the error is
// ErrDiverged, and its loss may then be NaN or infinite. A batch that is refused
// counts as no step.
func (t *Trainer) Step(x []float32, y []int) (Stats, error) {
	kernel.Enter()
	defer kernel.Leave()
	step := t.steps + 1
	s, err := t.run.batch(x, y, step)
	if err != nil && !errors.Is(err, ErrDiverged) {
		return s, errors.Wrapf(err, "step %d", step)
	}
	t.steps = step
	loss := s.MeanLoss()
	if step == 1 {
		t.first = loss
	}
	if err == nil && loss > 10*t.first {
		err = errors.Wrapf(ErrDiverged, "loss %.4g is more than ten times that of the first step, %.4g", loss, t.first)
	}
	if err == nil {
		err = t.solver.Step(t.params)
	}
	return s, errors.Wrapf(err, "step %d", step)
}

// SetLearningRate sets the rate of the steps to come.
func (t *Trainer) SetLearningRate(rate float64) { t.solver.SetLearningRate(rate) }

// Network is what the trainer trains.
func (t *Trainer) Network() *Network { return t.net }
