package theory

import (
	"fmt"
	"math"
	"math/rand/v2"

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

// newQuarterNet builds the network with tied weights, or with copies that start
// equal. The same seed gives the same weights either way.
func newQuarterNet(c runs.Config, tied bool, classes int) (*quarterNet, error) {
	g := gorgonia.NewGraph()
	net := &quarterNet{graph: g, y: make([]int, c.Batch)}
	labels := gorgonia.NewVector(g, tensor.Int, gorgonia.WithName("y"), gorgonia.WithShape(c.Batch),
		gorgonia.WithValue(tensor.New(tensor.WithShape(c.Batch), tensor.WithBacking(net.y))))
	copies := places
	if tied {
		copies = 1
	}
	r := rand.New(rand.NewPCG(c.Seed, 0))
	net.param("hidden.weight", copies, normals(r, math.Sqrt(2.0/inputs), c.Hidden*inputs), c.Hidden, inputs)
	net.param("hidden.bias", copies, make([]float32, c.Hidden), 1, c.Hidden)
	net.param("vote.weight", copies, normals(r, math.Sqrt(1/float64(places*c.Hidden)), classes*c.Hidden), classes, c.Hidden)
	net.param("vote.bias", copies, make([]float32, classes), 1, classes)

	var logits *gorgonia.Node
	for p := range places {
		net.x[p] = make([]float32, c.Batch*inputs)
		vote, err := net.vote(p, p%copies, c.Batch)
		if err != nil {
			return nil, err
		}
		if logits == nil {
			logits = vote
		} else if logits, err = gorgonia.Add(logits, vote); err != nil { // N×10
			return nil, err
		}
	}
	var err error
	net.loss, err = ops.CrossEntropy(logits, labels)
	return net, err
}

// vote adds the vote of quarter p, through one copy of the weights.
func (net *quarterNet) vote(p, of, batch int) (*gorgonia.Node, error) {
	h := netInput(net.graph, fmt.Sprint("quarter", p), net.x[p], batch, inputs) // N×196
	h, err := ops.Dense(h, net.params[0][of], net.params[1][of])                // N×8
	if err != nil {
		return nil, err
	}
	if h, err = ops.Rectify(h); err != nil {
		return nil, err
	}
	return ops.Dense(h, net.params[2][of], net.params[3][of]) // N×10
}

// param adds copies of a parameter, each over its own numbers. The names end as in
// package model, which exempts biases from decay.
func (net *quarterNet) param(name string, copies int, start []float32, shape ...int) {
	var nodes []*gorgonia.Node
	for i := range copies {
		nodes = append(nodes, netInput(net.graph, fmt.Sprint(i, ".", name), append([]float32(nil), start...), shape...))
	}
	net.params = append(net.params, nodes)
}

// netInput adds a float32 input over v.
func netInput(g *gorgonia.ExprGraph, name string, v []float32, shape ...int) *gorgonia.Node {
	return gorgonia.NewTensor(g, tensor.Float32, len(shape), gorgonia.WithName(name), gorgonia.WithShape(shape...),
		gorgonia.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(v))))
}

func normals(r *rand.Rand, sd float64, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(sd * r.NormFloat64())
	}
	return v
}

// learnables are all copies of all parameters.
func (net *quarterNet) learnables() (all gorgonia.Nodes) {
	for _, copies := range net.params {
		all = append(all, copies...)
	}
	return all
}

// load cuts the images of a batch into quarters. If it is smaller than the network's
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

// sumGradients gives every copy of a parameter the sum of all their gradients, added
// in that order.
func (net *quarterNet) sumGradients(order []int) error {
	for _, copies := range net.params {
		grads := make([][]float32, len(copies))
		for i, node := range copies {
			grad, err := node.Grad()
			if err != nil {
				return errors.Wrap(err, node.Name())
			}
			grads[i] = grad.Data().([]float32)
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

// spread is the largest difference between copies of one weight.
func (net *quarterNet) spread() (worst float64) {
	for _, copies := range net.params {
		for _, node := range copies {
			for _, other := range copies {
				worst = max(worst, largestDifference(weights(node), weights(other)))
			}
		}
	}
	return worst
}

// distance is the largest difference between a copy and the tied weight.
func (net *quarterNet) distance(tied *quarterNet) (worst float64) {
	for i, copies := range net.params {
		for _, node := range copies {
			worst = max(worst, largestDifference(weights(node), weights(tied.params[i][0])))
		}
	}
	return worst
}

func weights(n *gorgonia.Node) []float32 { return n.Value().Data().([]float32) }

// largestDifference is the largest |a-b|; NaN if a difference is.
func largestDifference(a, b []float32) (worst float64) {
	for i := range a {
		worst = max(worst, math.Abs(float64(a[i])-float64(b[i])))
	}
	return worst
}
