package model

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Parameters is the number of weights and biases.
func (net *Network) Parameters() int {
	n := 0
	for _, w := range net.Learnables {
		n += w.Shape().TotalSize()
	}
	return n
}

// count numbers the layers of a kind, from 1.
func (net *Network) count(kind string) int {
	net.counts[kind]++
	return net.counts[kind]
}

func (net *Network) name(kind string) string { return fmt.Sprint(kind, net.count(kind)) }

// weight adds a weight, drawn with that standard deviation.
func (net *Network) weight(name string, sd float64, shape ...int) *gorgonia.Node {
	return net.learnable(name, shape, func() []float32 {
		return normal(net.input.Seed, len(net.Learnables), sd, tensor.Shape(shape).TotalSize())
	})
}

// bias adds a bias, zero at the start.
func (net *Network) bias(name string, shape ...int) *gorgonia.Node {
	return net.learnable(name, shape, func() []float32 { return make([]float32, tensor.Shape(shape).TotalSize()) })
}

// learnable adds a parameter over the numbers that have this name or, if there
// are none, over those that draw returns. Networks that share weights have
// tensors of their own over the same numbers, so that they can run side by side.
func (net *Network) learnable(name string, shape tensor.Shape, draw func() []float32) *gorgonia.Node {
	if net.weights[name] == nil {
		net.weights[name] = draw()
	}
	value := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(net.weights[name]))
	n := gorgonia.NewTensor(net.Graph, tensor.Float32, len(shape), gorgonia.WithName(name),
		gorgonia.WithShape(shape...), gorgonia.WithValue(value))
	net.Learnables = append(net.Learnables, n)
	return n
}
