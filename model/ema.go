package model

import (
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"cnnlab/model/internal/kernel"
)

// EMA is a Solver that keeps an exponential moving average of the weights beside
// those that the solver within it trains (Polyak and Juditsky 1992; the form is
// that of TensorFlow's ExponentialMovingAverage with its num_updates). After step
// t = 1, 2, …
//
//	d ← min(D, (1+t)/(10+t))
//	a ← d·a + (1-d)·w
//
// where a begins as the weights before the first step. The smaller d of the early
// steps lets go of them. Training does not see the averages; NewTrainer has them
// scored and written in place of the weights.
type EMA struct {
	Solver
	Decay float64 // D, at least 0 and less than 1

	Steps    int         // steps made
	Averages [][]float32 // a of each parameter, in the order of Step
}

// Step is that of the solver within; after its error the averages stay.
func (s *EMA) Step(params []gorgonia.ValueGrad) error {
	s.begin(params)
	if err := s.Solver.Step(params); err != nil {
		return err
	}
	s.Steps++
	t := float64(s.Steps)
	share := float32(1 - min(s.Decay, (1+t)/(10+t)))
	for i, p := range params {
		w := p.Value().Data().([]float32)
		avg, err := entry(&s.Averages, i, len(w))
		if err != nil {
			return err
		}
		kernel.Average(avg, w, share)
	}
	return nil
}

// begin makes the averages the weights as they are, unless there are some.
func (s *EMA) begin(params []gorgonia.ValueGrad) {
	if s.Averages != nil {
		return
	}
	for _, p := range params {
		s.Averages = append(s.Averages, slices.Clone(p.Value().Data().([]float32)))
	}
}

// averaged has the averages of s scored and written in place of the weights.
func (net *Network) averaged(s *EMA, params []gorgonia.ValueGrad) error {
	if net.evaluated {
		return errors.New("an evaluator of this network scores its weights, not their averages; make it after the trainer")
	}
	s.begin(params)
	net.averages = make(map[string][]float32)
	for i, n := range net.Learnables {
		avg, err := entry(&s.Averages, i, n.Shape().TotalSize())
		if err != nil {
			return err
		}
		net.averages[n.Name()] = avg
	}
	return nil
}

// learned are the numbers that are scored and written: the weights, or their
// averages if the solver keeps some.
func (net *Network) learned() map[string][]float32 {
	if net.averages != nil {
		return net.averages
	}
	return net.weights
}
