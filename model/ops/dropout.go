package ops

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"cnnlab/model/internal/kernel"
)

// Dropout zeroes each entry of x with probability p and divides the others by 1-p, for
// 0 ≤ p < 1 and x of any shape (Srivastava et al. 2014). Which entries are dropped is a
// function of stream (a number for the seed and the layer) and of the value of step, an
// int scalar of the graph that counts the training steps. No generator keeps a state, so
// a run can continue at any step, and the gradient drops the same entries.
//
// Dropout is always active: build a network for evaluation without it.
func Dropout(x, step *gorgonia.Node, p float64, stream uint64) (*gorgonia.Node, error) {
	if err := check("dropout", operand{"input", x, 1, anyRank}); err != nil {
		return nil, err
	}
	if step == nil || step.Dtype() != tensor.Int || !step.IsScalar() {
		return nil, errors.New("dropout: step is not an int scalar")
	}
	if !(p >= 0 && p < 1) {
		return nil, errors.Errorf("dropout: probability %v, want at least 0 and less than 1", p)
	}
	drop := func(out []float32, in []gorgonia.Value) {
		step := in[1].Data().(int)
		kernel.Dropout(out, f32(in[0]), p, kernel.Key(stream, uint64(step)))
	}
	return apply(op{
		name:    "Dropout",
		inputs:  gorgonia.Nodes{x, step},
		shape:   x.Shape(),
		forward: drop,
		gradient: func(_, dy *gorgonia.Node) []term {
			return []term{{"DropoutGrad", x, drop, gorgonia.Nodes{dy, step}}}
		},
	})
}
