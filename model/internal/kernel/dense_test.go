package kernel

import (
	"fmt"
	"math"
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

// TestDenseLeavesOutZeros compares the gradients, to the bit, with those of products with every zero.
func TestDenseLeavesOutZeros(t *testing.T) {
	eachAVX(t, func(t *testing.T) {
		for _, size := range [][3]int{{1, 96, 2}, {7, 97, 16}, {64, 250, 33}, {33, 256, 64}, {64, 3136, 128}} {
			n, in, out := size[0], size[1], size[2]
			r := rand.New(rand.NewPCG(4, 2))
			x, w, bias, dy := normal(r, n*in), normal(r, out*in), normal(r, out), normal(r, n*out)
			for i := range dy {
				if i < out || r.IntN(4) > 0 { // all of the first sample
					dy[i] = 0
				}
			}
			dy[(n-1)*out] = 0
			gradients := func(d *Dense) (dx, dw []float32) {
				dx, dw = make([]float32, n*in), make([]float32, out*in)
				d.GradX(dx, dy, w)
				d.GradW(dw, dy, x)
				return dx, dw
			}
			all, few := &Dense{N: n, In: in, Out: out}, &Dense{N: n, In: in, Out: out}
			few.Forward(make([]float32, n*out), x, w, bias)
			wantX, wantW := gradients(all)
			dx, dw := gradients(few)
			if all.nonzero.counts != nil || few.nonzero.counts == nil {
				t.Fatalf("%v: both in the same way", size)
			}
			sameBits(t, "dx", dx, wantX)
			sameBits(t, "dw", dw, wantW)

			x[len(x)-1], w[len(w)-1] = float32(math.Inf(1)), float32(math.NaN()) // 0·∞ is NaN
			few.Forward(make([]float32, n*out), x, w, bias)
			wantX, wantW = gradients(all)
			dx, dw = gradients(few)
			sameBits(t, "dx beside NaN", dx, wantX)
			sameBits(t, "dw beside infinity", dw, wantW)
			if v := dw[in-1]; v == v {
				t.Fatalf("%v: dw is %v where 0 meets infinity, want NaN", size, v)
			}
		}
	})
}
