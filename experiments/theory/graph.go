package theory

import (
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"cnnlab/model/ops"
)

// pair is a derivative with respect to w and to x.
type pair struct{ byW, byX []float64 }

// graph is an operation y = f(x, w) on a tape machine with the loss L = Σ g·y, whose
// gradient with respect to y is g: a one-hot g selects one row of the Jacobians.
type graph struct {
	up          *gorgonia.Node // g, of the shape of y
	machine     gorgonia.VM
	y, byW, byX gorgonia.Value // of the last run
}

// newGraph builds the graph of y = f(x, w) and, with gorgonia.Grad, of its gradients.
// Only a mistake in this package can make it fail, so it panics.
func newGraph(dtype tensor.Dtype, x, w array, f func(x, w *gorgonia.Node) *gorgonia.Node) *graph {
	g, t := gorgonia.NewGraph(), new(graph)
	nodeX, nodeW := input(g, "x", x.value(dtype)), input(g, "w", w.value(dtype))
	y := f(nodeX, nodeW)
	t.up = input(g, "g", zeros(y.Shape()...).value(dtype))
	grads, err := gorgonia.Grad(gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(y, t.up)))), nodeW, nodeX)
	if err != nil {
		panic(err)
	}
	gorgonia.Read(y, &t.y)
	gorgonia.Read(grads[0], &t.byW)
	gorgonia.Read(grads[1], &t.byX)
	t.machine = gorgonia.NewTapeMachine(g)
	return t
}

func (t *graph) gradient(g array) (pair, error) {
	g.shape = t.up.Shape()
	if err := gorgonia.Let(t.up, g.value(t.up.Dtype())); err != nil {
		return pair{}, err
	}
	defer t.machine.Reset()
	if err := t.machine.RunAll(); err != nil {
		return pair{}, err
	}
	return pair{numbers(t.byW), numbers(t.byX)}, nil
}

func input(g *gorgonia.ExprGraph, name string, v *tensor.Dense) *gorgonia.Node {
	return gorgonia.NewTensor(g, v.Dtype(), v.Dims(), gorgonia.WithName(name), gorgonia.WithShape(v.Shape()...), gorgonia.WithValue(v))
}

func (a array) value(dtype tensor.Dtype) *tensor.Dense {
	if dtype == tensor.Float64 {
		return tensor.New(tensor.WithShape(a.shape...), tensor.WithBacking(append([]float64(nil), a.v...)))
	}
	v := make([]float32, len(a.v))
	for i, x := range a.v {
		v[i] = float32(x)
	}
	return tensor.New(tensor.WithShape(a.shape...), tensor.WithBacking(v))
}

// numbers copies the entries of a tensor.
func numbers(v gorgonia.Value) (all []float64) {
	if x, ok := v.Data().([]float64); ok {
		return append(all, x...)
	}
	for _, x := range v.Data().([]float32) {
		all = append(all, float64(x))
	}
	return all
}

// gorgoniaConv applies Gorgonia's own convolution.
func (c conv) gorgoniaConv(x, w *gorgonia.Node) *gorgonia.Node {
	return gorgonia.Must(gorgonia.Conv2d(x, w, tensor.Shape{c.k, c.k}, []int{c.pad, c.pad}, []int{c.stride, c.stride}, []int{1, 1}))
}

// ourConv applies the convolution of package ops, with a bias of zero.
func (c conv) ourConv(x, w *gorgonia.Node) *gorgonia.Node {
	b := input(x.Graph(), "bias", zeros(1, c.maps, 1, 1).value(tensor.Float32))
	return gorgonia.Must(ops.BiasedConv2d(x, w, b, []int{c.pad, c.pad}, []int{c.stride, c.stride}, nil))
}

// onGraph differentiates y = f(x, w). Libraries compute the correlation, so for the
// convolution it flips the kernel and the gradient.
func (c conv) onGraph(dtype tensor.Dtype, x, w array, f func(x, w *gorgonia.Node) *gorgonia.Node) gradient {
	t := newGraph(dtype, x, c.kernel(w), f)
	return func(g array) (pair, error) {
		p, err := t.gradient(g)
		if err == nil {
			p.byW = c.kernel(array{w.shape, p.byW}).v
		}
		return p, err
	}
}

// kernel returns w, flipped if ∗ is the convolution.
func (c conv) kernel(w array) array {
	if !c.flipped {
		return w
	}
	rotated := slices.Clone(w.v)
	for plane := range slices.Chunk(rotated, c.k*c.k) {
		slices.Reverse(plane) // by 180°
	}
	return array{w.shape, rotated}
}
