package theory

import (
	"math/rand/v2"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"cnnlab/model/ops"
)

// denseRow is one line of convolution.csv: one quantity of a convolution, compared with
// that of the equivalent dense layer with shared weights.
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

// compareWithDense computes each convolution, and the dense layer that holds the kernel's
// weights at their places, forward and backward. The gradient of a shared weight is the
// sum over its places.
func compareWithDense(shapes []Shape, seed uint64) ([]denseRow, error) {
	var rows []denseRow
	for i, shape := range shapes {
		c := shape.conv(false)
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		x, w, g := draw(r, c.zerosX()), draw(r, c.zerosW()), draw(r, c.zerosY())
		place := c.places()
		weights, held := zeros(c.maps*c.out()*c.out(), c.channels*c.d*c.d), 0
		for j, at := range place {
			if at >= 0 {
				weights.v[j] = w.v[at]
				held++
			}
		}
		convolved := newGraph(tensor.Float32, x, w, c.ourConv)
		want, err := convolved.gradient(g)
		if err != nil {
			return nil, errors.WithMessage(err, c.String())
		}
		layer := newGraph(tensor.Float32, x, weights, func(x, w *gorgonia.Node) *gorgonia.Node {
			b := input(x.Graph(), "bias", zeros(1, w.Shape()[0]).value(tensor.Float32))
			return gorgonia.Must(ops.Dense(x, w, b))
		})
		got, err := layer.gradient(g)
		if err != nil {
			return nil, errors.WithMessage(err, c.String())
		}
		summed := c.zerosW()
		for j, at := range place {
			if at >= 0 {
				summed.v[at] += got.byW[j]
			}
		}
		row := denseRow{c.d, c.k, c.pad, c.stride, c.channels, c.maps, c.batch, len(w.v), held, len(place), "", 0}
		for _, q := range []struct {
			name      string
			got, want []float64
		}{{"y", numbers(layer.y), numbers(convolved.y)}, {"dL/dw", summed.v, want.byW}, {"dL/dx", got.byX, want.byX}} {
			row.Quantity, row.Error = q.name, relativeError(q.got, q.want)
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// places maps each weight of the dense layer to the weight of the convolution that it
// holds, or to -1 if it is held at zero. The layer maps x of one image, C·d·d, to y,
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
