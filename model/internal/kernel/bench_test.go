package kernel

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkPeakFMA is the most that one core can do with the vectors in use and
// two multiply-adds a cycle.
func BenchmarkPeakFMA(b *testing.B) {
	const n = 1 << 16
	lanes, peak := 8, peakAVX2
	switch using {
	case purego:
		b.Skip("no assembly is in use")
	case avx512:
		lanes, peak = 16, peakAVX512
	}
	for b.Loop() {
		peak(n)
	}
	b.ReportMetric(float64(24*lanes*n*b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

// BenchmarkConv is the convolutions of both networks, batch 64.
func BenchmarkConv(b *testing.B) {
	for _, net := range []struct {
		name string
		c, h int
	}{{"mnist", 1, 28}, {"cifar", 3, 32}} {
		first := &Conv{N: 64, C: net.c, H: net.h, W: net.h, K: 32, KH: 3, KW: 3, Stride: both(1), Dilation: both(1), Pad: around(1)}
		second := &Conv{N: 64, C: 32, H: net.h / 2, W: net.h / 2, K: 64, KH: 3, KW: 3, Stride: both(1), Dilation: both(1), Pad: around(1)}
		benchmarkConv(b, net.name+"1", first)
		benchmarkConv(b, net.name+"2", second)
		benchmarkConv(b, net.name+"1pooled", first.Pooled())
		benchmarkConv(b, net.name+"2pooled", second.Pooled())
	}
	benchmarkConv(b, "5x5", &Conv{N: 64, C: 20, H: 12, W: 12, K: 50, KH: 5, KW: 5, Stride: both(1), Dilation: both(1), Pad: around(2)})
}

func benchmarkConv(b *testing.B, name string, c *Conv) {
	r := rand.New(rand.NewPCG(1, 1))
	x, w, bias := normal(r, c.N*c.C*c.H*c.W), normal(r, c.K*c.taps()), normal(r, c.K)
	dy := normal(r, c.N*c.K*c.outs())
	y, dx, dw := make([]float32, len(dy)), make([]float32, len(x)), make([]float32, len(w))
	flop := 2 * float64(c.N*c.K*c.mapH()*c.mapW()*c.taps())
	c.Forward(y, x, w, bias) // the gradients of a pooled one belong to it
	product(b, name+"/forward", flop, func() { c.Forward(y, x, w, bias) })
	both := flop
	if c.GradientsTogether() && !c.Pool {
		both *= 2 // gradX is both gradients, gradW that of the weights alone
	}
	product(b, name+"/gradX", both, func() { c.GradX(dx, dy, w, x) })
	product(b, name+"/gradW", flop, func() { c.GradW(dw, dy, x) })
}

// BenchmarkDense is the first dense layer of the MNIST network, batch 64.
func BenchmarkDense(b *testing.B) {
	d := &Dense{N: 64, In: 3136, Out: 128}
	r := rand.New(rand.NewPCG(1, 1))
	x, w, bias, dy := normal(r, d.N*d.In), normal(r, d.Out*d.In), normal(r, d.Out), normal(r, d.N*d.Out)
	y, dx, dw := make([]float32, len(dy)), make([]float32, len(x)), make([]float32, len(w))
	flop := 2 * float64(d.N*d.In*d.Out)
	product(b, "forward", flop, func() { d.Forward(y, x, w, bias) })
	product(b, "gradX", flop, func() { d.GradX(dx, dy, w) })
	product(b, "gradW", flop, func() { d.GradW(dw, dy, x) })
}

func product(b *testing.B, name string, flop float64, f func()) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f()
		}
		b.ReportMetric(flop*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
	})
}

// BenchmarkPass is what runs over the activations of the first convolution,
// 64×32×28×28, and over the 401,408 weights of the dense layer.
func BenchmarkPass(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	const n, k = 64 * 32 * 28 * 28, 128 * 3136
	x, dy, y := normal(r, n), normal(r, n), make([]float32, n)
	p := MaxPool{N: 64, C: 32, H: 28, W: 28, Size: both(2), Stride: both(2)}
	argmax := make([]int32, n/4)
	w, g, m, v := normal(r, k), make([]float32, k), make([]float32, k), make([]float32, k)
	for _, pass := range []struct {
		name  string
		bytes int
		f     func()
	}{
		{"Rectify", 8 * n, func() { Rectify(y, x) }},
		{"RectifyGrad", 12 * n, func() { RectifyGrad(y, dy, x) }},
		{"MaxPool", 6 * n, func() { p.Forward(y[:n/4], argmax, x) }},
		{"MaxPoolGrad", 6 * n, func() { p.GradX(y, dy[:n/4], argmax) }},
		{"Dropout", 8 * n, func() { Dropout(y, x, 0.5, 7) }},
		{"SGD", 24 * k, func() { SGD(w, g, v, 0.01, 0.9, 5e-4) }},
		{"Adam", 32 * k, func() { AdamConstants{0.9, 0.999, 1e-8, 0}.Adam(w, g, m, v, 1e-3, 1) }},
	} {
		b.Run(pass.name, func(b *testing.B) {
			b.SetBytes(int64(pass.bytes))
			for b.Loop() {
				pass.f()
			}
		})
	}
}
