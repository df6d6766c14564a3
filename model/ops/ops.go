// Package ops holds Gorgonia operations for convolutional networks: Conv2d, Dense,
// Rectify, MaxPool2D, FusedMaxPool2D, Dropout and CrossEntropy, each with its forward
// computation and its symbolic gradient side by side, in float32 on the CPU. They work
// in any Gorgonia graph that a tape machine runs, but not on a lisp machine. They differ
// from Gorgonia's own in three ways: an operation owns its output buffer, so that a step
// allocates no tensors; none panics on NaN; and the gradient of Dropout is right.
//
// Because operations own buffers, only one machine at a time may run a graph. Several
// graphs may run side by side.
package ops

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

func f32(v gorgonia.Value) []float32 { return v.Data().([]float32) }

// check returns an error unless n is a float32 tensor of at least min and at
// most max dimensions.
func check(op, what string, n *gorgonia.Node, min, max int) error {
	if n == nil {
		return errors.Errorf("%s: %s is missing", op, what)
	}
	if n.Dtype() != tensor.Float32 || n.Dims() < min || n.Dims() > max {
		return errors.Errorf("%s: %s is %v of shape %v, want float32 with %d to %d dimensions", op, what, n.Dtype(), n.Shape(), min, max)
	}
	return nil
}

// anyRank is more dimensions than any tensor has.
const anyRank = 16
