package model

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// parameter is a graph node with a value and a gradient.
func parameter(t *testing.T, name string, w, g []float32) *gorgonia.Node {
	t.Helper()
	graph := gorgonia.NewGraph()
	n := gorgonia.NewMatrix(graph, tensor.Float32, gorgonia.WithName(name),
		gorgonia.WithValue(tensor.New(tensor.WithShape(1, len(w)), tensor.WithBacking(w))))
	up := gorgonia.NewMatrix(graph, tensor.Float32, gorgonia.WithName("up"),
		gorgonia.WithValue(tensor.New(tensor.WithShape(1, len(g)), tensor.WithBacking(g))))
	loss := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(n, up))))
	if _, err := gorgonia.Grad(loss, n); err != nil {
		t.Fatal(err)
	}
	vm := gorgonia.NewTapeMachine(graph, gorgonia.BindDualValues(n))
	if err := vm.RunAll(); err != nil {
		t.Fatal(err)
	}
	return n
}

// setGrad gives the parameter a new gradient, after checking that the step
// before left none.
func setGrad(t *testing.T, n *gorgonia.Node, g ...float32) {
	t.Helper()
	d, err := n.Grad()
	if err != nil {
		t.Fatal(err)
	}
	for i, old := range d.Data().([]float32) {
		if old != 0 {
			t.Errorf("gradient %d of %v is %v after the step, want 0", i, n, old)
		}
	}
	copy(d.Data().([]float32), g)
}

func wantWeights(t *testing.T, n *gorgonia.Node, want ...float64) {
	t.Helper()
	for i, w := range n.Value().Data().([]float32) {
		if math.Abs(float64(w)-want[i]) > 1e-6*math.Abs(want[i]) {
			t.Errorf("%v[%d] = %v, want %v", n, i, w, want[i])
		}
	}
}

// By hand, η = 0.1, μ = 0.5, λ = 0.2:
//
//	w = 1, g = 2: v = 2 + 0.2·1 = 2.2, w = 1 - 0.22 = 0.78
//	       g = 1: v = 1.1 + 1 + 0.156 = 2.256, w = 0.78 - 0.2256 = 0.5544
//
// and the bias without λ: v = 2, w = 0.8; v = 1 + 1 = 2, w = 0.6.
func TestSGDDecaysWeightsNotVelocityAndNotBiases(t *testing.T) {
	w := parameter(t, "fc1.weight", []float32{1}, []float32{2})
	b := parameter(t, "fc1.bias", []float32{1}, []float32{2})
	s := &SGD{LearningRate: 0.1, Momentum: 0.5, WeightDecay: 0.2}
	params := gorgonia.NodesToValueGrads(gorgonia.Nodes{w, b})
	if err := s.Step(params); err != nil {
		t.Fatal(err)
	}
	wantWeights(t, w, 0.78)
	wantWeights(t, b, 0.8)
	setGrad(t, w, 1)
	setGrad(t, b, 1)
	if err := s.Step(params); err != nil {
		t.Fatal(err)
	}
	wantWeights(t, w, 0.5544)
	wantWeights(t, b, 0.6)
	if v := s.Velocity[0][0]; math.Abs(float64(v)-2.256) > 1e-6 {
		t.Errorf("velocity = %v, want 2.256", v)
	}
}

// By hand, α = 0.1, λ = 0: the first step of Adam has the size α whatever the
// gradient; with g = 3, then -1:
//
//	m = 0.3, v = 0.009, m̂ = 3, v̂ = 9, w = 1 - 0.1·3/3 = 0.9
//	m = 0.27 - 0.1 = 0.17, v = 0.008991 + 0.001 = 0.009991,
//	m̂ = 0.17/0.19, v̂ = 0.009991/0.001999, w = 0.9 - 0.1·0.894737/2.235621 = 0.859978
//
// With λ = 0.5 the weight w = 1 sees g = 3.5 at first, which changes the moments
// (m = 0.35) though not the step.
func TestAdamFollowsTheAlgorithm(t *testing.T) {
	w := parameter(t, "w.bias", []float32{1}, []float32{3})
	s := &Adam{LearningRate: 0.1}
	params := gorgonia.NodesToValueGrads(gorgonia.Nodes{w})
	if err := s.Step(params); err != nil {
		t.Fatal(err)
	}
	wantWeights(t, w, 0.9)
	setGrad(t, w, -1)
	if err := s.Step(params); err != nil {
		t.Fatal(err)
	}
	wantWeights(t, w, 0.9-0.1*(0.17/0.19)/math.Sqrt(0.009991/0.001999))

	decayed := parameter(t, "w.weight", []float32{1}, []float32{3})
	s = &Adam{LearningRate: 0.1, WeightDecay: 0.5}
	if err := s.Step(gorgonia.NodesToValueGrads(gorgonia.Nodes{decayed})); err != nil {
		t.Fatal(err)
	}
	wantWeights(t, decayed, 0.9)
	if m := s.M[0][0]; math.Abs(float64(m)-0.35) > 1e-6 {
		t.Errorf("first moment = %v, want 0.35", m)
	}
}

func TestSolversReportWeightsThatAreNoLongerFinite(t *testing.T) {
	for name, s := range map[string]gorgonia.Solver{"sgd": &SGD{LearningRate: 1}, "adam": &Adam{LearningRate: math.Inf(1)}} {
		w := parameter(t, "w.weight", []float32{1, 2, 3}, []float32{0, float32(math.Inf(1)), 0})
		if err := s.Step(gorgonia.NodesToValueGrads(gorgonia.Nodes{w})); !errors.Is(err, ErrDiverged) {
			t.Errorf("%s: error %v, want ErrDiverged", name, err)
		}
	}
}

func TestSolversRefuseStateOfAnotherShape(t *testing.T) {
	w := parameter(t, "w.weight", []float32{1, 2}, []float32{0, 0})
	for name, s := range map[string]gorgonia.Solver{"sgd": &SGD{Velocity: [][]float32{{1}}}, "adam": &Adam{M: [][]float32{{1, 2}}, V: [][]float32{{1, 2, 3}}}} {
		if err := s.Step(gorgonia.NodesToValueGrads(gorgonia.Nodes{w})); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestNewSolverKnowsItsNames(t *testing.T) {
	for _, name := range SolverNames() {
		s, err := NewSolver(name, 0.1, 0.9, 0.01)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := s.(stateful); !ok {
			t.Errorf("%s cannot be written to a checkpoint", name)
		}
	}
	if s, err := NewSolver("sgd", 0.1, 0.9, 0.01); err != nil || !reflect.DeepEqual(s, &SGD{LearningRate: 0.1, Momentum: 0.9, WeightDecay: 0.01}) {
		t.Errorf("%+v, %v", s, err)
	}
	if s, err := NewSolver("adam", 0.1, 0.9, 0.01); err != nil || !reflect.DeepEqual(s, &Adam{LearningRate: 0.1, WeightDecay: 0.01}) {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := NewSolver("lion", 0.1, 0.9, 0); err == nil || !strings.Contains(err.Error(), `"lion", want one of sgd, `) {
		t.Errorf("error %v", err)
	}
}
