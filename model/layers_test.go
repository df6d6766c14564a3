package model

import (
	"bytes"
	"math"
	"slices"
	"testing"
)

// TestAMeasuredStepIsAStep: the same bits, and norms as computed from copies.
func TestAMeasuredStepIsAStep(t *testing.T) {
	for _, backend := range []Ops{FastOps, separate} {
		a, plain := tiny.train(t, backend, &SGD{LearningRate: 0.1, Momentum: 0.9, WeightDecay: 0.01})
		b, measured := tiny.train(t, backend, &SGD{LearningRate: 0.1, Momentum: 0.9, WeightDecay: 0.01})
		x, y := tiny.batch(tiny.n)
		var got keeper
		c, kept := tiny.train(t, backend, &got)
		for range 3 {
			before := make(map[string][]float32)
			for name, w := range b.weights {
				before[name] = slices.Clone(w)
				copy(c.weights[name], w)
			}
			s, err := plain.Step(x, y)
			m, layers, err2 := measured.MeasuredStep(x, y)
			if err != nil || err2 != nil || s != m || !bytes.Equal(written(t, a), written(t, b)) {
				t.Fatalf("%s: measured %+v, want %+v; %v %v", backend.Name, m, s, err, err2)
			}
			got.grads = nil
			if _, err := kept.Step(x, y); err != nil {
				t.Fatal(err)
			}
			at := 0
			for i, n := range b.Learnables {
				name, isWeight := bytes.CutSuffix([]byte(n.Name()), []byte(".weight"))
				if !isWeight {
					continue
				}
				l := layers[at]
				at++
				var weight, update, gradient float64
				for j, w := range before[n.Name()] {
					d := float64(b.weights[n.Name()][j]) - float64(w)
					weight, update, gradient = weight+float64(w)*float64(w), update+d*d, gradient+float64(got.grads[i][j])*float64(got.grads[i][j])
				}
				for _, v := range []struct{ got, squares float64 }{{l.WeightNorm, weight}, {l.UpdateNorm, update}, {l.GradientNorm, gradient}} {
					if l.Layer != string(name) || math.Abs(v.got-math.Sqrt(v.squares)) > 1e-9*math.Sqrt(v.squares) {
						t.Errorf("%s: %+v, want norm %v of %s", backend.Name, l, math.Sqrt(v.squares), n.Name())
					}
				}
			}
		}
	}
}

// TestDeadUnitsAreCounted: a feature map and two hidden units are switched off by their
// biases.
func TestDeadUnitsAreCounted(t *testing.T) {
	for _, backend := range []Ops{FastOps, GorgoniaOps, separate} {
		p := lenet
		net, _ := p.train(t, backend, &SGD{})
		e, err := NewEvaluator(net, 32)
		if err != nil {
			t.Fatal(err)
		}
		x, y := p.batch(32)
		e.Watch()
		if _, _, err := e.Evaluate(x, y); err != nil {
			t.Fatal(err)
		}
		alive := e.Dead()
		net.weights["conv1.bias"][0] = -1e6
		net.weights["fc1.bias"][1], net.weights["fc1.bias"][2] = -1e6, -1e6
		e.Watch()
		for range 2 {
			if _, _, err := e.Evaluate(x, y); err != nil {
				t.Fatal(err)
			}
		}
		dead := e.Dead()
		maps, hidden := float64(p.maps[0]), float64(p.hidden)
		if len(dead) != len(p.maps)+1 || alive["conv1"] != 0 || dead["conv1"] != 1/maps || dead["fc1"] < 2/hidden || dead["fc1"] > alive["fc1"]+8/hidden {
			t.Errorf("%s: dead %v, before %v", backend.Name, dead, alive)
		}
		if a := e.Activations(3); len(a) != len(p.maps)+1 || a[0].Layer != "conv1" || len(a[0].Shape) != 3 || len(a[0].Values) != a[0].Shape.TotalSize() || slices.Max(a[0].Values) <= 0 {
			t.Errorf("%s: activations %+v", backend.Name, a)
		}
	}
}

// TestActivationsAgreeBetweenBackends, fused or not.
func TestActivationsAgreeBetweenBackends(t *testing.T) {
	x, y := lenet.batch(4)
	var want []Activation
	for _, backend := range []Ops{GorgoniaOps, FastOps, separate} {
		net, _ := lenet.train(t, backend, &SGD{})
		e, err := NewEvaluator(net, 4)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := e.Evaluate(x, y); err != nil {
			t.Fatal(err)
		}
		got := e.Activations(2)
		if want == nil {
			want = got
			continue
		}
		for i, a := range got {
			if a.Layer != want[i].Layer || !slices.Equal(a.Shape, want[i].Shape) {
				t.Fatalf("%s: %s %v, want %s %v", backend.Name, a.Layer, a.Shape, want[i].Layer, want[i].Shape)
			}
			top := float64(slices.Max(want[i].Values))
			for j, v := range a.Values {
				if math.Abs(float64(v)-float64(want[i].Values[j])) > 1e-5*top {
					t.Fatalf("%s: %s: entry %d is %v, want %v", backend.Name, a.Layer, j, v, want[i].Values[j])
				}
			}
		}
	}
}
