package model

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestTheProbeFollowsTheLoops compares probabilities with those of float64 loops, and the
// change towards a class with central differences of their loss.
func TestTheProbeFollowsTheLoops(t *testing.T) {
	p := lenet
	p.n, p.c, p.h, p.w = 20, 3, 8, 12
	for _, ops := range []Ops{FastOps, GorgoniaOps} {
		net, _ := p.train(t, ops, &SGD{})
		probe, err := NewProbe(net)
		if err != nil {
			t.Fatal(err)
		}
		all, _ := p.batch(20)
		size := p.c * p.h * p.w
		random := rand.New(rand.NewPCG(1, 2))
		for image := range 3 {
			x := all[image*size : (image+1)*size]
			ref := newLoops(p, net, x, []int{0})
			loss := func(class int) float64 {
				ref.y = []int{class}
				return ref.loss()
			}
			probabilities, layers, err := probe.Look(x)
			if err != nil {
				t.Fatal(err)
			}
			for class, got := range probabilities {
				if want := math.Exp(-loss(class)); math.Abs(got-want) > 1e-5 {
					t.Errorf("%s, image %d: class %d has probability %v, want %v", ops.Name, image, class, got, want)
				}
			}
			if len(layers) != 3 || len(layers[0].Shape) != 3 || len(layers[2].Shape) != 1 {
				t.Fatalf("%d layers, want two blocks and the hidden layer", len(layers))
			}
			for _, class := range []int{0, 7} {
				change, err := probe.Toward(x, class)
				if err != nil {
					t.Fatal(err)
				}
				largest := 0.0
				for _, v := range change {
					largest = max(largest, math.Abs(float64(v)))
				}
				for range 30 {
					i := random.IntN(size)
					const h = 1e-5
					was := ref.x[i]
					ref.x[i] = was + h
					more := loss(class)
					ref.x[i] = was - h
					less := loss(class)
					ref.x[i] = was
					if want := -(more - less) / (2 * h); math.Abs(float64(change[i])-want) > 1e-4*largest {
						t.Errorf("%s, image %d towards %d: pixel %d changes by %v, want %v", ops.Name, image, class, i, change[i], want)
					}
				}
			}
		}
		if _, err := probe.Toward(all[:size], 10); err == nil {
			t.Error("a class that does not exist is no error")
		}
		if _, _, err := probe.Look(all[:size-1]); err == nil {
			t.Error("an image of the wrong size is no error")
		}
	}
}
