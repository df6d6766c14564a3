package ops

import (
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"cnnlab/model/internal/kernel"
)

// MaxPool2D takes the maximum over windows of kernel[0]×kernel[1] pixels, stride apart: x
// is N×C×H×W, y N×C×OH×OW with OH = ⌊(H+top+bottom-kernel[0])/stride[0]⌋+1, OW likewise. It takes
// the same arguments as gorgonia.MaxPool2D. pad is as for Conv2d, and each number less than
// the kernel; a pixel in the padding is never the maximum. The gradient
// goes to the first maximum of each window in row-major order; NaN passes through.
func MaxPool2D(x *gorgonia.Node, kernelShape tensor.Shape, pad, stride []int) (*gorgonia.Node, error) {
	if err := check("maxpool2d", operand{"input", x, 4, 4}); err != nil {
		return nil, err
	}
	s := x.Shape()
	p := kernel.MaxPool{N: s[0], C: s[1], H: s[2], W: s[3]}
	var err error
	if p.Size, err = steps(kernelShape); err != nil {
		return nil, errors.WithMessage(err, "maxpool2d: kernel")
	}
	if p.Stride, err = steps(stride); err != nil {
		return nil, errors.WithMessage(err, "maxpool2d: stride")
	}
	if p.Pad, err = sides(pad); err != nil {
		return nil, errors.WithMessage(err, "maxpool2d: padding")
	}
	switch {
	case p.Size[0] > p.H+p.Pad[0]+p.Pad[1] || p.Size[1] > p.W+p.Pad[2]+p.Pad[3]:
		return nil, errors.Errorf("maxpool2d: windows of %v with padding %v on an input %v, want windows that fit", kernelShape, pad, s)
	case max(p.Pad[0], p.Pad[1]) >= p.Size[0] || max(p.Pad[2], p.Pad[3]) >= p.Size[1]:
		return nil, errors.Errorf("maxpool2d: padding %v and windows of %v, want less padding than a window has rows and columns", pad, kernelShape)
	}
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

// FusedMaxPool2D is MaxPool2D(x, kernel, pad, stride). If x is Rectify of Conv2d or
// BiasedConv2d and the windows are 2×2, 2 apart and without padding, one operation replaces
// all three. It is faster because the feature maps are never written to memory. For finite
// numbers the value is the same, and the gradients are equal up to rounding.
//
// The operations it replaces stay in the graph. Use gorgonia.CompileFunction, which
// compiles only what the outputs depend on, to leave them out.
func FusedMaxPool2D(x *gorgonia.Node, kernel tensor.Shape, pad, stride []int) (*gorgonia.Node, error) {
	o, two := rectifiedConv(x), []int{2, 2}
	padding, err := sides(pad)
	if o == nil || err != nil || padding != [4]int{} || !slices.Equal(kernel, two) || !slices.Equal(stride, two) || o.conv.OutH() < 2 || o.conv.OutW() < 2 {
		return MaxPool2D(x, kernel, pad, stride)
	}
	return convolution("Conv2dRectifyMaxPool2D", o.conv.Pooled(), o.inputs)
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
