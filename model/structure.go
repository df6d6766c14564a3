package model

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Layer is one layer of a network, as Structure lists it.
type Layer struct {
	Kind            string       // Conv2d, Rectify, MaxPool2D, Dropout, Dense
	Name            string       // of a layer with weights, such as conv1; otherwise empty
	Shape           tensor.Shape // of its output for one image: C×H×W, or units
	Parameters      int          // weights and biases
	Multiplications int64        // with additions, for one image
	Probability     float64      // of Dropout

	size, stride, pad int // of Conv2d and MaxPool2D
	in, out           *gorgonia.Node
}

// Structure returns the layers in the order in which they were added. A Dropout that does
// nothing is left out.
func (net *Network) Structure() []Layer { return net.structure }

// add notes a layer and returns its output.
func (net *Network) add(l Layer, in, out *gorgonia.Node) *gorgonia.Node {
	l.in, l.out, l.Shape = in, out, out.Shape()[1:].Clone()
	if l.Name != "" {
		w, b := net.Learnables[len(net.Learnables)-2].Shape(), net.Learnables[len(net.Learnables)-1].Shape()
		l.Parameters = w.TotalSize() + b.TotalSize()
		l.Multiplications = int64(w.TotalSize())
		if len(l.Shape) == 3 { // once for each pixel of the output
			l.Multiplications *= int64(l.Shape[1] * l.Shape[2])
		}
	}
	net.structure = append(net.structure, l)
	return out
}
