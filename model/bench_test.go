package model

import (
	"fmt"
	"testing"
)

// The bench network on both shapes, batch 64, dropout 0.5.
var benches = []struct {
	name string
	plan
	flop float64 // a training sample: forward, weight gradients, input gradients save those of the images
}{
	{"mnist", plan{n: 64, c: 1, h: 28, w: 28, maps: []int{32, 64}, kernel: 3, hidden: 128, classes: 10, dropout: 0.5}, 25.0e6},
	{"cifar", plan{n: 64, c: 3, h: 32, w: 32, maps: []int{32, 64}, kernel: 3, hidden: 128, classes: 10, dropout: 0.5}, 35.0e6},
}

func benchSolver() Solver { return &SGD{LearningRate: 0.01, Momentum: 0.9, WeightDecay: 5e-4} }

// BenchmarkTrainStep trains with momentum 0.9 and L2 5e-4. For one core, set
// GOMAXPROCS=1: with -cpu 1 alone, testing runs the first of several at its own.
func BenchmarkTrainStep(b *testing.B) {
	for _, bench := range benches {
		for _, backend := range []Ops{FastOps, GorgoniaOps} {
			b.Run(bench.name+"/"+backend.Name, func(b *testing.B) {
				trainStep(b, bench.plan, backend, bench.flop)
			})
		}
	}
}

func trainStep(b *testing.B, p plan, backend Ops, flop float64) {
	_, trainer := p.train(b, backend, benchSolver())
	x, y := p.batch(p.n)
	step := func() {
		if _, err := trainer.Step(x, y); err != nil {
			b.Fatal(err)
		}
	}
	step() // allocates the buffers
	b.ReportAllocs()
	for b.Loop() {
		step()
	}
	reportSamples(b, p.n, flop)
}

// reportSamples reports what n samples an operation come to.
func reportSamples(b *testing.B, n int, flop float64) {
	perSecond := float64(b.N*n) / b.Elapsed().Seconds()
	b.ReportMetric(perSecond, "samples/s")
	if flop > 0 {
		b.ReportMetric(perSecond*flop/1e9, "GFLOP/s")
	}
}

// BenchmarkEvaluate scores batches of 100, as the experiments do.
func BenchmarkEvaluate(b *testing.B) {
	for _, bench := range benches {
		for _, backend := range []Ops{FastOps, GorgoniaOps} {
			b.Run(bench.name+"/"+backend.Name, func(b *testing.B) {
				net, _ := bench.train(b, backend, benchSolver())
				e, err := NewEvaluator(net, 100)
				if err != nil {
					b.Fatal(err)
				}
				x, y := bench.batch(100)
				b.ReportAllocs()
				for b.Loop() {
					if _, _, err := e.Evaluate(x, y); err != nil {
						b.Fatal(err)
					}
				}
				reportSamples(b, 100, 0)
			})
		}
	}
}

// BenchmarkOneImage scores one image at a time, as a prediction does.
func BenchmarkOneImage(b *testing.B) {
	for _, bench := range benches {
		b.Run(bench.name, func(b *testing.B) {
			net, _ := bench.train(b, FastOps, benchSolver())
			e, err := NewEvaluator(net, 1)
			if err != nil {
				b.Fatal(err)
			}
			x, y := bench.batch(1)
			for b.Loop() {
				if _, _, err := e.Evaluate(x, y); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkGrowth shows how the cost of a step grows with the batch and with the
// channels of the MNIST network.
func BenchmarkGrowth(b *testing.B) {
	for _, n := range []int{1, 4, 16, 64, 256, 1024} {
		p := benches[0].plan
		p.n = n
		b.Run(fmt.Sprint("batch=", n), func(b *testing.B) { trainStep(b, p, FastOps, 0) })
	}
	for _, factor := range []int{1, 2, 3, 4} {
		p := benches[0].plan
		p.maps = []int{32 * factor, 64 * factor}
		b.Run(fmt.Sprint("channels=", 32*factor, ",", 64*factor), func(b *testing.B) { trainStep(b, p, FastOps, 0) })
	}
}
