package theory

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"cnnlab/data"
	"cnnlab/experiments/report/runs"
	"cnnlab/model/ops"
)

// The geometry of the quarters of a digit, 28×28.
const (
	places  = 4
	quarter = 14
	inputs  = quarter * quarter
)

// quarterNet is the network logits = Σ_p V_p·rectify(W_p·x_p + b_p) + c_p over
// the quarters x_p of an image, p = 0…3, with W_0 = … = W_3, and V, b, c
// likewise.
type quarterNet struct {
	graph  *gorgonia.ExprGraph
	loss   *gorgonia.Node
	params [][]*gorgonia.Node // W, b, V, c, each with its copies: four, or one if tied
	x      [places][]float32  // N×196
	y      []int              // N
}

// newQuarterNet builds the network with tied weights, or with copies that start equal.
// The same seed gives the same weights either way.
func newQuarterNet(c runs.Config, tied bool, classes int) *quarterNet {
	g := gorgonia.NewGraph()
	net := &quarterNet{graph: g, y: make([]int, c.Batch)}
	labels := input(g, "y", tensor.New(tensor.WithShape(c.Batch), tensor.WithBacking(net.y)))
	copies := places
	if tied {
		copies = 1
	}
	r := rand.New(rand.NewPCG(c.Seed, 0))
	hidden := net.param("hidden.weight", copies, normals(r, math.Sqrt(2.0/inputs), c.Hidden*inputs), c.Hidden, inputs)
	hiddenBias := net.param("hidden.bias", copies, make([]float32, c.Hidden), 1, c.Hidden)
	vote := net.param("vote.weight", copies, normals(r, math.Sqrt(1/float64(places*c.Hidden)), classes*c.Hidden), classes, c.Hidden)
	voteBias := net.param("vote.bias", copies, make([]float32, classes), 1, classes)

	var logits *gorgonia.Node
	for p := range places {
		net.x[p] = make([]float32, c.Batch*inputs)
		h := netInput(g, fmt.Sprint("quarter", p), net.x[p], c.Batch, inputs)                               // N×196
		h = gorgonia.Must(ops.Rectify(gorgonia.Must(ops.Dense(h, hidden[p%copies], hiddenBias[p%copies])))) // N×8
		h = gorgonia.Must(ops.Dense(h, vote[p%copies], voteBias[p%copies]))                                 // N×10
		if p > 0 {
			h = gorgonia.Must(gorgonia.Add(logits, h))
		}
		logits = h
	}
	net.loss = gorgonia.Must(ops.CrossEntropy(logits, labels))
	return net
}

// param adds copies of a parameter, each over its own numbers. Names end as in package
// model, which recognizes biases by them and exempts them from decay.
func (net *quarterNet) param(name string, copies int, start []float32, shape ...int) (nodes []*gorgonia.Node) {
	for i := range copies {
		nodes = append(nodes, netInput(net.graph, fmt.Sprint(i, ".", name), slices.Clone(start), shape...))
	}
	net.params = append(net.params, nodes)
	return nodes
}

func netInput(g *gorgonia.ExprGraph, name string, v []float32, shape ...int) *gorgonia.Node {
	return input(g, name, tensor.New(tensor.WithShape(shape...), tensor.WithBacking(v)))
}

func normals(r *rand.Rand, sd float64, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(sd * r.NormFloat64())
	}
	return v
}

func (net *quarterNet) learnables() gorgonia.Nodes { return slices.Concat(net.params...) }

// load cuts the images of a batch into quarters. If b is smaller than the network's
// batch, the rest is padding that the loss ignores.
func (net *quarterNet) load(b data.Batch) {
	for p := range places {
		clear(net.x[p])
		top, left := p/2*quarter, p%2*quarter
		for n := range b.Y {
			for row := range quarter {
				from := n*places*inputs + (top+row)*2*quarter + left
				copy(net.x[p][n*inputs+row*quarter:][:quarter], b.X[from:])
			}
		}
	}
	for i := copy(net.y, b.Y); i < len(net.y); i++ {
		net.y[i] = -1
	}
}

// sumGradients gives every copy of a parameter the sum of all copies' gradients, added
// in the given order.
func (net *quarterNet) sumGradients(order []int) error {
	for _, copies := range net.params {
		var grads [][]float32
		for _, node := range copies {
			grad, err := node.Grad()
			if err != nil {
				return errors.Wrap(err, node.Name())
			}
			grads = append(grads, grad.Data().([]float32))
		}
		for e := range grads[0] {
			sum := grads[order[0]][e]
			for _, i := range order[1:] {
				sum += grads[i][e]
			}
			for _, g := range grads {
				g[e] = sum
			}
		}
	}
	return nil
}

// distance returns the largest difference between a copy of a weight and a copy of the
// same weight in other; NaN if one is NaN.
func (net *quarterNet) distance(other *quarterNet) (worst float64) {
	for p, copies := range net.params {
		for _, a := range copies {
			for _, b := range other.params[p] {
				v, w := a.Value().Data().([]float32), b.Value().Data().([]float32)
				for i := range v {
					worst = max(worst, math.Abs(float64(v[i])-float64(w[i])))
				}
			}
		}
	}
	return worst
}
