package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// shapes are convolutions of many kinds; those for which nothing is left of the
// image are left out.
func shapes() []Conv {
	var list []Conv
	for kernel := 1; kernel <= 7; kernel++ {
		for pad := range 4 {
			list = append(list,
				Conv{N: 2, C: 3, H: 9, W: 7, K: 5, KH: kernel, KW: kernel, Stride: 1, Pad: pad},
				Conv{N: 9, C: 2, H: 8, W: 11, K: 3, KH: kernel, KW: 8 - kernel, Stride: 2, Pad: pad},
				Conv{N: 1, C: 1, H: 13, W: 13, K: 17, KH: kernel, KW: 1, Stride: 3, Pad: pad})
		}
	}
	for _, c := range []int{1, 3, 5, 16, 17, 32} {
		for _, k := range []int{1, 3, 16, 17, 64} {
			list = append(list, Conv{N: 2, C: c, H: 5, W: 6, K: k, KH: 3, KW: 3, Stride: 1, Pad: 1})
		}
	}
	return append(list,
		Conv{N: 1, C: 3, H: 31, W: 29, K: 32, KH: 5, KW: 5, Stride: 1, Pad: 2}, // several parts of pixels
		Conv{N: 1, C: 40, H: 5, W: 5, K: 17, KH: 3, KW: 3, Stride: 1, Pad: 1},  // several parts of taps
		Conv{N: 17, C: 1, H: 28, W: 28, K: 8, KH: 3, KW: 3, Stride: 1, Pad: 1}, // several samples a block
		Conv{N: 1, C: 2, H: 2, W: 3, K: 2, KH: 1, KW: 1, Stride: 4, Pad: 3},    // windows wholly in the padding
		Conv{N: 1, C: 2, H: 10, W: 10, K: 2, KH: 2, KW: 2, Stride: 5, Pad: 0})  // pixels that no window sees
}

// naive computes y, dx, dw and db by their definitions.
func naive(c *Conv, x, w, bias, dy []float32) (y, dx, dw, db []float64) {
	y, dx = make([]float64, c.N*c.K*c.pixels()), make([]float64, len(x))
	dw, db = make([]float64, len(w)), make([]float64, c.K)
	for at := range y {
		j, i := at%c.OutW(), at/c.OutW()%c.OutH()
		k, n := at/c.pixels()%c.K, at/c.pixels()/c.K
		y[at] = float64(bias[k])
		d := float64(dy[at])
		db[k] += d
		for ch := range c.C {
			for r := range c.KH {
				for s := range c.KW {
					row, col := i*c.Stride+r-c.Pad, j*c.Stride+s-c.Pad
					if row < 0 || row >= c.H || col < 0 || col >= c.W {
						continue
					}
					a, b := ((n*c.C+ch)*c.H+row)*c.W+col, ((k*c.C+ch)*c.KH+r)*c.KW+s
					y[at] += float64(w[b]) * float64(x[a])
					dx[a] += float64(w[b]) * d
					dw[b] += float64(x[a]) * d
				}
			}
		}
	}
	return y, dx, dw, db
}

func TestConvEqualsItsDefinition(t *testing.T) {
	for _, shape := range shapes() {
		if shape.KH > shape.H+2*shape.Pad || shape.KW > shape.W+2*shape.Pad {
			continue
		}
		t.Run(fmt.Sprintf("%d×%d×%d×%d %d of %d×%d stride %d pad %d", shape.N, shape.C, shape.H, shape.W,
			shape.K, shape.KH, shape.KW, shape.Stride, shape.Pad), func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			c := &shape
			x, w, bias := normal(r, c.N*c.C*c.H*c.W), normal(r, c.K*c.taps()), normal(r, c.K)
			dy := normal(r, c.N*c.K*c.pixels())
			y, dx, dw, db := naive(c, x, w, bias, dy)
			eachBody(t, func(t *testing.T) {
				for range 2 { // the second time with scratch that was used
					compareConv(t, c, x, w, bias, dy, y, dx, dw, db)
				}
			})
		})
	}
}

func compareConv(t *testing.T, c *Conv, x, w, bias, dy []float32, y, dx, dw, db []float64) {
	t.Helper()
	for _, place := range []room{guardWords(3)} {
		check := func(what string, want []float64, f func(out []float32)) {
			out := place.slice(len(want))
			for i := range out {
				out[i] = float32(math.NaN()) // every entry has to be set
			}
			f(out)
			near(t, what, out, want)
		}
		check("y", y, func(out []float32) { c.Forward(out, x, w, bias) })
		check("dx", dx, func(out []float32) { c.GradX(out, dy, w) })
		check("dw", dw, func(out []float32) { c.GradW(out, dy, x) })
		check("db", db, func(out []float32) { c.GradBias(out, dy) })
		if err := place.intact(); err != nil {
			t.Error(err)
		}
	}
}

func TestConvPassesNaNToWhatItReaches(t *testing.T) {
	eachBody(t, func(t *testing.T) {
		c := &Conv{N: 1, C: 3, H: 9, W: 9, K: 17, KH: 3, KW: 3, Stride: 1, Pad: 1}
		r := rand.New(rand.NewPCG(1, 2))
		x, w, bias := normal(r, c.C*81), normal(r, c.K*c.taps()), normal(r, c.K)
		x[81+4*9+4] = float32(math.NaN()) // the centre of channel 1
		y := make([]float32, c.K*81)
		c.Forward(y, x, w, bias)
		for i, v := range y {
			row, col := i%81/9, i%9
			if near := max(row-4, 4-row) <= 1 && max(col-4, 4-col) <= 1; near != (v != v) {
				t.Fatalf("y[%d] = %v at %d, %d", i, v, row, col)
			}
		}
		c.GradX(x, make([]float32, len(y)), w)
		sameBits(t, "dx of zeros after NaN", x, make([]float32, len(x)))
	})
}
