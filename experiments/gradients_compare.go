package experiments

import (
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
)

// smallEntries is how many entries a Jacobian of a small shape has at most; of
// small ones each is compared with every method.
const smallEntries = 10_000

// way is a method at work on one shape.
type way struct {
	method
	differentiator
}

// compareGradients compares every method on one shape: the products with a
// random upstream gradient against the formulas as convolutions, and on small
// shapes each row of the Jacobians against the four-index formulas.
func compareGradients(c conv, f formulas, r *rand.Rand) ([]gradientRow, error) {
	x, w, g := draw(r, c.zerosX()), draw(r, c.zerosW()), draw(r, c.zerosY())
	written := f.jacobian(c, x, w)
	asConvolutions := products{c, f, x, w}
	var methods []way
	for _, m := range gradientMethods {
		d, err := m.of(c, x, w)
		if err != nil {
			return nil, errors.WithMessage(err, m.name)
		}
		methods = append(methods, way{m, d})
	}
	want, err := asConvolutions.gradient(g)
	if err != nil {
		return nil, err
	}
	var rows []gradientRow
	for _, by := range append([]way{{method{name: "four-index formula", precision: "float64"}, written}}, methods...) {
		got, err := by.gradient(g)
		if err != nil {
			return nil, errors.WithMessage(err, by.name)
		}
		rows = append(rows, newRow(c, by.method, "dy/dw", "random", got.byW, want.byW), newRow(c, by.method, "dy/dx", "random", got.byX, want.byX))
	}
	if len(g.v)*max(len(x.v), len(w.v)) > smallEntries {
		return rows, nil
	}
	for _, by := range append([]way{{method{name: "formula as convolutions", precision: "float64"}, asConvolutions}}, methods...) {
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

// oneHot is the whole Jacobian by d, row by row.
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

// draw fills a with standard normal numbers that a float32 holds exactly, so
// that no method sees other inputs.
func draw(r *rand.Rand, a array) array {
	for i := range a.v {
		a.v[i] = float64(float32(r.NormFloat64()))
	}
	return a
}

// relativeError is the largest difference, against the largest magnitude of
// want; NaN where there is one.
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
