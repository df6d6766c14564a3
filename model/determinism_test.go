package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// digest trains for some steps and returns the hash of the weights.
func digest(t *testing.T, ops Ops) [32]byte {
	t.Helper()
	sum, err := eightSteps(t, dropping(), ops)()
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// dropping is a small network with both kinds of dropout.
func dropping() plan {
	p := lenet
	p.dropout, p.convDropout = 0.4, 0.1
	return p
}

// eightSteps returns what trains a network of its own, on any goroutine.
func eightSteps(t *testing.T, p plan, ops Ops) func() ([32]byte, error) {
	t.Helper()
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

// TestBitsDoNotDependOnTheProcessor trains the default network on images of both shapes. The
// expected hashes were recorded on a processor with AVX-512 (Zen 4).
func TestBitsDoNotDependOnTheProcessor(t *testing.T) {
	if !strings.HasPrefix(Arithmetic, "avx") {
		t.Skipf("%s rounds differently", Arithmetic)
	}
	want := map[string]string{
		"mnist": "ba6b6448b4874f480b9bb6c79b795980135be68924ebc37b6b9cc1e747adc3d6",
		"cifar": "1768781181e03a78109cf0c153ff737245f8bf62ef656b8240f858099924b1d7",
	}
	for _, bench := range benches {
		sum, err := eightSteps(t, bench.plan, FastOps)()
		if got := hex.EncodeToString(sum[:]); err != nil || got != want[bench.name] {
			t.Errorf("%s: weights with the hash %s, %v; want %s", bench.name, got, err, want[bench.name])
		}
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
			train := eightSteps(t, dropping(), backend)
			wg.Go(func() {
				if got, err := train(); err != nil || got != want {
					t.Errorf("%s: other weights beside other trainings, error %v", backend.Name, err)
				}
			})
		}
	}
	wg.Wait()
}
