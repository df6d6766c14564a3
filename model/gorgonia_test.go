package model

import (
	"math"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// These tests show why the network has a dropout, a cross-entropy and solvers of
// its own. One that fails says that Gorgonia is mended there.

// TestGorgoniasDropoutHasAWrongGradient by (1-p)/p, for p is not 1/2.
func TestGorgoniasDropoutHasAWrongGradient(t *testing.T) {
	const p = 0.2
	g := gorgonia.NewGraph()
	x := gorgonia.NewVector(g, tensor.Float32, gorgonia.WithShape(100), gorgonia.WithName("x"), gorgonia.WithInit(gorgonia.Ones()))
	y := gorgonia.Must(gorgonia.Dropout(x, p))
	grads, err := gorgonia.Grad(gorgonia.Must(gorgonia.Sum(y)), x)
	if err != nil {
		t.Fatal(err)
	}
	var kept, slope gorgonia.Value
	gorgonia.Read(y, &kept)
	gorgonia.Read(grads[0], &slope)
	if err := gorgonia.NewTapeMachine(g).RunAll(); err != nil {
		t.Fatal(err)
	}
	got := slope.Data().([]float32)
	for i, v := range kept.Data().([]float32) { // of x = 1: the factor, which is the gradient
		if want := v * (1 - p) / p; math.Abs(float64(got[i]-want)) > 1e-5 {
			t.Errorf("entry %d: the gradient of a factor of %v is %v, not the wrong %v", i, v, got[i], want)
		}
	}
}

// TestGorgoniasLogSoftMaxOverflows in a row that is far below the first one.
func TestGorgoniasLogSoftMaxOverflows(t *testing.T) {
	g := gorgonia.NewGraph()
	logits := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(2, 2), gorgonia.WithName("logits"),
		gorgonia.WithValue(tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float32{1000, 0, 0, 0}))))
	var logs gorgonia.Value
	gorgonia.Read(gorgonia.Must(gorgonia.LogSoftMax(logits)), &logs)
	if err := gorgonia.NewTapeMachine(g).RunAll(); err != nil {
		t.Fatal(err)
	}
	if got := float64(logs.Data().([]float32)[2]); !math.IsInf(got, 0) && !math.IsNaN(got) {
		t.Errorf("the log of the softmax of two equal logits is %v; it used to overflow", got)
	}
}

// TestGorgoniasMomentumDecaysNoWeight that has no gradient.
func TestGorgoniasMomentumDecaysNoWeight(t *testing.T) {
	g := gorgonia.NewGraph()
	w := gorgonia.NewVector(g, tensor.Float32, gorgonia.WithShape(3), gorgonia.WithName("w"), gorgonia.WithInit(gorgonia.Ones()))
	nothing := gorgonia.NewConstant(tensor.New(tensor.WithShape(3), tensor.Of(tensor.Float32)))
	loss := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(w, nothing))))
	if _, err := gorgonia.Grad(loss, w); err != nil {
		t.Fatal(err)
	}
	machine := gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(w))
	solver := gorgonia.NewMomentum(gorgonia.WithLearnRate(0.1), gorgonia.WithMomentum(0.9), gorgonia.WithL2Reg(0.5))
	for range 3 {
		if err := machine.RunAll(); err != nil {
			t.Fatal(err)
		}
		if err := solver.Step(gorgonia.NodesToValueGrads(gorgonia.Nodes{w})); err != nil {
			t.Fatal(err)
		}
		machine.Reset()
	}
	if got := w.Value().Data().([]float32)[0]; got != 1 {
		t.Errorf("a weight of 1 is %v after three steps of L2 decay; it used to stay", got)
	}
}
