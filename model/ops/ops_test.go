package ops

import (
	"math"
	"math/rand/v2"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// array is a float64 tensor for the references of the tests.
type array struct {
	shape tensor.Shape
	v     []float64
}

func zeros(shape ...int) array {
	return array{shape, make([]float64, tensor.Shape(shape).TotalSize())}
}

// normal returns standard normal numbers that a float32 holds exactly.
func normal(r *rand.Rand, shape ...int) array {
	a := zeros(shape...)
	for i := range a.v {
		a.v[i] = float64(float32(r.NormFloat64()))
	}
	return a
}

func (a array) float32s() []float32 {
	x := make([]float32, len(a.v))
	for i, v := range a.v {
		x[i] = float32(v)
	}
	return x
}

// result is what a graph computed: y and, for the loss Σ up·y, the gradient with
// respect to each input.
type result struct {
	y     []float32
	grads [][]float32
}

// run builds the operation over float32 inputs, weighs its output with the
// upstream gradient up and runs forward and backward on a tape machine.
func run(t *testing.T, build func(in gorgonia.Nodes) (*gorgonia.Node, error), up array, in ...array) result {
	t.Helper()
	g := gorgonia.NewGraph()
	var nodes gorgonia.Nodes
	for i, a := range in {
		nodes = append(nodes, input(g, string(rune('a'+i)), a))
	}
	y, err := build(nodes)
	if err != nil {
		t.Fatal(err)
	}
	if !y.Shape().Eq(up.shape) {
		t.Fatalf("the output has shape %v, want %v", y.Shape(), up.shape)
	}
	var out gorgonia.Value
	gorgonia.Read(y, &out)
	loss := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(y, input(g, "up", up)))))
	if _, err := gorgonia.Grad(loss, nodes...); err != nil {
		t.Fatal(err)
	}
	vm := gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(nodes...))
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		t.Fatal(err)
	}
	r := result{y: append([]float32{}, f32(out)...)}
	for _, n := range nodes {
		d, err := n.Grad()
		if err != nil {
			t.Fatal(err)
		}
		r.grads = append(r.grads, append([]float32{}, f32(d)...))
	}
	return r
}

func input(g *gorgonia.ExprGraph, name string, a array) *gorgonia.Node {
	value := tensor.New(tensor.WithShape(a.shape...), tensor.WithBacking(a.float32s()))
	return gorgonia.NewTensor(g, tensor.Float32, a.shape.Dims(), gorgonia.WithName(name), gorgonia.WithValue(value))
}

// reference computes y from the inputs in float64.
type reference func(in ...array) array

// checkOp compares an operation and its gradients with a float64 reference and
// with the central differences of that reference.
func checkOp(t *testing.T, build func(in gorgonia.Nodes) (*gorgonia.Node, error), ref reference, in ...array) {
	t.Helper()
	y := ref(in...)
	up := normal(rand.New(rand.NewPCG(7, 7)), y.shape...)
	got := run(t, build, up, in...)
	near(t, "y", got.y, y.v)
	for i := range in {
		near(t, "gradient "+string(rune('a'+i)), got.grads[i], differences(ref, up, i, in...))
	}
}

// differences is the gradient of Σ up·ref(in) with respect to input i, by
// central differences.
func differences(ref reference, up array, i int, in ...array) []float64 {
	const h = 1e-6
	grad := make([]float64, len(in[i].v))
	for j, v := range in[i].v {
		in[i].v[j] = v + h
		above := dot(up, ref(in...))
		in[i].v[j] = v - h
		below := dot(up, ref(in...))
		in[i].v[j] = v
		grad[j] = (above - below) / (2 * h)
	}
	return grad
}

func dot(a, b array) (sum float64) {
	for i, v := range a.v {
		sum += v * b.v[i]
	}
	return sum
}

// near fails unless got equals want up to the rounding of float32, measured
// against the largest entry.
func near(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s has %d entries, want %d", what, len(got), len(want))
	}
	var top, worst float64
	for i := range want {
		top = max(top, math.Abs(want[i]))
		worst = max(worst, math.Abs(float64(got[i])-want[i]))
	}
	if worst > 2e-6*max(top, 1e-3) || worst != worst {
		t.Errorf("%s is off by %.2g where the largest entry is %.2g", what, worst, top)
	}
}
