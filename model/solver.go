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

// SGD is stochastic gradient descent with momentum μ and L2 weight decay λ, as
// in PyTorch:
//
//	v ← μv + g + λw
//	w ← w - ηv
//
// The decay acts on weights, not on biases (parameters named *.bias). It is a
// gorgonia.Solver; the zero velocity is allocated at the first step.
type SGD struct {
	LearningRate float64 // η
	Momentum     float64 // μ
	WeightDecay  float64 // λ

	Velocity [][]float32 // v of each parameter, in the order of Step
}

// Step updates the parameters, which must come in the same order each time, and
// sets their gradients to zero. The error is ErrDiverged if a parameter is no
// longer finite.
func (s *SGD) Step(params []gorgonia.ValueGrad) error {
	return update(params, []*[][]float32{&s.Velocity}, func(i int, w, g []float32, decays bool) bool {
		return kernel.SGD(w, g, s.Velocity[i], float32(s.LearningRate), float32(s.Momentum), float32(choose(decays, s.WeightDecay)))
	})
}

// SetLearningRate sets η.
func (s *SGD) SetLearningRate(rate float64) { s.LearningRate = rate }

// Adam is algorithm 1 of Kingma and Ba (2015) with the L2 weight decay λ added
// to the gradient of the weights (not of the biases), as in PyTorch's Adam; its
// constants are the paper's.
type Adam struct {
	LearningRate float64 // α
	WeightDecay  float64 // λ

	Steps int         // steps made
	M, V  [][]float32 // first and second moments of each parameter, in the order of Step
}

// Step is as that of SGD.
func (s *Adam) Step(params []gorgonia.ValueGrad) error {
	s.Steps++
	return update(params, []*[][]float32{&s.M, &s.V}, func(i int, w, g []float32, decays bool) bool {
		c := kernel.AdamConstants{Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, Decay: choose(decays, s.WeightDecay)}
		return c.Adam(w, g, s.M[i], s.V[i], s.LearningRate, s.Steps)
	})
}

// SetLearningRate sets α.
func (s *Adam) SetLearningRate(rate float64) { s.LearningRate = rate }

func choose(decays bool, decay float64) float64 {
	if decays {
		return decay
	}
	return 0
}

// update calls f for each parameter, with state of its size. f reports whether
// the parameter is still finite.
func update(params []gorgonia.ValueGrad, state []*[][]float32, f func(i int, w, g []float32, decays bool) bool) error {
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
		if !f(i, w, g, !isBias(p)) {
			return errors.Wrapf(ErrDiverged, "%v is no longer finite", p)
		}
	}
	return nil
}

// entry is what the state s holds of parameter i, which has n entries; it is zero
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

// isBias tells by the name, which is that of PyTorch's state_dict.
func isBias(p gorgonia.ValueGrad) bool {
	n, ok := p.(interface{ Name() string })
	return ok && strings.HasSuffix(n.Name(), ".bias")
}
