package model

import (
	"gorgonia.org/gorgonia"

	"cnnlab/model/internal/kernel"
)

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
