// Package ops holds Gorgonia operations for convolutional networks: Conv2d, Dense,
// Rectify, MaxPool2D, FusedConv2d, FusedMaxPool2D, Dropout and CrossEntropy, each with its forward
// computation and its symbolic gradient side by side, in float32 on the CPU. They work
// in any Gorgonia graph that a tape machine runs, but not on a lisp machine. They differ
// from Gorgonia's own in three ways: an operation owns its output buffer, so that a step
// allocates no tensors; none panics on NaN; and the gradient of Dropout is right.
//
// Because operations own buffers, only one machine at a time may run a graph. Several
// graphs may run side by side.
package ops

import (
	"fmt"
	"hash"
	"hash/fnv"

	"github.com/chewxy/hm"
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"cnnlab/model/internal/kernel"
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

// compute sets out, in row-major order, from the values of the inputs. It must not keep
// or change the inputs.
type compute func(out []float32, in []gorgonia.Value)

// op is one operation of a graph; it implements gorgonia.Op and gorgonia.SDOp.
type op struct {
	name     string
	inputs   gorgonia.Nodes
	shape    tensor.Shape // of the output
	forward  compute
	gradient func(y, dy *gorgonia.Node) []term // of the first inputs, in their order; nil if there is none
	chained  int                               // the first term that uses what the one before has computed, as those behind it do; 0 if there is none
	conv     *kernel.Conv                      // of Conv2d and FusedMaxPool2D
	panels   *gorgonia.Node                    // of FusedMaxPool2D: the same for FusedConv2d; nil if there is none
	unpacked []float32                         // the value of panels, for Values

	id  int           // unique in a graph, so that Gorgonia never merges two operations
	out *tensor.Dense // the output, allocated at the first run
}

// term is the gradient with respect to one input, as an operation of its own.
type term struct {
	name    string
	wrt     *gorgonia.Node // the input; the gradient has its shape
	forward compute
	inputs  gorgonia.Nodes
}

// apply adds o to the graph of its inputs and returns its output. The id is the size of
// the graph, so it is the same each time the graph is built.
func apply(o op) (*gorgonia.Node, error) {
	o.id = len(o.inputs[0].Graph().AllNodes())
	o.shape = o.shape.Clone()
	n, err := gorgonia.ApplyOp(&o, o.inputs...)
	return n, errors.Wrap(err, o.name)
}

// Do runs the operation.
func (o *op) Do(in ...gorgonia.Value) (gorgonia.Value, error) {
	if o.shape.IsScalar() {
		var y [1]float32
		o.forward(y[:], in)
		return gorgonia.NewF32(y[0]), nil
	}
	if o.out == nil {
		o.out = tensor.New(tensor.WithShape(o.shape...), tensor.Of(tensor.Float32))
	}
	o.forward(f32(o.out), in)
	return o.out, nil
}

// SymDiff adds the gradient to the graph: a node for each input, nil for those
// that cannot be differentiated.
func (o *op) SymDiff(_ gorgonia.Nodes, y, dy *gorgonia.Node) (gorgonia.Nodes, error) {
	if o.gradient == nil {
		return nil, errors.Errorf("%s is a gradient and has none of its own", o.name)
	}
	grads := make(gorgonia.Nodes, len(o.inputs))
	for i, t := range o.gradient(y, dy) {
		if o.chained > 0 && i >= o.chained {
			t.inputs = append(t.inputs, grads[i-1])
		}
		d, err := apply(op{name: t.name, inputs: t.inputs, shape: t.wrt.Shape(), forward: t.forward})
		if err != nil {
			return nil, err
		}
		grads[i] = d
	}
	return grads, nil
}

// DiffWRT reports true for the float32 inputs; labels and counters come after these.
func (o *op) DiffWRT(int) []bool {
	wrt := make([]bool, len(o.inputs))
	for i, n := range o.inputs {
		wrt[i] = o.gradient != nil && n.Dtype() == tensor.Float32
	}
	return wrt
}

// Arity returns the number of inputs.
func (o *op) Arity() int { return len(o.inputs) }

// Type returns the signature for Gorgonia's type inference.
func (o *op) Type() hm.Type {
	var types []hm.Type
	for _, n := range o.inputs {
		types = append(types, n.Type())
	}
	if o.shape.IsScalar() {
		return hm.NewFnType(append(types, tensor.Float32)...)
	}
	return hm.NewFnType(append(types, gorgonia.TensorType{Dims: o.shape.Dims(), Of: tensor.Float32})...)
}

// InferShape returns the shape of the output, which is known from the start.
func (o *op) InferShape(...gorgonia.DimSizer) (tensor.Shape, error) { return o.shape.Clone(), nil }

// ReturnsPtr returns true: the output is a buffer, not a copy.
func (o *op) ReturnsPtr() bool { return true }

// CallsExtern returns false: the machine need not allocate the output.
func (o *op) CallsExtern() bool { return false }

// OverwritesInput returns -1: no input changes.
func (o *op) OverwritesInput() int { return -1 }

// WriteHash writes what distinguishes this operation from every other.
func (o *op) WriteHash(h hash.Hash) { fmt.Fprintf(h, "cnnlab/%s#%d", o.name, o.id) }

// Hashcode returns a 32-bit hash of what WriteHash writes.
func (o *op) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

// String returns the name of the operation.
func (o *op) String() string { return o.name }
