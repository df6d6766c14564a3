package model

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"cnnlab/model/ops"
)

// Ops is the table of functions that the layers are built from.
type Ops struct {
	Name      string
	Conv2d    func(x, w, b *gorgonia.Node, stride, pad int) (*gorgonia.Node, error)
	Rectify   func(x *gorgonia.Node) (*gorgonia.Node, error)
	MaxPool2D func(x *gorgonia.Node, size, stride int) (*gorgonia.Node, error)

	watch bool // check for NaN after every operation
}

// FastOps are the operations of package ops. They fuse each chain of Conv2d, Rectify
// and 2×2 MaxPool2D into one.
var FastOps = Ops{
	Name: "fast",
	Conv2d: func(x, w, b *gorgonia.Node, stride, pad int) (*gorgonia.Node, error) {
		return ops.FusedConv2d(x, w, b, []int{pad, pad}, []int{stride, stride})
	},
	Rectify: ops.Rectify,
	MaxPool2D: func(x *gorgonia.Node, size, stride int) (*gorgonia.Node, error) {
		return ops.FusedMaxPool2D(x, tensor.Shape{size, size}, nil, []int{stride, stride})
	},
}

// GorgoniaOps are Gorgonia's own convolution, rectifier and pooling, for comparison. A
// NaN ends the step, because the gradient of Gorgonia's pooling panics on it. Dense,
// Dropout and CrossEntropy are those of package ops here too: Gorgonia's dropout has a
// wrong gradient, its softmax overflows, and its matrix product allocates its result
// at every step.
var GorgoniaOps = Ops{
	Name: "gorgonia",
	Conv2d: func(x, w, b *gorgonia.Node, stride, pad int) (*gorgonia.Node, error) {
		size := w.Shape()[2:]
		y, err := gorgonia.Conv2d(x, w, size, []int{pad, pad}, []int{stride, stride}, []int{1, 1})
		if err != nil {
			return nil, err
		}
		return gorgonia.BroadcastAdd(y, b, nil, []byte{0, 2, 3})
	},
	Rectify: gorgonia.Rectify,
	MaxPool2D: func(x *gorgonia.Node, size, stride int) (*gorgonia.Node, error) {
		return gorgonia.MaxPool2D(x, tensor.Shape{size, size}, []int{0, 0}, []int{stride, stride})
	},
	watch: true,
}

// OpsNamed returns the table with the given name: fast or gorgonia.
func OpsNamed(name string) (Ops, error) {
	for _, o := range []Ops{FastOps, GorgoniaOps} {
		if o.Name == name {
			return o, nil
		}
	}
	return Ops{}, errors.Errorf("operations %q, want fast or gorgonia", name)
}
