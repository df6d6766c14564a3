package kernel

import (
	"math/rand/v2"
	"testing"
)

// shapes are convolutions of many kinds, with -short some of them.
func shapes() []Conv {
	var list []Conv
	for kernel := 1; kernel <= 7; kernel++ {
		for pad := range 4 {
			list = append(list,
				Conv{N: 2, C: 3, H: 9, W: 7, K: 5, KH: kernel, KW: kernel, Stride: both(1), Dilation: both(1), Pad: around(pad)},
				Conv{N: 9, C: 2, H: 8, W: 11, K: 3, KH: kernel, KW: 8 - kernel, Stride: both(2), Dilation: both(1), Pad: around(pad)},
				Conv{N: 1, C: 1, H: 13, W: 13, K: 17, KH: kernel, KW: 1, Stride: both(3), Dilation: both(1), Pad: around(pad)})
		}
	}
	for _, c := range []int{1, 3, 5, 16, 17, 32} {
		for _, k := range []int{1, 3, 16, 17, 64} {
			list = append(list, Conv{N: 2, C: c, H: 5, W: 6, K: k, KH: 3, KW: 3, Stride: both(1), Dilation: both(1), Pad: around(1)})
		}
	}
	list = append(list,
		Conv{N: 2, C: 8, H: 7, W: 7, K: 40, KH: 5, KW: 5, Stride: both(1), Dilation: both(1), Pad: around(2)},    // several parts of taps, an odd number of panels
		Conv{N: 1, C: 3, H: 31, W: 29, K: 32, KH: 5, KW: 5, Stride: both(1), Dilation: both(1), Pad: around(2)},  // several parts of pixels
		Conv{N: 17, C: 1, H: 28, W: 28, K: 8, KH: 3, KW: 3, Stride: both(1), Dilation: both(1), Pad: around(1)},  // several samples a block
		Conv{N: 9, C: 17, H: 26, W: 38, K: 33, KH: 3, KW: 3, Stride: both(1), Dilation: both(1), Pad: around(1)}, // several strips of windows
		Conv{N: 9, C: 17, H: 18, W: 26, K: 33, KH: 5, KW: 5, Stride: both(1), Dilation: both(1), Pad: around(2)},
		Conv{N: 2, C: 12, H: 9, W: 12, K: 50, KH: 5, KW: 5, Stride: both(1), Dilation: both(1), Pad: [4]int{1, 4, 0, 3}},
		Conv{N: 1, C: 2, H: 2, W: 3, K: 2, KH: 1, KW: 1, Stride: both(4), Dilation: both(1), Pad: around(3)},   // windows wholly in the padding
		Conv{N: 1, C: 2, H: 10, W: 10, K: 2, KH: 2, KW: 2, Stride: both(5), Dilation: both(1), Pad: around(0)}) // pixels that no window sees
	r := rand.New(rand.NewPCG(3, 4)) // each side for itself
	for range 60 {
		c := Conv{N: 1 + r.IntN(3), C: 1 + r.IntN(20), H: 1 + r.IntN(12), W: 1 + r.IntN(12), K: 1 + r.IntN(20), KH: 1 + r.IntN(4), KW: 1 + r.IntN(4)}
		for i := range 2 {
			c.Stride[i], c.Dilation[i] = 1+r.IntN(3), 1+r.IntN(3)
			c.Pad[i], c.Pad[2+i] = r.IntN(4), r.IntN(4)
		}
		if len(list)%3 == 0 { // for Winograd
			c.C, c.K, c.KH, c.KW, c.Stride, c.Dilation = 12+r.IntN(8), 12+r.IntN(8), 3, 3, both(1), both(1)
		}
		list = append(list, c)
	}
	if !testing.Short() {
		return list
	}
	var some []Conv
	for i := len(list) - 1; i >= 0; i -= 7 {
		some = append(some, list[i])
	}
	return some
}

func both(n int) [2]int { return [2]int{n, n} }

func around(n int) [4]int { return [4]int{n, n, n, n} }

// example is a convolution with inputs of small whole numbers, for which direct sums in
// float32 are exact; equal numbers are many.
type example struct {
	*Conv
	x, w, bias, dy []float32
}

func newExample(c Conv) example {
	r := rand.New(rand.NewPCG(1, 2))
	whole := func(n, most int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(r.IntN(2*most+1) - most)
		}
		return x
	}
	return example{&c, whole(c.N*c.C*c.H*c.W, 5), whole(c.K*c.taps(), 3), whole(c.K, 9), whole(c.N*c.K*c.outs(), 4)}
}

// naive computes y, dx, dw and db by their definitions.
func (e example) naive() (y, dx, dw, db []float64) {
	c, q := e.Conv, e.mapH()*e.mapW()
	maps := make([]float64, c.N*c.K*q)
	e.eachProduct(func(at, a, b int) { maps[at] += float64(e.w[b]) * float64(e.x[a]) })
	for at := range maps {
		maps[at] += float64(e.bias[at/q%c.K])
	}
	y, d := poolNaively(c, maps, e.dy)
	dx, dw, db = make([]float64, len(e.x)), make([]float64, len(e.w)), make([]float64, c.K)
	e.eachProduct(func(at, a, b int) {
		dx[a] += float64(e.w[b]) * d[at]
		dw[b] += float64(e.x[a]) * d[at]
	})
	for at, v := range d {
		db[at/q%c.K] += v
	}
	return y, dx, dw, db
}

// eachProduct calls f for every pixel of the maps, entry of x and entry of w that
// are multiplied for it.
func (e example) eachProduct(f func(at, a, b int)) {
	c := e.Conv
	for at := range c.N * c.K * c.mapH() * c.mapW() {
		j, i := at%c.mapW(), at/c.mapW()%c.mapH()
		k, n := at/c.mapW()/c.mapH()%c.K, at/c.mapW()/c.mapH()/c.K
		for ch := range c.C {
			for r := range c.KH {
				for s := range c.KW {
					row, col := i*c.Stride[0]+r*c.Dilation[0]-c.Pad[0], j*c.Stride[1]+s*c.Dilation[1]-c.Pad[2]
					if row >= 0 && row < c.H && col >= 0 && col < c.W {
						f(at, ((n*c.C+ch)*c.H+row)*c.W+col, ((k*c.C+ch)*c.KH+r)*c.KW+s)
					}
				}
			}
		}
	}
}

// poolNaively rectifies, then pools the maps, and gives each dy to the first
// maximum of its window if the rectifier let it through. Without Pool it hands
// both on.
func poolNaively(c *Conv, maps []float64, dy []float32) (y, d []float64) {
	if !c.Pool {
		for _, v := range dy {
			d = append(d, float64(v))
		}
		return maps, d
	}
	oh, ow := c.mapH()/2, c.mapW()/2
	y, d = make([]float64, c.N*c.K*oh*ow), make([]float64, len(maps))
	for at := range y {
		plane, i, j := at/oh/ow, at/ow%oh, at%ow
		best := -1
		for r := range 2 {
			for s := range 2 {
				p := (plane*c.mapH()+2*i+r)*c.mapW() + 2*j + s
				if v := max(0, maps[p]); best < 0 || v > y[at] {
					best, y[at] = p, v
				}
			}
		}
		if y[at] > 0 {
			d[best] += float64(dy[at])
		}
	}
	return y, d
}
