package model

import (
	"errors"
	"math"
	"testing"
)

// TestANetworkThatIsNoLongerFiniteIsNotScored breaks the weights after the last
// step, when only the evaluation can see it.
func TestANetworkThatIsNoLongerFiniteIsNotScored(t *testing.T) {
	for _, backend := range []Ops{FastOps, GorgoniaOps} {
		for _, bad := range []float64{math.NaN(), math.Inf(1)} {
			net, _ := lenet.train(t, backend, &SGD{})
			e, err := NewEvaluator(net, 32)
			if err != nil {
				t.Fatal(err)
			}
			net.weights["fc2.bias"][3] = float32(bad)
			x, y := lenet.batch(32)
			if _, predictions, err := e.Evaluate(x, y); !errors.Is(err, ErrDiverged) || predictions != nil {
				t.Errorf("%s, %v: error %v, want ErrDiverged", backend.Name, bad, err)
			}
		}
	}
}

// TestNaNAndInfinityAnywhereAreDivergence puts them into a weight, a bias or the
// images, where they reach the gradient of the pooling: stock Gorgonia ends the
// process there.
func TestNaNAndInfinityAnywhereAreDivergence(t *testing.T) {
	for _, backend := range []Ops{FastOps, GorgoniaOps} {
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			for _, where := range []string{"conv1.weight", "conv2.weight", "conv1.bias", "conv2.bias", "fc1.weight", "fc2.weight", "fc2.bias", "x"} {
				net, trainer := lenet.train(t, backend, &SGD{LearningRate: 0.01, Momentum: 0.9})
				x, y := lenet.batch(32)
				if where == "x" {
					for i := range x {
						x[i] = float32(bad)
					}
				} else {
					for i := range net.weights[where] {
						net.weights[where][i] = float32(bad)
					}
				}
				var err error
				for range 3 { // a rectifier may hide it at first
					if _, err = trainer.Step(x, y); err != nil {
						break
					}
				}
				if !errors.Is(err, ErrDiverged) {
					t.Errorf("%s, %v in %s: error %v, want ErrDiverged", backend.Name, bad, where, err)
				}
			}
		}
	}
}
