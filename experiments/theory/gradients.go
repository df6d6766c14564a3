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

// smallEntries is the size up to which every entry of a shape's Jacobians is
// compared with every method.
const smallEntries = 10_000

// differentiator returns the gradients of L for an upstream gradient g = ∂L/∂y.
type differentiator interface {
	gradient(g array) (pair, error)
}

// method is one way to differentiate.
type method struct {
	name      string
	precision string
	of        func(c conv, x, w array) (differentiator, error)
}

// methods are compared with the formulas.
var methods = []method{
	{"central differences", "float64", func(c conv, x, w array) (differentiator, error) { return differences(c, x, w), nil }},
	{"gorgonia.Conv2d", "float64", onGraph(gorgoniaConv, tensor.Float64)},
	{"gorgonia.Conv2d", "float32", onGraph(gorgoniaConv, tensor.Float32)},
	{"ops.Conv2d", "float32", onGraph(ourConv, tensor.Float32)},
}

func onGraph(of convolution, dtype tensor.Dtype) func(c conv, x, w array) (differentiator, error) {
	return func(c conv, x, w array) (differentiator, error) { return newGraph(c, of, dtype, x, w) }
}

// Gradients compares the derived gradients of a convolution with automatic
// differentiation and with central differences, at every shape and for both readings
// of ∗. It is an error if one is beyond its tolerance; the page comes with it.
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

// applied is a method applied to one shape.
type applied struct {
	method
	differentiator
}

// compareGradients compares every method on one shape: the products with a random
// upstream gradient with the formulas as convolutions and, on small shapes, each row
// of the Jacobians with the four-index formulas.
func compareGradients(c conv, f formulas, r *rand.Rand) ([]gradientRow, error) {
	x, w, g := draw(r, c.zerosX()), draw(r, c.zerosW()), draw(r, c.zerosY())
	written := f.jacobian(c, x, w)
	asConvolutions := products{c, f, x, w}
	var all []applied
	for _, m := range methods {
		d, err := m.of(c, x, w)
		if err != nil {
			return nil, errors.WithMessage(err, m.name)
		}
		all = append(all, applied{m, d})
	}
	want, err := asConvolutions.gradient(g)
	if err != nil {
		return nil, err
	}
	var rows []gradientRow
	for _, by := range append([]applied{{method{name: "four-index formula", precision: "float64"}, written}}, all...) {
		got, err := by.gradient(g)
		if err != nil {
			return nil, errors.WithMessage(err, by.name)
		}
		rows = append(rows, newRow(c, by.method, "dy/dw", "random", got.byW, want.byW), newRow(c, by.method, "dy/dx", "random", got.byX, want.byX))
	}
	if len(g.v)*max(len(x.v), len(w.v)) > smallEntries {
		return rows, nil
	}
	for _, by := range append([]applied{{method{name: "formula as convolutions", precision: "float64"}, asConvolutions}}, all...) {
		got, err := oneHot(by, c)
		if err != nil {
			return nil, errors.WithMessage(err, by.name)
		}
		rows = append(rows, newRow(c, by.method, "dy/dw", "one-hot", flat(got.byW), flat(written.byW)),
			newRow(c, by.method, "dy/dx", "one-hot", flat(got.byX), flat(written.byX)))
	}
	return rows, nil
}

// products are the formulas as convolutions.
type products struct {
	conv conv
	formulas
	x, w array
}

func (p products) gradient(g array) (pair, error) {
	return pair{p.gradW(p.conv, p.x, g).v, p.gradX(p.conv, p.w, g).v}, nil
}

// oneHot computes the whole Jacobians by d, row by row.
func oneHot(d differentiator, c conv) (j jacobian, err error) {
	g := c.zerosY()
	for e := range g.v {
		g.v[e] = 1
		row, err := d.gradient(g)
		if err != nil {
			return j, err
		}
		g.v[e] = 0
		j.byW, j.byX = append(j.byW, row.byW), append(j.byX, row.byX)
	}
	return j, nil
}

func flat(rows [][]float64) []float64 {
	var all []float64
	for _, row := range rows {
		all = append(all, row...)
	}
	return all
}

// draw fills a with standard normal numbers that a float32 holds exactly, so that
// all methods see the same inputs.
func draw(r *rand.Rand, a array) array {
	for i := range a.v {
		a.v[i] = float64(float32(r.NormFloat64()))
	}
	return a
}

// relativeError is the largest difference divided by the largest magnitude of want;
// NaN if a number is NaN.
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
