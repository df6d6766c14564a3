package model

import (
	"testing"
)

// BenchmarkTrainStep trains the default network on batches of 64, with dropout
// 0.5, momentum 0.9 and L2 5e-4.
func BenchmarkTrainStep(b *testing.B) {
	for _, shape := range []struct {
		name string
		plan
		flop float64 // a training sample: forward, weight gradients, input gradients
	}{
		{"mnist", plan{n: 64, c: 1, h: 28, w: 28, maps: []int{32, 64}, kernel: 3, hidden: 128, classes: 10, dropout: 0.5}, 25.0e6},
		{"cifar", plan{n: 64, c: 3, h: 32, w: 32, maps: []int{32, 64}, kernel: 3, hidden: 128, classes: 10, dropout: 0.5}, 35.0e6},
	} {
		for _, backend := range []Ops{FastOps, GorgoniaOps} {
			b.Run(shape.name+"/"+backend.Name, func(b *testing.B) {
				_, trainer := shape.train(b, backend, &SGD{LearningRate: 0.01, Momentum: 0.9, WeightDecay: 5e-4})
				x, y := shape.batch(shape.n)
				b.ReportAllocs()
				for b.Loop() {
					if _, err := trainer.Step(x, y); err != nil {
						b.Fatal(err)
					}
				}
				perSecond := float64(b.N*shape.n) / b.Elapsed().Seconds()
				b.ReportMetric(perSecond, "samples/s")
				b.ReportMetric(perSecond*shape.flop/1e9, "GFLOP/s")
			})
		}
	}
}
