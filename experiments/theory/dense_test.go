package theory

import (
	"math"
	"math/rand/v2"
	"testing"
)

var denseShapes = []Shape{{8, 3, 1, 1, 2, 3, 4}, {9, 4, 1, 2, 1, 2, 4}, {6, 6, 0, 1, 1, 4, 4}}

func TestTheDenseLayerHoldsTheJacobianByX(t *testing.T) {
	for _, shape := range denseShapes {
		c := shape.conv(false)
		c.batch = 1
		r := rand.New(rand.NewPCG(1, 1))
		x, w := draw(r, c.zerosX()), draw(r, c.zerosW())
		place := c.places()
		for i, want := range differences(c, x, w).byX {
			var got float64
			if place[i] >= 0 {
				got = w.v[place[i]]
			}
			if math.Abs(got-want) > 1e-9 {
				t.Fatalf("%v: weight from %d to %d is %v, want %v", c, i%len(x.v), i/len(x.v), got, want)
			}
		}
	}
}

func TestAConvolutionIsADenseLayerWithSharedWeights(t *testing.T) {
	rows, err := compareWithDense(denseShapes, 5)
	if err != nil || len(rows) != 3*len(denseShapes) {
		t.Fatal(len(rows), err)
	}
	for _, r := range rows {
		if !(r.Error < 2e-6) {
			t.Errorf("%+v", r)
		}
	}
	// k = d: every weight has one place; otherwise as many as windows meet it
	if r := rows[6]; r.Weights != r.Places || r.Places != r.DenseWeights {
		t.Errorf("%+v", r)
	}
	// 8×8, k = 3, padding 1: the middle weight has 64 places, the edges 56, the corners 49
	if r := rows[0]; r.Places != 2*3*(64+4*56+4*49) {
		t.Errorf("%+v", r)
	}
}
