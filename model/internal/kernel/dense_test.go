package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestDenseEqualsItsDefinition(t *testing.T) {
	for _, size := range [][3]int{{1, 1, 1}, {2, 3, 5}, {7, 16, 16}, {64, 17, 10}, {5, 33, 128}, {13, 700, 31}, {400, 21, 9}, {3, 40, 350}} {
		n, in, out := size[0], size[1], size[2]
		r := rand.New(rand.NewPCG(3, 2))
		x, w, bias, dy := normal(r, n*in), normal(r, out*in), normal(r, out), normal(r, n*out)
		y, dx, dw, db := make([]float64, n*out), make([]float64, n*in), make([]float64, out*in), make([]float64, out)
		for i := range n {
			for o := range out {
				d := float64(dy[i*out+o])
				db[o] += d
				y[i*out+o] = float64(bias[o])
				for j := range in {
					y[i*out+o] += float64(x[i*in+j]) * float64(w[o*in+j])
					dx[i*in+j] += d * float64(w[o*in+j])
					dw[o*in+j] += d * float64(x[i*in+j])
				}
			}
		}
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			eachBody(t, func(t *testing.T) {
				for _, place := range rooms(t) {
					d := &Dense{N: n, In: in, Out: out}
					at := func(x []float32) []float32 { return append(place.slice(len(x))[:0], x...) }
					x, w, bias, dy := at(x), at(w), at(bias), at(dy)
					for range 2 {
						got := place.slice(len(y))
						d.Forward(got, x, w, bias)
						near(t, "y", got, y)
						got = place.slice(len(dx))
						d.GradX(got, dy, w)
						near(t, "dx", got, dx)
						got = place.slice(len(dw))
						d.GradW(got, dy, x)
						near(t, "dw", got, dw)
						got = place.slice(len(db))
						d.GradBias(got, dy)
						near(t, "db", got, db)
					}
					if err := place.intact(); err != nil {
						t.Error(place.name, err)
					}
				}
			})
		})
	}
}
