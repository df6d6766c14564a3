package ops

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"cnnlab/model/internal/kernel"
)

// MaxPool2D takes the maximum over size×size windows, stride apart and without
// padding: x is N×C×H×W, y N×C×OH×OW with OH = ⌊(H-size)/stride⌋+1, OW likewise.
// The gradient goes to the first maximum of each window in row-major order; NaN
// passes through.
func MaxPool2D(x *gorgonia.Node, size, stride int) (*gorgonia.Node, error) {
	if err := check("maxpool2d", operand{"input", x, 4, 4}); err != nil {
		return nil, err
	}
	s := x.Shape()
	if size < 1 || stride < 1 || size > s[2] || size > s[3] {
		return nil, errors.Errorf("maxpool2d: window %d with stride %d on an input %v, want both at least 1 and a window that fits", size, stride, s)
	}
	p := kernel.MaxPool{N: s[0], C: s[1], H: s[2], W: s[3], Size: size, Stride: stride}
	shape := tensor.Shape{p.N, p.C, p.OutH(), p.OutW()}
	argmax := make([]int32, shape.TotalSize()) // of the last run, for the gradient
	return apply(op{
		name:   "MaxPool2D",
		inputs: gorgonia.Nodes{x},
		shape:  shape,
		forward: func(y []float32, in []gorgonia.Value) {
			p.Forward(y, argmax, f32(in[0]))
		},
		gradient: func(y, dy *gorgonia.Node) []term {
			// y is an input only so that the gradient runs after argmax is set
			return []term{
				{"MaxPool2DGrad", x, func(dx []float32, in []gorgonia.Value) { p.GradX(dx, f32(in[0]), argmax) }, gorgonia.Nodes{dy, y}},
			}
		},
	})
}

// FusedMaxPool2D is MaxPool2D(x, size, stride). If x is Rectify of Conv2d and the windows
// are 2×2, 2 apart, one operation replaces all three. It is faster because the feature
// maps are never written to memory. For finite numbers the value is the same, and the
// gradients are equal up to rounding.
//
// The operations it replaces stay in the graph. Use gorgonia.CompileFunction, which
// compiles only what the outputs depend on, to leave them out.
func FusedMaxPool2D(x *gorgonia.Node, size, stride int) (*gorgonia.Node, error) {
	o := rectifiedConv(x)
	if o == nil || size != 2 || stride != 2 || o.conv.OutH() < 2 || o.conv.OutW() < 2 {
		return MaxPool2D(x, size, stride)
	}
	return convolution("Conv2dRectifyMaxPool2D", o.conv.Pooled(), o.inputs[0], o.inputs[1], o.inputs[2])
}

// rectifiedConv returns the Conv2d whose Rectify is x, or nil.
func rectifiedConv(x *gorgonia.Node) *op {
	if x == nil {
		return nil
	}
	if rectify, ok := x.Op().(*op); ok && rectify.name == "Rectify" {
		if conv, ok := rectify.inputs[0].Op().(*op); ok && conv.name == "Conv2d" {
			return conv
		}
	}
	return nil
}
