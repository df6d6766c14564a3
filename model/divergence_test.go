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

// TestOneOutlierIsNoDivergence: one image with ten times the first loss, or fifty, is
// none where the batch is small; a loss that stays there is, as is one step of a batch of
// a hundred.
func TestOneOutlierIsNoDivergence(t *testing.T) {
	for name, c := range map[string]struct {
		batch  int
		losses []float64
		want   int // the step that diverges, from 1; 0: none
	}{
		"one image":           {1, []float64{2.2, 0.1, 22.5, 0.1, 0.1}, 0},
		"one image, far off":  {1, []float64{2.2, 0.1, 110, 0.1, 0.1}, 0},
		"a large batch":       {100, []float64{2.3, 2.2, 24, 2}, 3},
		"a larger batch":      {500, []float64{2.3, 2.2, 24, 2}, 3},
		"not yet ten times":   {100, []float64{2.3, 22.9, 22.9}, 0},
		"half of ten, batch":  {50, []float64{2, 2, 38.1}, 3}, // (2 + 38.1)/2 > 20
		"half of ten, within": {50, []float64{2, 2, 37.9, 2}, 0},
	} {
		var w lossWatch
		got := 0
		for i, loss := range c.losses {
			if err := w.add(loss, c.batch); err != nil {
				got = i + 1
				break
			}
		}
		if got != c.want {
			t.Errorf("%s: step %d, want %d", name, got, c.want)
		}
	}
	var w lossWatch
	steps := 0
	for ; steps < 1000 && w.add(map[bool]float64{true: 2.3, false: 46}[steps == 0], 1) == nil; steps++ {
	}
	if steps < 40 || steps > 80 { // 46 = 20·2.3: half of the average after 69 images, from 1 to 20
		t.Errorf("images at twenty times the first loss end the training after %d steps", steps)
	}
}
