package model

import (
	"errors"
	"math"
	"testing"
)

// TestTheMirrorImageCountsHalf compares with the mean of the probabilities that the
// float64 loops find for the images and for their mirror images.
func TestTheMirrorImageCountsHalf(t *testing.T) {
	p := lenet
	p.n, p.c, p.h, p.w = 20, 3, 8, 12
	x, y := p.batch(20)
	mirrored := make([]float32, len(x))
	for i := range x {
		row, column := i/p.w, i%p.w
		mirrored[i] = x[row*p.w+p.w-1-column]
	}
	for _, scale := range []float32{1, 300} { // the latter has probabilities of 0 in float32
		net, _ := p.train(t, FastOps, &SGD{})
		for i := range net.weights["fc2.weight"] {
			net.weights["fc2.weight"][i] *= scale
		}
		e, err := NewEvaluator(net, 32)
		if err != nil {
			t.Fatal(err)
		}
		s, predictions, err := e.EvaluateMirrored(x, y)
		if err != nil {
			t.Fatal(err)
		}
		ref, correct, loss, apart := newLoops(p, net, x, y), 0, 0.0, 0.0
		image := p.c * p.h * p.w
		for i, label := range y {
			class, confidence := 0, 0.0
			for k := range 10 {
				ref.y = []int{k}
				ref.x = float64s(x[i*image : (i+1)*image])
				one := ref.loss()
				ref.x = float64s(mirrored[i*image : (i+1)*image])
				other := ref.loss()
				mean := (math.Exp(-one) + math.Exp(-other)) / 2
				if k == label {
					loss -= math.Log(mean)
					apart = max(apart, math.Abs(one-other))
				}
				if mean > confidence {
					class, confidence = k, mean
				}
			}
			if class == label {
				correct++
			}
			if got := predictions[i]; got.Class != class || math.Abs(got.Confidence-confidence) > 1e-4 {
				t.Errorf("scale %v, image %d: %+v, by hand class %d with %v", scale, i, got, class, confidence)
			}
		}
		if apart < 0.01 || math.IsInf(loss, 0) {
			t.Fatalf("scale %v: a loss of %v, and the views differ by %v at most; this would not tell them apart", scale, loss, apart)
		}
		if s.Correct != correct || s.Count != 20 || math.Abs(s.Loss-loss) > 1e-5*loss {
			t.Errorf("scale %v: %+v, by hand %d of 20 and a loss of %v", scale, s, correct, loss)
		}
	}
}

// TestMirroredScoresOfNoNumberAreRefused has a class that is NaN, and no image.
func TestMirroredScoresOfNoNumberAreRefused(t *testing.T) {
	net, _ := lenet.train(t, FastOps, &SGD{})
	e, err := NewEvaluator(net, 32)
	if err != nil {
		t.Fatal(err)
	}
	x, y := lenet.batch(32)
	if _, _, err := e.EvaluateMirrored(nil, nil); err == nil {
		t.Error("a batch of no images is scored")
	}
	net.weights["fc2.bias"][3] = float32(math.NaN())
	if _, predictions, err := e.EvaluateMirrored(x, y); !errors.Is(err, ErrDiverged) || predictions != nil {
		t.Errorf("error %v, want ErrDiverged", err)
	}
}

// TestMeanOfLogs holds where the numbers themselves are 0 in float64.
func TestMeanOfLogs(t *testing.T) {
	for _, c := range [][3]float64{{0, 0, 0}, {math.Log(0.2), math.Log(0.6), math.Log(0.4)}, {-2000, -2000, -2000}, {-2000, 0, -math.Ln2}, {-1500, -1500 + math.Log(3), -1500 + math.Ln2}, {math.Inf(-1), math.Inf(-1), math.Inf(-1)}, {math.Inf(-1), 0, -math.Ln2}} {
		for _, got := range []float64{meanOfLogs(c[0], c[1]), meanOfLogs(c[1], c[0])} {
			if got != c[2] && !(math.Abs(got-c[2]) <= 1e-12) {
				t.Errorf("of %v and %v: %v, want %v", c[0], c[1], got, c[2])
			}
		}
	}
}
