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
// stream; they are 0 if sd is 0.
func normal(seed uint64, parameter int, sd float64, n int) []float32 {
	w := make([]float32, n)
	if sd == 0 {
		return w
	}
	r := rand.New(rand.NewPCG(seed, kernel.Key(purposeInit, uint64(parameter))))
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

// learnable adds a parameter over the numbers that net.weights holds under its name, or
// over new ones with standard deviation sd. Networks that share weights have their own
// tensors over the same numbers, so they can run side by side.
func (net *Network) learnable(name string, sd float64, shape ...int) *gorgonia.Node {
	if net.weights[name] == nil {
		net.weights[name] = normal(net.input.Seed, len(net.Learnables), sd, tensor.Shape(shape).TotalSize())
	}
	value := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(net.weights[name]))
	n := gorgonia.NewTensor(net.Graph, tensor.Float32, len(shape), gorgonia.WithName(name),
		gorgonia.WithShape(shape...), gorgonia.WithValue(value))
	net.Learnables = append(net.Learnables, n)
	return n
}
