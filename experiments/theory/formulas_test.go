package theory

import (
	"slices"
	"testing"
)

// byHand is the worked example of theory.md, section 1.6.
var byHand = struct {
	x, w, g            []float64
	byW, byX           [][]float64 // Jacobians of the correlation
	y, dw, dx          []float64   // correlation
	yConv, dwConv, dxC []float64   // convolution
}{
	x: []float64{1, 2, 3, 4, 5, 6, 7, 8, 9},
	w: []float64{1, 0, 2, -1},
	g: []float64{1, 2, 0, -1},
	y: []float64{4, 6, 10, 12},
	byW: [][]float64{
		{1, 2, 4, 5},
		{2, 3, 5, 6},
		{4, 5, 7, 8},
		{5, 6, 8, 9},
	},
	byX: [][]float64{
		{1, 0, 0, 2, -1, 0, 0, 0, 0},
		{0, 1, 0, 0, 2, -1, 0, 0, 0},
		{0, 0, 0, 1, 0, 0, 2, -1, 0},
		{0, 0, 0, 0, 1, 0, 0, 2, -1},
	},
	dw:     []float64{0, 2, 6, 8},
	dx:     []float64{1, 2, 0, 2, 2, -2, 0, -2, 1},
	yConv:  []float64{8, 10, 14, 16},
	dwConv: []float64{8, 6, 2, 0},
	dxC:    []float64{-1, 0, 4, 0, 2, 0, 0, 0, -1},
}

func TestTheFormulasGiveTheExampleWorkedByHand(t *testing.T) {
	c := firstShapes[0].conv(false)
	x, w, g := c.zerosX(), c.zerosW(), c.zerosY()
	copy(x.v, byHand.x)
	copy(w.v, byHand.w)
	copy(g.v, byHand.g)
	equal := func(what string, got, want []float64) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s is %v, by hand %v", what, got, want)
		}
	}
	equal("y", c.forward(x, w).v, byHand.y)
	j := derived.jacobian(c, x, w)
	equal("∂y/∂w", j.byW, slices.Concat(byHand.byW...))
	equal("∂y/∂x", j.byX, slices.Concat(byHand.byX...))
	equal("∂L/∂w", derived.gradW(c, x, g).v, byHand.dw)
	equal("∂L/∂x", derived.gradX(c, w, g).v, byHand.dx)
	c.flipped = true
	equal("y of the convolution", c.forward(x, w).v, byHand.yConv)
	equal("∂L/∂w of the convolution", derived.gradW(c, x, g).v, byHand.dwConv)
	equal("∂L/∂x of the convolution", derived.gradX(c, w, g).v, byHand.dxC)
}

// TestTheStrideWorkedByHand is the example of theory.md, section 1.5, in one
// dimension; in two, with the outer product of each vector with itself, every
// sum is a product of two of those.
func TestTheStrideWorkedByHand(t *testing.T) {
	outer := func(a array, v ...float64) array {
		for i := range a.v {
			a.v[i] = v[i/len(v)] * v[i%len(v)]
		}
		return a
	}
	c := Shape{5, 2, 0, 2, 1, 1, 1}.conv(false)

	x, w, g := outer(c.zerosX(), 1, 2, 3, 4, 5), outer(c.zerosW(), 1, -1), outer(c.zerosY(), 1, 2)
	for what, pair := range map[string][2]array{
		"y":     {c.forward(x, w), outer(c.zerosY(), -1, -1)},
		"∂L/∂w": {derived.gradW(c, x, g), outer(c.zerosW(), 7, 10)},
		"∂L/∂x": {derived.gradX(c, w, g), outer(c.zerosX(), 1, -1, 2, -2, 0)},
	} {
		if !slices.Equal(pair[0].v, pair[1].v) {
			t.Errorf("%s is %v, by hand %v", what, pair[0].v, pair[1].v)
		}
	}
}
