package ops

import "gorgonia.org/gorgonia"

// FusedMaxPool2D is MaxPool2D(x, size, stride). If x is Rectify of Conv2d and the windows
// are 2×2, 2 apart, one operation replaces all three. It is faster because the feature
// maps are never written to memory. For finite numbers the value is the same, and the
// gradients are equal up to rounding.
//
// The operations it replaces stay in the graph. Use gorgonia.CompileFunction, which
// compiles only what the outputs depend on, to leave them out.
func FusedMaxPool2D(x *gorgonia.Node, size, stride int) (*gorgonia.Node, error) {
	conv := rectifiedConv(x)
	if conv == nil || size != 2 || stride != 2 || conv.conv.OutH() < 2 || conv.conv.OutW() < 2 {
		return MaxPool2D(x, size, stride)
	}
	c := conv.conv.Pooled()
	return convolution("Conv2dRectifyMaxPool2D", c, conv.inputs[0], conv.inputs[1], conv.inputs[2])
}

// rectifiedConv returns the convolution whose Rectify is x, or nil.
func rectifiedConv(x *gorgonia.Node) *op {
	if x == nil {
		return nil
	}
	if o, ok := x.Op().(*op); ok {
		return o.rectified
	}
	return nil
}
