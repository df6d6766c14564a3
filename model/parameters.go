package model

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"cnnlab/model/internal/kernel"
)

// These purposes keep the random streams of one seed apart. Changing one would change
// every result.
const (
	purposeInit    = 1
	purposeDropout = 2
)

// classifierSD is the standard deviation of the initial weights of the classifier
// (Goyal et al. 2017, section 5.1): no rectifier follows it, so He's argument does
// not hold there.
const classifierSD = 0.01

// heSD returns the standard deviation of the initial weights of a layer with fanIn
// inputs, followed by a rectifier (He et al. 2015, section 2.2, equation 10).
func heSD(fanIn int) float64 { return math.Sqrt(2 / float64(fanIn)) }

// normal draws n numbers with mean 0 and standard deviation sd from the parameter's own
// stream.
func normal(seed uint64, parameter int, sd float64, n int) []float32 {
	r := rand.New(rand.NewPCG(seed, kernel.Key(purposeInit, uint64(parameter))))
	w := make([]float32, n)
	for i := range w {
		w[i] = float32(sd * r.NormFloat64())
	}
	return w
}

// Parameters returns the number of weights and biases.
func (net *Network) Parameters() int {
	n := 0
	for _, w := range net.Learnables {
		n += w.Shape().TotalSize()
	}
	return n
}

func (net *Network) count(kind string) int {
	net.counts[kind]++
	return net.counts[kind]
}

func (net *Network) name(kind string) string { return fmt.Sprint(kind, net.count(kind)) }

// weight adds a weight whose initial entries have standard deviation sd.
func (net *Network) weight(name string, sd float64, shape ...int) *gorgonia.Node {
	return net.learnable(name, shape, func(n int) []float32 { return normal(net.input.Seed, len(net.Learnables), sd, n) })
}

func (net *Network) bias(name string, shape ...int) *gorgonia.Node {
	return net.learnable(name, shape, func(n int) []float32 { return make([]float32, n) })
}

// learnable adds a parameter over the numbers that net.weights holds under its name, or
// over new ones from draw. Networks that share weights have their own tensors over the
// same numbers, so they can run side by side.
func (net *Network) learnable(name string, shape tensor.Shape, draw func(n int) []float32) *gorgonia.Node {
	if net.weights[name] == nil {
		net.weights[name] = draw(shape.TotalSize())
	}
	value := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(net.weights[name]))
	n := gorgonia.NewTensor(net.Graph, tensor.Float32, len(shape), gorgonia.WithName(name),
		gorgonia.WithShape(shape...), gorgonia.WithValue(value))
	net.Learnables = append(net.Learnables, n)
	return n
}
