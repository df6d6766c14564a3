package model

import (
	"math"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// square is a graph of y = x², on a machine.
func square(t *testing.T, value float32) (vm gorgonia.VM, y *gorgonia.Node) {
	t.Helper()
	g := gorgonia.NewGraph()
	x := gorgonia.NewVector(g, tensor.Float32, gorgonia.WithName("x"),
		gorgonia.WithValue(tensor.New(tensor.WithShape(2), tensor.WithBacking([]float32{value, 2 * value}))))
	y = gorgonia.Must(gorgonia.Square(x))
	return gorgonia.NewTapeMachine(g, gorgonia.WithNaNWatch()), y
}

// TestTapeRunsWhatTheMachineRuns compares with the machine's own RunAll, and runs
// a second time after Reset.
func TestTapeRunsWhatTheMachineRuns(t *testing.T) {
	theirs, want := square(t, 3)
	if err := theirs.RunAll(); err != nil {
		t.Fatal(err)
	}
	vm, got := square(t, 3)
	ours := newTape(vm)
	for range 2 {
		if err := ours.RunAll(); err != nil {
			t.Fatal(err)
		}
		ours.Reset()
		for i, v := range got.Value().Data().([]float32) {
			if w := want.Value().Data().([]float32)[i]; v != w || w != 9*float32(1+3*i) {
				t.Errorf("y[%d] = %v, want %v", i, v, w)
			}
		}
	}
}

func TestTapeReturnsTheMachinesErrors(t *testing.T) {
	vm, _ := square(t, float32(math.NaN()))
	ours := newTape(vm)
	if err := ours.RunAll(); err == nil || !strings.Contains(err.Error(), "NaN found") {
		t.Errorf("error is %v, want that of the machine's watch", err)
	}
}

// In the gradient of Gorgonia's pooling a window of NaN panics, which with the
// machine's own RunAll ends the process.
func TestTapeSurvivesAnOperationThatPanics(t *testing.T) {
	g := gorgonia.NewGraph()
	bad := make([]float32, 4)
	for i := range bad {
		bad[i] = float32(math.NaN())
	}
	x := gorgonia.NewTensor(g, tensor.Float32, 4, gorgonia.WithName("x"),
		gorgonia.WithValue(tensor.New(tensor.WithShape(1, 1, 2, 2), tensor.WithBacking(bad))))
	y := gorgonia.Must(gorgonia.MaxPool2D(x, tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2}))
	loss := gorgonia.Must(gorgonia.Sum(y))
	if _, err := gorgonia.Grad(loss, x); err != nil {
		t.Fatal(err)
	}
	err := newTape(gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(x))).RunAll()
	if err == nil || !strings.Contains(err.Error(), "panicked") {
		t.Errorf("error is %v, want that an operation panicked", err)
	}
}
