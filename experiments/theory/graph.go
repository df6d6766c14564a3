package theory

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"cnnlab/model/ops"
)

// pair is ∂L/∂w (M×C×k×k) and ∂L/∂x (N×C×d×d) in row-major order.
type pair struct{ byW, byX []float64 }

// graph is a convolution on a tape machine with the loss L = Σ g·y, whose gradient
// with respect to y is g: a one-hot g selects one row of the Jacobians.
type graph struct {
	conv     conv
	dtype    tensor.Dtype
	up       *gorgonia.Node // g, N×M×o×o
	machine  gorgonia.VM
	y        gorgonia.Value // of the last run; so are the gradients
	byW, byX gorgonia.Value
}

// convolution adds y = x ⋆ w to a graph.
type convolution func(c conv, x, w *gorgonia.Node) (*gorgonia.Node, error)

// newGraph builds the graph of y and its gradients by gorgonia.Grad. Libraries
// compute the correlation; for the convolution the kernel is flipped first.
func newGraph(c conv, of convolution, dtype tensor.Dtype, x, w array) (*graph, error) {
	s := gorgonia.NewGraph()
	t := &graph{conv: c, dtype: dtype}
	nodeX, nodeW := t.input(s, "x", x), t.input(s, "w", c.onGraph(w))
	t.up = t.input(s, "g", c.zerosY())
	y, err := of(c, nodeX, nodeW)
	if err != nil {
		return nil, err
	}
	gorgonia.Read(y, &t.y)
	weighted, err := gorgonia.HadamardProd(y, t.up)
	if err != nil {
		return nil, err
	}
	loss, err := gorgonia.Sum(weighted)
	if err != nil {
		return nil, err
	}
	grads, err := gorgonia.Grad(loss, nodeW, nodeX)
	if err != nil {
		return nil, err
	}
	gorgonia.Read(grads[0], &t.byW)
	gorgonia.Read(grads[1], &t.byX)
	t.machine = gorgonia.NewTapeMachine(s)
	return t, nil
}

// onGraph is the kernel as the graph needs it: flipped if ∗ is the convolution.
func (c conv) onGraph(w array) array {
	if !c.flipped {
		return w
	}
	turned := c.zerosW()
	for m := range c.maps {
		for ch := range c.channels {
			copy(turned.plane(m, ch).v, w.plane(m, ch).rotated().v)
		}
	}
	return turned
}

// input adds a to the graph in the graph's precision.
func (t *graph) input(s *gorgonia.ExprGraph, name string, a array) *gorgonia.Node {
	return gorgonia.NewTensor(s, t.dtype, 4, gorgonia.WithName(name), gorgonia.WithShape(a.shape[:]...), gorgonia.WithValue(t.value(a)))
}

func (t *graph) value(a array) *tensor.Dense {
	if t.dtype == tensor.Float64 {
		return tensor.New(tensor.WithShape(a.shape[:]...), tensor.WithBacking(append([]float64(nil), a.v...)))
	}
	return tensor.New(tensor.WithShape(a.shape[:]...), tensor.WithBacking(float32s(a.v)))
}

// gradient runs the graph forward and backward with the upstream gradient g.
func (t *graph) gradient(g array) (pair, error) {
	if err := gorgonia.Let(t.up, t.value(g)); err != nil {
		return pair{}, err
	}
	defer t.machine.Reset()
	if err := t.machine.RunAll(); err != nil {
		return pair{}, err
	}
	dw := t.conv.zerosW()
	copy(dw.v, numbers(t.byW))
	return pair{t.conv.onGraph(dw).v, numbers(t.byX)}, nil
}

// numbers copies the entries of a tensor.
func numbers(v gorgonia.Value) []float64 {
	if x, ok := v.Data().([]float64); ok {
		return append([]float64(nil), x...)
	}
	return float64s(v.Data().([]float32))
}

// gorgoniaConv is Gorgonia's own convolution.
func gorgoniaConv(c conv, x, w *gorgonia.Node) (*gorgonia.Node, error) {
	return gorgonia.Conv2d(x, w, tensor.Shape{c.k, c.k}, []int{c.pad, c.pad}, []int{c.stride, c.stride}, []int{1, 1})
}

// ourConv is the convolution of package ops, with a bias of zero.
func ourConv(c conv, x, w *gorgonia.Node) (*gorgonia.Node, error) {
	zero := tensor.New(tensor.WithShape(1, c.maps, 1, 1), tensor.Of(tensor.Float32))
	b := gorgonia.NewTensor(x.Graph(), tensor.Float32, 4, gorgonia.WithName("bias"), gorgonia.WithShape(1, c.maps, 1, 1), gorgonia.WithValue(zero))
	return ops.Conv2d(x, w, b, c.stride, c.pad)
}

func float32s(x []float64) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}

func float64s(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}
