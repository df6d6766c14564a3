package model

import (
	"bytes"
	"crypto/sha256"
	"runtime"
	"sync"
	"testing"
)

// digest trains for some steps and returns the hash of the weights.
func digest(t *testing.T, ops Ops) [32]byte {
	t.Helper()
	sum, err := eightSteps(t, ops)()
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// eightSteps returns what trains a network of its own, on any goroutine.
func eightSteps(t *testing.T, ops Ops) func() ([32]byte, error) {
	t.Helper()
	p := lenet
	p.dropout, p.convDropout = 0.4, 0.1
	net, trainer := p.train(t, ops, &SGD{LearningRate: 0.02, Momentum: 0.9, WeightDecay: 1e-3})
	x, y := p.batch(32)
	return func() (sum [32]byte, err error) {
		for range 8 {
			if _, err := trainer.Step(x, y); err != nil {
				return sum, err
			}
		}
		var w bytes.Buffer
		err = net.WriteWeights(&w, nil)
		return sha256.Sum256(w.Bytes()), err
	}
}

func TestBitsDoNotDependOnTheCores(t *testing.T) {
	for _, backend := range []Ops{FastOps, GorgoniaOps} {
		want := digest(t, backend)
		for _, procs := range []int{1, 2, 5} {
			before := runtime.GOMAXPROCS(procs)
			got := digest(t, backend)
			runtime.GOMAXPROCS(before)
			if got != want {
				t.Errorf("%s: other weights on %d cores", backend.Name, procs)
			}
		}
	}
}

func TestTrainersRunSideBySide(t *testing.T) {
	var wg sync.WaitGroup
	for _, backend := range []Ops{FastOps, GorgoniaOps} {
		want := digest(t, backend)
		for range 2 {
			train := eightSteps(t, backend)
			wg.Go(func() {
				if got, err := train(); err != nil || got != want {
					t.Errorf("%s: other weights beside other trainings, error %v", backend.Name, err)
				}
			})
		}
	}
	wg.Wait()
}
