package ops

import (
	"gorgonia.org/gorgonia"

	"cnnlab/model/internal/kernel"
)

// Rectify is y = max(x, 0) for each entry of a tensor x of any shape. Its gradient at 0
// is 0 (in Gorgonia's own it is 1). NaN stays NaN.
func Rectify(x *gorgonia.Node) (*gorgonia.Node, error) {
	if err := check("rectify", operand{"input", x, 1, anyRank}); err != nil {
		return nil, err
	}
	return apply(op{
		name:   "Rectify",
		inputs: gorgonia.Nodes{x},
		shape:  x.Shape(),
		forward: func(y []float32, in []gorgonia.Value) {
			kernel.Rectify(y, f32(in[0]))
		},
		gradient: func(y, dy *gorgonia.Node) []term {
			return []term{
				{"RectifyGrad", x, func(dx []float32, in []gorgonia.Value) { kernel.RectifyGrad(dx, f32(in[0]), f32(in[1])) }, gorgonia.Nodes{dy, y}},
			}
		},
	})
}
