package theory

import (
	"slices"
	"testing"

	"gorgonia.org/gorgonia"

	"cnnlab/data"
	"cnnlab/model/ops"
)

// one builds a graph on 1×1 float32 numbers, L = ½(a-t)², and returns dL/dw for
// each node of w.
func one(t *testing.T, target float32, build func(number func(name string, v float32) *gorgonia.Node) (a *gorgonia.Node, w gorgonia.Nodes)) []float64 {
	t.Helper()
	g := gorgonia.NewGraph()
	number := func(name string, v float32) *gorgonia.Node { return netInput(g, name, []float32{v}, 1, 1) }
	a, w := build(number)
	off := gorgonia.Must(gorgonia.Sub(a, number("t", target)))
	loss := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(number("half", 0.5), gorgonia.Must(gorgonia.HadamardProd(off, off))))))
	if _, err := gorgonia.Grad(loss, w...); err != nil {
		t.Fatal(err)
	}
	vm := gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(w...))
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		t.Fatal(err)
	}
	var grads []float64
	for _, n := range w {
		grad, err := n.Grad()
		if err != nil {
			t.Fatal(err)
		}
		grads = append(grads, numbers(grad)...)
	}
	return grads
}

// unit is w·z, a dense layer of one unit.
func unit(number func(name string, v float32) *gorgonia.Node, name string, z, w *gorgonia.Node) *gorgonia.Node {
	return gorgonia.Must(ops.Dense(z, w, number("b"+name, 0)))
}

// TestTheSumOverThePlacesOfTheHandWorkedExamples holds the numbers of theory.md,
// section 2.2: a = w·2 + w·3 with w = 0.5, t = 1, and a = w·(w·2) with w = 3, t = 10.
func TestTheSumOverThePlacesOfTheHandWorkedExamples(t *testing.T) {
	for _, tied := range []bool{true, false} {
		beside := one(t, 1, func(number func(string, float32) *gorgonia.Node) (*gorgonia.Node, gorgonia.Nodes) {
			w := gorgonia.Nodes{number("w1", 0.5)}
			if !tied {
				w = append(w, number("w2", 0.5))
			}
			return gorgonia.Must(gorgonia.Add(unit(number, "1", number("z1", 2), w[0]), unit(number, "2", number("z2", 3), w[len(w)-1]))), w
		})
		behind := one(t, 10, func(number func(string, float32) *gorgonia.Node) (*gorgonia.Node, gorgonia.Nodes) {
			w := gorgonia.Nodes{number("w1", 3)}
			if !tied {
				w = append(w, number("w2", 3))
			}
			return unit(number, "2", unit(number, "1", number("z", 2), w[0]), w[len(w)-1]), w
		})
		wantBeside, wantBehind := []float64{7.5}, []float64{96}
		if !tied {
			wantBeside, wantBehind = []float64{3, 4.5}, []float64{48, 48}
		}
		if !slices.Equal(beside, wantBeside) || !slices.Equal(behind, wantBehind) {
			t.Errorf("tied %v: %v and %v, by hand %v and %v", tied, beside, behind, wantBeside, wantBehind)
		}
	}
}

func TestQuartersAreThoseOfTheImage(t *testing.T) {
	c := shortTraining()
	c.Batch = 3
	net := newQuarterNet(c, true, 10)
	b := data.Batch{X: make([]float32, 2*784), Y: []int{4, 7}}
	for i := range b.X {
		b.X[i] = float32(i)
	}
	net.load(b)
	for p, first := range []float32{0, 14, 14 * 28, 14*28 + 14} {
		q := net.x[p][inputs:] // of image 1
		if q[0] != 784+first || q[1] != 785+first || q[quarter] != 784+28+first || q[inputs-1] != 784+first+13*28+13 {
			t.Errorf("quarter %d begins %v", p, q[:3])
		}
		if slices.Max(net.x[p][2*inputs:]) != 0 {
			t.Error("the padding is not empty")
		}
	}
	if !slices.Equal(net.y, []int{4, 7, -1}) {
		t.Errorf("labels %v", net.y)
	}
}
