package theory

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"cnnlab/experiments/outcome"
)

// The tolerances, relative to the largest magnitude of the quantity.
const (
	tolerance32 = 1e-5
	tolerance64 = 1e-12
)

// smallEntries is the size up to which every method is compared on every entry of a
// shape's Jacobians.
const smallEntries = 10_000

// gradient returns the gradients of L for an upstream gradient g = ∂L/∂y.
type gradient func(g array) (pair, error)

type method struct {
	name      string
	precision string
	of        func(c conv, x, w array) gradient
}

var methods = []method{
	{"central differences", "float64", func(c conv, x, w array) gradient { return differences(c, x, w).contract }},
	{"gorgonia.Conv2d", "float64", func(c conv, x, w array) gradient { return c.onGraph(tensor.Float64, x, w, c.gorgoniaConv) }},
	{"gorgonia.Conv2d", "float32", func(c conv, x, w array) gradient { return c.onGraph(tensor.Float32, x, w, c.gorgoniaConv) }},
	{"ops.Conv2d", "float32", func(c conv, x, w array) gradient { return c.onGraph(tensor.Float32, x, w, c.ourConv) }},
}

// Gradients compares the derived gradients of a convolution with automatic
// differentiation and with central differences, at every shape and for both readings
// of ∗. If one is beyond its tolerance, it returns an error together with the page.
func Gradients(ctx context.Context, shapes []Shape, seed uint64) (outcome.Page, error) {
	rows, err := compareAll(ctx, shapes, derived, seed)
	if err != nil {
		return outcome.Page{}, err
	}
	return gradientsPage(rows), gradientsVerdict(rows)
}

func compareAll(ctx context.Context, shapes []Shape, f formulas, seed uint64) (rows []gradientRow, err error) {
	for i, shape := range shapes {
		for _, flipped := range []bool{false, true} {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			c := shape.conv(flipped)
			compared, err := compareGradients(c, f, rand.New(rand.NewPCG(seed, uint64(i))))
			if err != nil {
				return nil, errors.WithMessage(err, c.String())
			}
			for _, row := range compared {
				row.Shape = i + 1
				rows = append(rows, row)
			}
		}
	}
	return rows, nil
}

// compareGradients compares every method on one shape. The reference for products with a
// random upstream gradient is the formulas as convolutions. On small shapes, the
// four-index formulas are the reference for each row of the Jacobians.
func compareGradients(c conv, f formulas, r *rand.Rand) (rows []gradientRow, err error) {
	x, w, g := draw(r, c.zerosX()), draw(r, c.zerosW()), draw(r, c.zerosY())
	written := f.jacobian(c, x, w)
	convolved := func(g array) (pair, error) { return pair{f.gradW(c, x, g).v, f.gradX(c, w, g).v}, nil }
	gradients := []gradient{nil}
	for _, m := range methods {
		gradients = append(gradients, m.of(c, x, w))
	}
	compare := func(formula, upstream string, want pair, of func(by gradient) (pair, error)) error {
		for i, m := range append([]method{{name: formula, precision: "float64"}}, methods...) {
			got, err := of(gradients[i])
			if err != nil {
				return errors.WithMessage(err, m.name)
			}
			rows = append(rows, newRow(c, m, "dy/dw", upstream, got.byW, want.byW), newRow(c, m, "dy/dx", upstream, got.byX, want.byX))
		}
		return nil
	}
	want, _ := convolved(g)
	gradients[0] = written.contract
	if err := compare("four-index formula", "random", want, func(by gradient) (pair, error) { return by(g) }); err != nil {
		return nil, err
	}
	if len(g.v)*max(len(x.v), len(w.v)) > smallEntries {
		return rows, nil
	}
	gradients[0] = convolved
	return rows, compare("formula as convolutions", "one-hot", written, func(by gradient) (pair, error) { return oneHot(by, c) })
}

// oneHot computes the whole Jacobians, row by row.
func oneHot(by gradient, c conv) (j pair, err error) {
	g := c.zerosY()
	for e := range g.v {
		g.v[e] = 1
		row, err := by(g)
		if err != nil {
			return pair{}, err
		}
		g.v[e] = 0
		j.byW, j.byX = append(j.byW, row.byW...), append(j.byX, row.byX...)
	}
	return j, nil
}

// draw fills a with standard normal numbers that a float32 holds exactly, so that
// all methods see the same inputs.
func draw(r *rand.Rand, a array) array {
	for i := range a.v {
		a.v[i] = float64(float32(r.NormFloat64()))
	}
	return a
}

// relativeError returns the largest difference divided by the largest magnitude of want,
// or NaN if a number is NaN.
func relativeError(got, want []float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	var top, worst float64
	for i := range want {
		top = max(top, math.Abs(want[i]))
		worst = max(worst, math.Abs(got[i]-want[i])) // max keeps NaN
	}
	if worst == 0 {
		return 0
	}
	return worst / top
}
