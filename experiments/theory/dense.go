package theory

import (
	"math/rand/v2"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"cnnlab/model/ops"
)

// denseRow is one line of convolution.csv: a convolution, compared with the dense
// layer with shared weights that it is.
type denseRow struct {
	D            int     `csv:"d"`
	K            int     `csv:"k"`
	Padding      int     `csv:"padding"`
	Stride       int     `csv:"stride"`
	Channels     int     `csv:"channels"`
	Maps         int     `csv:"maps"`
	Batch        int     `csv:"batch"`
	Weights      int     `csv:"weights"`       // of the convolution
	Places       int     `csv:"places"`        // weights of the dense layer that hold one of them
	DenseWeights int     `csv:"dense_weights"` // all, including those held at zero
	Quantity     string  `csv:"quantity"`      // y, dL/dw or dL/dx
	Error        float64 `csv:"max_relative_difference"`
}

// compareWithDense computes each convolution, and the dense layer whose weights hold
// the kernel's at their places, forward and backward.
func compareWithDense(shapes []Shape, seed uint64) ([]denseRow, error) {
	var rows []denseRow
	for i, shape := range shapes {
		c := shape.conv(false)
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		x, w, g := draw(r, c.zerosX()), draw(r, c.zerosW()), draw(r, c.zerosY())
		convolved, err := newGraph(c, ourConv, tensor.Float32, x, w)
		if err != nil {
			return nil, errors.WithMessage(err, c.String())
		}
		want, err := convolved.gradient(g)
		if err != nil {
			return nil, errors.WithMessage(err, c.String())
		}
		place := c.places()
		y, got, err := throughDense(c, place, x, w, g)
		if err != nil {
			return nil, errors.WithMessage(err, c.String())
		}
		row := denseRow{c.d, c.k, c.pad, c.stride, c.channels, c.maps, c.batch, len(w.v), held(place), len(place), "", 0}
		for _, q := range []struct {
			name      string
			got, want []float64
		}{{"y", y, numbers(convolved.y)}, {"dL/dw", got.byW, want.byW}, {"dL/dx", got.byX, want.byX}} {
			row.Quantity, row.Error = q.name, relativeError(q.got, q.want)
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// places maps each weight of the dense layer to the weight of the convolution that
// it holds, -1 for those held at zero. The layer maps x of one image, C·d·d, to y,
// M·o·o; its weight from (c,u,v) to (m,i,j) is w[m,c,u+pad-stride·i,v+pad-stride·j].
func (c conv) places() []int {
	w, x, y := c.zerosW(), zeros(1, c.channels, c.d, c.d), zeros(1, c.maps, c.out(), c.out())
	place := make([]int, 0, len(y.v)*len(x.v))
	for e := range y.v {
		for i := range x.v {
			to, from := y.index(e), x.index(i)
			a, b := from[2]+c.pad-c.stride*to[2], from[3]+c.pad-c.stride*to[3]
			at := -1
			if a >= 0 && a < c.k && b >= 0 && b < c.k {
				at = ((to[1]*w.shape[1]+from[1])*c.k+a)*c.k + b
			}
			place = append(place, at)
		}
	}
	return place
}

// held counts the places that hold a weight.
func held(place []int) (n int) {
	for _, at := range place {
		if at >= 0 {
			n++
		}
	}
	return n
}

// throughDense computes the convolution as a dense layer: y, and the gradients for
// the upstream gradient g, that of each weight summed over its places.
func throughDense(c conv, place []int, x, w, g array) (y []float64, grads pair, err error) {
	in, out := c.channels*c.d*c.d, c.maps*c.out()*c.out()
	weight := make([]float32, len(place))
	for i, at := range place {
		if at >= 0 {
			weight[i] = float32(w.v[at])
		}
	}
	s := gorgonia.NewGraph()
	nodeX := netInput(s, "x", float32s(x.v), c.batch, in)
	nodeW := netInput(s, "w", weight, out, in)
	layer, err := ops.Dense(nodeX, nodeW, netInput(s, "b", make([]float32, out), 1, out))
	if err != nil {
		return nil, grads, err
	}
	var result gorgonia.Value
	gorgonia.Read(layer, &result)
	weighted, err := gorgonia.HadamardProd(layer, netInput(s, "g", float32s(g.v), c.batch, out))
	if err != nil {
		return nil, grads, err
	}
	loss, err := gorgonia.Sum(weighted)
	if err != nil {
		return nil, grads, err
	}
	byNode, err := gorgonia.Grad(loss, nodeW, nodeX)
	if err != nil {
		return nil, grads, err
	}
	var dense, byX gorgonia.Value
	gorgonia.Read(byNode[0], &dense)
	gorgonia.Read(byNode[1], &byX)
	vm := gorgonia.NewTapeMachine(s)
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		return nil, grads, err
	}
	grads = pair{make([]float64, len(w.v)), numbers(byX)}
	for i, v := range numbers(dense) {
		if place[i] >= 0 {
			grads.byW[place[i]] += v
		}
	}
	return numbers(result), grads, nil
}
