package model

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"cnnlab/model/ops"
)

// plan sizes a test network.
type plan struct {
	n, c, h, w  int
	maps        []int
	kernel      int
	hidden      int
	classes     int
	convDropout float64
	dropout     float64
}

// layers is the CNN of the assignment.
func (p plan) layers(net *Network) {
	h := net.X
	for _, maps := range p.maps {
		h = net.MaxPool2D(net.Rectify(net.Conv2d(h, maps, p.kernel)))
	}
	h = net.Dropout(h, p.convDropout)
	h = net.Dropout(net.Rectify(net.Dense(h, p.hidden)), p.dropout)
	net.CrossEntropy(net.Classifier(h, p.classes))
}

func (p plan) input(ops Ops) Input {
	return Input{Batch: p.n, Channels: p.c, Height: p.h, Width: p.w, Seed: 1, Ops: ops}
}

// batch returns n random images with labels.
func (p plan) batch(n int) (x []float32, y []int) {
	r := rand.New(rand.NewPCG(11, 12))
	x = make([]float32, n*p.c*p.h*p.w)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	for range n {
		y = append(y, r.IntN(p.classes))
	}
	return x, y
}

// train builds the network with a trainer.
func (p plan) train(t testing.TB, ops Ops, solver Solver) (*Network, *Trainer) {
	t.Helper()
	net, err := New(p.input(ops), p.layers)
	if err != nil {
		t.Fatal(err)
	}
	grads, err := gorgonia.Grad(net.Loss, net.Learnables...)
	if err != nil {
		t.Fatal(err)
	}
	trainer, err := NewTrainer(net, grads, solver)
	if err != nil {
		t.Fatal(err)
	}
	return net, trainer
}

// keeper is a solver that keeps the gradients and changes nothing.
type keeper struct{ grads [][]float32 }

func (k *keeper) SetLearningRate(float64) {}

func (k *keeper) Step(params []gorgonia.ValueGrad) error {
	for _, p := range params {
		d, err := p.Grad()
		if err != nil {
			return err
		}
		g := d.Data().([]float32)
		k.grads = append(k.grads, append([]float32{}, g...))
		clear(g)
	}
	return nil
}

// separate are the operations of FastOps, one for each layer.
var separate = Ops{Name: "separate", Conv2d: FastOps.Conv2d, Rectify: ops.Rectify, MaxPool2D: func(x *gorgonia.Node, size, stride int) (*gorgonia.Node, error) {
	return ops.MaxPool2D(x, tensor.Shape{size, size}, nil, []int{stride, stride})
}}

var (
	tiny  = plan{n: 3, c: 1, h: 8, w: 8, maps: []int{2, 3}, kernel: 3, hidden: 5, classes: 4}
	odd   = plan{n: 5, c: 3, h: 11, w: 9, maps: []int{4, 3}, kernel: 5, hidden: 6, classes: 3}
	three = plan{n: 2, c: 2, h: 9, w: 13, maps: []int{2, 3, 2}, kernel: 3, hidden: 4, classes: 10}
	drops = plan{n: 4, c: 2, h: 8, w: 8, maps: []int{3, 4}, kernel: 3, hidden: 8, classes: 4, convDropout: 0.2, dropout: 0.35}
)

// TestGradientsEqualCentralDifferences checks every entry of every gradient of
// whole networks against central differences of a float64 network written as
// plain loops.
func TestGradientsEqualCentralDifferences(t *testing.T) {
	for _, p := range []plan{tiny, odd, three, drops} {
		for _, backend := range []Ops{FastOps, separate} {
			t.Run(fmt.Sprint(backend.Name, p), func(t *testing.T) {
				t.Parallel()
				var got keeper
				net, trainer := p.train(t, backend, &got)
				x, y := p.batch(p.n)
				stats, err := trainer.Step(x, y)
				if err != nil {
					t.Fatal(err)
				}
				ref := newLoops(p, net, x, y)
				if want := ref.loss(); math.Abs(stats.MeanLoss()-want) > 1e-6*want {
					t.Errorf("loss is %v, want %v", stats.MeanLoss(), want)
				}
				for i, w := range ref.params {
					compare(t, net.Learnables[i].Name(), got.grads[i], ref.differences(w))
				}
			})
		}
	}
}

func compare(t *testing.T, name string, got []float32, want []float64) {
	t.Helper()
	var top, worst float64
	for i, v := range want {
		top = max(top, math.Abs(v))
		worst = max(worst, math.Abs(v-float64(got[i])))
	}
	if worst > 1e-5*top || worst != worst || top == 0 {
		t.Errorf("gradient of %s is off by %.2g where the largest entry is %.2g", name, worst, top)
	}
}
