package ops

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// crossEntropy runs the operation and returns loss and gradient.
func crossEntropy(t *testing.T, logits array, labels []int) (loss float32, grad []float32) {
	t.Helper()
	g := gorgonia.NewGraph()
	x := input(g, "logits", logits)
	y := gorgonia.NewVector(g, tensor.Int, gorgonia.WithName("labels"), gorgonia.WithShape(len(labels)),
		gorgonia.WithValue(tensor.New(tensor.WithShape(len(labels)), tensor.WithBacking(labels))))
	cost, err := CrossEntropy(x, y)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gorgonia.Grad(cost, x); err != nil {
		t.Fatal(err)
	}
	vm := gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(x))
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		t.Fatal(err)
	}
	d, err := x.Grad()
	if err != nil {
		t.Fatal(err)
	}
	return cost.Value().Data().(float32), f32(d)
}

// crossEntropyLoop is the loss in float64 over the rows that are no padding.
func crossEntropyLoop(labels []int) reference {
	return func(in ...array) array {
		k := in[0].shape[1]
		var sum float64
		count := 0
		for n, label := range labels {
			if label < 0 {
				continue
			}
			var total float64
			for _, v := range in[0].v[n*k : (n+1)*k] {
				total += math.Exp(v)
			}
			sum += math.Log(total) - in[0].v[n*k+label]
			count++
		}
		return array{tensor.ScalarShape(), []float64{sum / float64(count)}}
	}
}

func TestCrossEntropyEqualsItsDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for _, labels := range [][]int{{0}, {2, 0, 1, 1}, {1, -1, 2, -1, -1}} {
		t.Run(fmt.Sprint(labels), func(t *testing.T) {
			logits := normal(r, len(labels), 3)
			ref := crossEntropyLoop(labels)
			loss, grad := crossEntropy(t, logits, labels)
			near(t, "loss", []float32{loss}, ref(logits).v)
			one := array{tensor.ScalarShape(), []float64{1}}
			near(t, "gradient", grad, differences(ref, one, 0, logits))
		})
	}
}

func TestCrossEntropyIsFiniteForLargeLogits(t *testing.T) {
	logits := array{tensor.Shape{2, 3}, []float64{-1000, 1000, 0, 3e38, -3e38, 0}}
	loss, grad := crossEntropy(t, logits, []int{0, 0})
	// the first row costs 2000, the second nothing
	if loss != 1000 {
		t.Errorf("loss = %v, want 1000", loss)
	}
	near(t, "gradient", grad, []float64{-0.5, 0.5, 0, 0, 0, 0})
}

func TestCrossEntropyOfAWrongLabelIsNaN(t *testing.T) {
	if loss, _ := crossEntropy(t, zeros(1, 3), []int{3}); loss == loss {
		t.Errorf("loss = %v for label 3 of 3 classes, want NaN", loss)
	}
}

func TestCrossEntropyOfPaddingAloneIsZero(t *testing.T) {
	loss, grad := crossEntropy(t, zeros(2, 3), []int{-1, -1})
	if loss != 0 {
		t.Errorf("loss = %v, want 0", loss)
	}
	near(t, "gradient", grad, make([]float64, 6))
}
