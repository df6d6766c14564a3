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

// operand is an input that must be a float32 tensor of at least min and at most max
// dimensions.
type operand struct {
	name     string
	node     *gorgonia.Node
	min, max int
}

// check returns an error unless all operands of op have the required type and dimensions.
func check(op string, operands ...operand) error {
	for _, o := range operands {
		if o.node == nil {
			return errors.Errorf("%s: %s is missing", op, o.name)
		}
		if o.node.Dtype() != tensor.Float32 || o.node.Dims() < o.min || o.node.Dims() > o.max {
			return errors.Errorf("%s: %s is %v of shape %v, want float32 with %d to %d dimensions", op, o.name, o.node.Dtype(), o.node.Shape(), o.min, o.max)
		}
	}
	return nil
}

// anyRank exceeds the number of dimensions of any tensor.
const anyRank = 16
