package ops

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"cnnlab/model/internal/kernel"
)

// Dense is a fully connected layer, y = x·wᵀ + b, with w (out×in, PyTorch's
// layout) and b (1×out). The first dimension of x is the batch; the others are
// flattened in order (C,H,W), so the layer can follow a convolution without a reshape.
// y is N×out. It is an error if the shapes do not fit.
func Dense(x, w, b *gorgonia.Node) (*gorgonia.Node, error) {
	if err := check("dense", operand{"input", x, 2, anyRank}, operand{"weight", w, 2, 2}, operand{"bias", b, 2, 2}); err != nil {
		return nil, err
	}
	xs, ws := x.Shape(), w.Shape()
	d := kernel.Dense{N: xs[0], In: xs[1:].TotalSize(), Out: ws[0]}
	if ws[1] != d.In {
		return nil, errors.Errorf("dense: weight %v takes %d inputs, the input %v has %d", ws, ws[1], xs, d.In)
	}
	if !b.Shape().Eq(tensor.Shape{1, d.Out}) {
		return nil, errors.Errorf("dense: bias has shape %v, want (1, %d)", b.Shape(), d.Out)
	}
	if most := max(d.In, d.Out); int64(d.N)*int64(most) > math.MaxInt32 {
		return nil, errors.Errorf("dense: %d rows of %d numbers, want at most %d in all", d.N, most, math.MaxInt32)
	}
	return apply(op{
		name:   "Dense",
		inputs: gorgonia.Nodes{x, w, b},
		shape:  tensor.Shape{d.N, d.Out},
		forward: func(y []float32, in []gorgonia.Value) {
			d.Forward(y, f32(in[0]), f32(in[1]), f32(in[2]))
		},
		gradient: func(_, dy *gorgonia.Node) []term {
			return []term{
				{"DenseGradX", x, func(dx []float32, in []gorgonia.Value) { d.GradX(dx, f32(in[0]), f32(in[1])) }, gorgonia.Nodes{dy, w}},
				{"DenseGradW", w, func(dw []float32, in []gorgonia.Value) { d.GradW(dw, f32(in[0]), f32(in[1])) }, gorgonia.Nodes{dy, x}},
				{"DenseGradBias", b, func(db []float32, in []gorgonia.Value) { d.GradBias(db, f32(in[0])) }, gorgonia.Nodes{dy}},
			}
		},
	})
}
