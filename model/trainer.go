package model

import (
	"io"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"cnnlab/model/internal/kernel"
)

// Trainer trains a network with a solver. It serves one goroutine at a time; several
// trainers can work side by side.
type Trainer struct {
	net     *Network
	machine *machine
	solver  Solver
	params  []gorgonia.ValueGrad
	learned map[string][]float32 // what is scored and written: the weights, or their averages by an EMA
	steps   int                  // steps made
	loss    lossWatch
}

// NewTrainer returns a trainer of net. The gradients are those of net.Loss with
// respect to net.Learnables, as gorgonia.Grad returns them.
func NewTrainer(net *Network, grads gorgonia.Nodes, solver Solver) (*Trainer, error) {
	if len(grads) != len(net.Learnables) {
		return nil, errors.Errorf("trainer: %d gradients for %d parameters", len(grads), len(net.Learnables))
	}
	m, err := newMachine(net, grads)
	if err != nil {
		return nil, errors.Wrap(err, "trainer")
	}
	t := &Trainer{net: net, machine: m, solver: solver, learned: net.weights}
	for i, w := range net.Learnables {
		if slices.Contains(grads[:i], grads[i]) {
			return nil, errors.Errorf("trainer: %v has the same gradient as another parameter; make it one parameter", w)
		}
		t.params = append(t.params, learnable{w, grads[i]})
	}
	if ema, ok := solver.(*EMA); ok {
		if err := ema.begin(t.params); err != nil {
			return nil, errors.WithMessage(err, "trainer")
		}
		t.learned = make(map[string][]float32)
		for i, w := range net.Learnables {
			t.learned[w.Name()] = ema.Averages[i]
		}
	}
	return t, nil
}

// learnable is a parameter that reads its gradient from the node that computes it.
type learnable struct {
	*gorgonia.Node
	grad *gorgonia.Node
}

// Grad implements gorgonia.ValueGrad.
func (p learnable) Grad() (gorgonia.Value, error) { return p.grad.Value(), nil }

// Step makes one step of gradient descent on n images x, n×C×H×W, and their labels y.
// n is at most the batch size; the loss is the mean over n images. Step returns the
// loss and the count of correct images before the weights change. They are valid even
// if the error is ErrDiverged; the loss may then be NaN or infinite. A batch that is
// refused does not count as a step.
func (t *Trainer) Step(x []float32, y []int) (Stats, error) { return t.step(x, y, t.solve) }

// MeasuredStep is Step and tells how each layer with weights changed. It changes the same
// bits. The layers are nil if the step diverged.
func (t *Trainer) MeasuredStep(x []float32, y []int) (s Stats, layers []LayerStep, err error) {
	s, err = t.step(x, y, func() error {
		measured, update := t.measure()
		if err := t.solve(); err != nil {
			return err
		}
		update()
		layers = measured
		return nil
	})
	return s, layers, err
}

func (t *Trainer) solve() error { return t.solver.Step(t.params) }

func (t *Trainer) step(x []float32, y []int, solve func() error) (Stats, error) {
	kernel.Enter()
	defer kernel.Leave()
	step := t.steps + 1
	s, err := t.machine.batch(x, y, step)
	if err != nil && !errors.Is(err, ErrDiverged) {
		return s, errors.Wrapf(err, "step %d", step)
	}
	t.steps = step
	if err == nil {
		err = t.loss.add(s.MeanLoss(), len(y))
	}
	if err == nil {
		err = solve()
	}
	return s, errors.Wrapf(err, "step %d", step)
}

// SetLearningRate sets the learning rate of the next steps.
func (t *Trainer) SetLearningRate(rate float64) { t.solver.SetLearningRate(rate) }

// Network returns the network in training.
func (t *Trainer) Network() *Network { return t.net }

// NewEvaluator returns an evaluator for batches of the given size. It scores the weights
// or, if the solver is an EMA, their averages.
func (t *Trainer) NewEvaluator(batch int) (*Evaluator, error) {
	return newEvaluator(t.net, t.learned, batch)
}

// WriteWeights writes the weights that an evaluator of this trainer scores, in the
// format of Network.WriteWeights.
func (t *Trainer) WriteWeights(w io.Writer, metadata map[string]string) error {
	return writeWeights(w, t.net, t.learned, metadata)
}
