package model

import (
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"cnnlab/model/internal/kernel"
)

// Solver is a gorgonia.Solver whose learning rate can be changed between steps.
type Solver interface {
	gorgonia.Solver
	SetLearningRate(rate float64)
}

var solvers = []struct {
	name string
	make func(rate, momentum, weightDecay float64) Solver
}{
	{"sgd", func(rate, momentum, decay float64) Solver {
		return &SGD{LearningRate: rate, Momentum: momentum, WeightDecay: decay}
	}},
	{"adam", func(rate, _, decay float64) Solver { return &Adam{LearningRate: rate, WeightDecay: decay} }},
}

// SolverNames lists the solvers that NewSolver knows.
func SolverNames() (names []string) {
	for _, s := range solvers {
		names = append(names, s.name)
	}
	return names
}

// NewSolver returns the named solver with L2 weight decay. Adam ignores the momentum.
func NewSolver(name string, rate, momentum, weightDecay float64) (Solver, error) {
	for _, s := range solvers {
		if s.name == name {
			return s.make(rate, momentum, weightDecay), nil
		}
	}
	return nil, errors.Errorf("solver %q, want one of %s", name, strings.Join(SolverNames(), ", "))
}

// SGD is stochastic gradient descent with momentum μ and L2 weight decay λ, as in
// PyTorch:
//
//	v ← μv + g + λw
//	w ← w - ηv
//
// The decay acts on weights, not on biases (parameters named *.bias).
type SGD struct {
	LearningRate float64 // η
	Momentum     float64 // μ
	WeightDecay  float64 // λ

	Velocity [][]float32 // v of each parameter, in the order of Step; zero before the first step
}

// Step updates the parameters, which must come in the same order each time, and sets
// their gradients to zero. The error is ErrDiverged if a parameter is no longer
// finite.
func (s *SGD) Step(params []gorgonia.ValueGrad) error {
	return update(params, []*[][]float32{&s.Velocity}, s.WeightDecay, func(i int, w, g []float32, decay float64) bool {
		return kernel.SGD(w, g, s.Velocity[i], float32(s.LearningRate), float32(s.Momentum), float32(decay))
	})
}

// SetLearningRate sets η.
func (s *SGD) SetLearningRate(rate float64) { s.LearningRate = rate }

func (s *SGD) state() map[string]*[][]float32 {
	return map[string]*[][]float32{"velocity": &s.Velocity}
}

func (s *SGD) resume(int) {}

// Adam is algorithm 1 of Kingma and Ba (2015), with its constants. The L2 weight
// decay λ is added to the gradient of the weights, not of the biases, as in PyTorch's
// Adam.
type Adam struct {
	LearningRate float64 // α
	WeightDecay  float64 // λ

	Steps int         // steps made
	M, V  [][]float32 // first and second moments of each parameter, in the order of Step
}

// Step does what SGD.Step does, by Adam's rule.
func (s *Adam) Step(params []gorgonia.ValueGrad) error {
	s.Steps++
	return update(params, []*[][]float32{&s.M, &s.V}, s.WeightDecay, func(i int, w, g []float32, decay float64) bool {
		c := kernel.AdamConstants{Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, Decay: decay}
		return c.Adam(w, g, s.M[i], s.V[i], s.LearningRate, s.Steps)
	})
}

// SetLearningRate sets α.
func (s *Adam) SetLearningRate(rate float64) { s.LearningRate = rate }

func (s *Adam) state() map[string]*[][]float32 { return map[string]*[][]float32{"m": &s.M, "v": &s.V} }

func (s *Adam) resume(steps int) { s.Steps = steps }

// EMA is a Solver that keeps an exponential moving average of the weights that another
// solver trains (Polyak and Juditsky 1992, in the form of TensorFlow's
// ExponentialMovingAverage with num_updates). After step t = 1, 2, …
//
//	d ← min(D, (1+t)/(10+t))
//	a ← d·a + (1-d)·w
//
// where a starts at the initial weights; the smaller d of the early steps soon forgets
// them. The averages do not affect training: a Trainer scores and writes them in place
// of the weights.
type EMA struct {
	Solver
	Decay float64 // D, at least 0 and less than 1

	Steps    int         // steps made
	Averages [][]float32 // a of each parameter, in the order of Step
}

// Step makes a step of the inner solver and averages the weights. After an error the
// averages stay as they were.
func (s *EMA) Step(params []gorgonia.ValueGrad) error {
	if err := s.begin(params); err != nil {
		return err
	}
	if err := s.Solver.Step(params); err != nil {
		return err
	}
	s.Steps++
	t := float64(s.Steps)
	share := float32(1 - min(s.Decay, (1+t)/(10+t)))
	for i, p := range params {
		kernel.Average(s.Averages[i], p.Value().Data().([]float32), share)
	}
	return nil
}

// begin checks that there is an average for each parameter, and before the first
// step sets it to the weights.
func (s *EMA) begin(params []gorgonia.ValueGrad) error {
	for i, p := range params {
		w := p.Value().Data().([]float32)
		avg, err := entry(&s.Averages, i, len(w))
		if err != nil {
			return err
		}
		if s.Steps == 0 {
			copy(avg, w)
		}
	}
	return nil
}

func (s *EMA) state() map[string]*[][]float32 {
	inner, ok := s.Solver.(stateful)
	if !ok {
		return nil
	}
	all := inner.state()
	all[averageSlot] = &s.Averages
	return all
}

func (s *EMA) resume(steps int) {
	s.Steps = steps
	s.Solver.(stateful).resume(steps)
}

// update calls rule for each parameter with its decay, after making sure that its state
// exists. rule reports whether the parameter is still finite.
func update(params []gorgonia.ValueGrad, state []*[][]float32, decay float64, rule func(i int, w, g []float32, decay float64) bool) error {
	for i, p := range params {
		grad, err := p.Grad()
		if err != nil {
			return errors.Wrapf(err, "solver: parameter %d", i)
		}
		w, g := p.Value().Data().([]float32), grad.Data().([]float32)
		for _, s := range state {
			if _, err := entry(s, i, len(w)); err != nil {
				return err
			}
		}
		own := decay
		if isBias(p) {
			own = 0
		}
		if !rule(i, w, g, own) {
			return errors.Wrapf(ErrDiverged, "%v is no longer finite", p)
		}
	}
	return nil
}

// entry returns what the state s holds for parameter i, which has n entries: zeros
// before the first step.
func entry(s *[][]float32, i, n int) ([]float32, error) {
	if len(*s) <= i {
		*s = append(*s, make([]float32, n))
	}
	if found := len((*s)[i]); found != n {
		return nil, errors.Errorf("solver: parameter %d has %d entries, its state %d", i, n, found)
	}
	return (*s)[i], nil
}

// isBias reports whether p is a bias by its name, as in PyTorch's state_dict.
func isBias(p gorgonia.ValueGrad) bool {
	n, ok := p.(interface{ Name() string })
	return ok && strings.HasSuffix(n.Name(), ".bias")
}
