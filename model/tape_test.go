package model

import (
	"math"
	"strings"
	"testing"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// vector is a named input of two numbers.
func vector(g *gorgonia.ExprGraph, name string, a, b float32) *gorgonia.Node {
	return gorgonia.NewVector(g, tensor.Float32, gorgonia.WithName(name),
		gorgonia.WithValue(tensor.New(tensor.WithShape(2), tensor.WithBacking([]float32{a, b}))))
}

// TestTheTapeComputesWhatGorgoniasMachineDoes: L = Σ (x+w)²·x and its gradients, on
// the tape twice, for new inputs too.
func TestTheTapeComputesWhatGorgoniasMachineDoes(t *testing.T) {
	build := func() (g *gorgonia.ExprGraph, x *gorgonia.Node, outputs gorgonia.Nodes) {
		g = gorgonia.NewGraph()
		x = vector(g, "x", 3, 4)
		w := vector(g, "w", -1, 0.5)
		loss := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(gorgonia.Must(gorgonia.Square(gorgonia.Must(gorgonia.Add(x, w)))), x))))
		grads, err := gorgonia.Grad(loss, x, w)
		if err != nil {
			t.Fatal(err)
		}
		return g, x, append(grads, loss)
	}
	theirs, theirX, want := build()
	machine := gorgonia.NewTapeMachine(theirs)
	defer machine.Close()
	graph, x, got := build()
	ours, err := newTape(graph, got, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, numbers := range [][]float32{{3, 4}, {3, 4}, {-2, 7}} {
		for _, n := range []*gorgonia.Node{theirX, x} {
			if err := gorgonia.Let(n, tensor.New(tensor.WithShape(2), tensor.WithBacking(append([]float32(nil), numbers...)))); err != nil {
				t.Fatal(err)
			}
		}
		if err := machine.RunAll(); err != nil {
			t.Fatal(err)
		}
		if err := ours.run(); err != nil {
			t.Fatal(err)
		}
		loss := (numbers[0]-1)*(numbers[0]-1)*numbers[0] + (numbers[1]+0.5)*(numbers[1]+0.5)*numbers[1]
		if l := got[2].Value().Data().(float32); l != loss {
			t.Errorf("%v: loss %v, by hand %v", numbers, l, loss)
		}
		for i := range got[:2] {
			a, b := got[i].Value().Data().([]float32), want[i].Value().Data().([]float32)
			if a[0] != b[0] || a[1] != b[1] {
				t.Errorf("%v: gradient %d is %v, Gorgonia's machine says %v", numbers, i, a, b)
			}
		}
		machine.Reset()
	}
}

// TestTheTapeRunsOnlyWhatIsNeeded: not the gradient that nobody asked for.
func TestTheTapeRunsOnlyWhatIsNeeded(t *testing.T) {
	g := gorgonia.NewGraph()
	x, w := vector(g, "x", 3, 4), vector(g, "w", -1, 0.5)
	loss := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(x, w))))
	grads, err := gorgonia.Grad(loss, x, w)
	if err != nil {
		t.Fatal(err)
	}
	tape, err := newTape(g, gorgonia.Nodes{grads[1]}, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := tape.run(); err != nil {
		t.Fatal(err)
	}
	if grads[1].Value() == nil || grads[0].Value() != nil || loss.Value() != nil {
		t.Errorf("values %v, %v and %v, want that of the gradient asked for alone", grads[1].Value(), grads[0].Value(), loss.Value())
	}
}

// noNumbers is a graph of Gorgonia's pooling on a window of NaN, whose gradient
// panics and, on Gorgonia's own machine, ends the process.
func noNumbers(t *testing.T, watch bool) *tape {
	t.Helper()
	g := gorgonia.NewGraph()
	bad := make([]float32, 4)
	for i := range bad {
		bad[i] = float32(math.NaN())
	}
	x := gorgonia.NewTensor(g, tensor.Float32, 4, gorgonia.WithName("x"),
		gorgonia.WithValue(tensor.New(tensor.WithShape(1, 1, 2, 2), tensor.WithBacking(bad))))
	y := gorgonia.Must(gorgonia.MaxPool2D(x, tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
	grads, err := gorgonia.Grad(gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Add(y, y)))), x)
	if err != nil {
		t.Fatal(err)
	}
	tape, err := newTape(g, grads, watch)
	if err != nil {
		t.Fatal(err)
	}
	return tape
}

func TestTheTapeSurvivesAnOperationThatPanics(t *testing.T) {
	if err := noNumbers(t, false).run(); err == nil || !strings.Contains(err.Error(), "panicked") {
		t.Errorf("error %v, want that an operation panicked", err)
	}
}

func TestTheWatchEndsAtTheFirstNaN(t *testing.T) {
	g := gorgonia.NewGraph()
	y := gorgonia.Must(gorgonia.Square(vector(g, "x", float32(math.NaN()), 1)))
	tape, err := newTape(g, gorgonia.Nodes{y}, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := tape.run(); !errors.Is(err, ErrDiverged) || !strings.Contains(err.Error(), "NaN from ") {
		t.Errorf("error %v, want ErrDiverged and the operation", err)
	}
}
