package ops

import "gorgonia.org/gorgonia"

// FusedMaxPool2D is MaxPool2D(x, size, stride), but where x is Rectify of Conv2d
// and the windows are 2×2, 2 apart, one operation takes the place of all three.
// It is the faster by what the maps of the convolution need not go through
// memory. For finite numbers the value is the same, and so are the gradients but
// for the rounding of their sums.
//
// The operations it replaces stay in the graph. Compile what is to be run with
// gorgonia.CompileFunction, which leaves them out if nothing else needs them.
func FusedMaxPool2D(x *gorgonia.Node, size, stride int) (*gorgonia.Node, error) {
	conv := rectified(x)
	if conv == nil || size != 2 || stride != 2 || conv.conv.OutH() < 2 || conv.conv.OutW() < 2 {
		return MaxPool2D(x, size, stride)
	}
	c := conv.conv.Pooled()
	return convolution("Conv2dRectifyMaxPool2D", c, conv.inputs[0], conv.inputs[1], conv.inputs[2])
}

// rectified returns the convolution that x is the Rectify of, or nil.
func rectified(x *gorgonia.Node) *op {
	if x == nil {
		return nil
	}
	rectify, ok := x.Op().(*op)
	if !ok || rectify.name != "Rectify" {
		return nil
	}
	conv, ok := rectify.inputs[0].Op().(*op)
	if !ok || conv.conv == nil || conv.conv.Pool {
		return nil
	}
	return conv
}
