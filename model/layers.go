package model

import (
	"math"
	"slices"
	"strings"

	"gorgonia.org/tensor"

	"cnnlab/model/ops"
)

// LayerStep tells how the weights of one layer, without its bias, changed in a step. The
// norms are Euclidean.
type LayerStep struct {
	Layer        string  `json:"layer"`         // such as conv1 or fc2
	GradientNorm float64 `json:"gradient_norm"` // of the mean loss, without weight decay
	WeightNorm   float64 `json:"weight_norm"`   // before the step
	UpdateNorm   float64 `json:"update_norm"`   // of the change that the solver made
}

// measure returns the layers before a solver's step, and a function that fills in their
// updates after it.
func (t *Trainer) measure() (layers []LayerStep, update func()) {
	var weights, before [][]float32
	for i, n := range t.net.Learnables {
		layer, ok := strings.CutSuffix(n.Name(), ".weight")
		if !ok {
			continue
		}
		w := n.Value().Data().([]float32)
		grad := t.params[i].(learnable).grad.Value().Data().([]float32)
		layers = append(layers, LayerStep{Layer: layer, GradientNorm: norm(grad, nil), WeightNorm: norm(w, nil)})
		weights, before = append(weights, w), append(before, slices.Clone(w))
	}
	return layers, func() {
		for i := range layers {
			layers[i].UpdateNorm = norm(weights[i], before[i])
		}
	}
}

// norm is the Euclidean norm of a - b; a nil b is zero.
func norm(a, b []float32) float64 {
	var squares float64
	for i, v := range a {
		d := float64(v)
		if b != nil {
			d -= float64(b[i])
		}
		squares += d * d
	}
	return math.Sqrt(squares)
}

// Activation is what a rectified layer computes for one image, after pooling, if the
// layer has any.
type Activation struct {
	Layer  string
	Shape  tensor.Shape // C×H×W, or units
	Values []float32    // valid until the evaluator's next call
}

// Activations returns what the rectified layers computed for image i of the last batch.
func (e *Evaluator) Activations(i int) (all []Activation) {
	for _, r := range e.machine.net.rectified {
		shape := r.node.Shape()
		size := shape[1:].TotalSize()
		all = append(all, Activation{r.layer, shape[1:], ops.Values(r.node)[i*size : (i+1)*size]})
	}
	return all
}

// Watch starts to record which units of the rectified layers fire, for Dead.
func (e *Evaluator) Watch() {
	e.fired = make(map[string][]bool)
	for _, r := range e.machine.net.rectified {
		e.fired[r.layer] = make([]bool, r.node.Shape()[1])
	}
}

// Dead returns for each rectified layer the share of its units, 0..1, that were zero for
// every image since Watch, and ends the recording. A unit of a convolution is a feature
// map; after pooling, pixels at the edge that no window covers are not seen.
func (e *Evaluator) Dead() map[string]float64 {
	dead := make(map[string]float64)
	for layer, fired := range e.fired {
		n := 0
		for _, f := range fired {
			if !f {
				n++
			}
		}
		dead[layer] = float64(n) / float64(len(fired))
	}
	e.fired = nil
	return dead
}

// watch records the units that fire for the first n images of the batch.
func (e *Evaluator) watch(n int) {
	for _, r := range e.machine.net.rectified {
		fired := e.fired[r.layer]
		if fired == nil {
			return
		}
		unit := r.node.Shape()[1:].TotalSize() / len(fired) // entries of one unit for one image
		v := ops.Values(r.node)
		for i := range n * len(fired) {
			if u := i % len(fired); !fired[u] {
				fired[u] = slices.ContainsFunc(v[i*unit:(i+1)*unit], func(v float32) bool { return v > 0 })
			}
		}
	}
}
