package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func TestConvEqualsItsDefinition(t *testing.T) {
	for _, shape := range shapes() {
		for _, shape.Pool = range []bool{false, true} {
			if !shape.Fits() || shape.OutH() < 1 || shape.OutW() < 1 {
				continue
			}
			t.Run(fmt.Sprintf("%d×%d×%d×%d %d of %d×%d stride %d by %d pad %d pool %v", shape.N, shape.C, shape.H, shape.W,
				shape.K, shape.KH, shape.KW, shape.Stride, shape.Dilation, shape.Pad, shape.Pool), func(t *testing.T) {
				e := newExample(shape)
				compare := e.comparison()
				y, dx, dw, db := e.naive()
				places := rooms(t)
				eachBody(t, func(t *testing.T) {
					compareConv(t, e, places[0], compare, y, dx, dw, db)
					// the second time with scratch that was used, and where what is read or
					// written behind an array ends the program
					last := places[len(places)-1]
					there := e
					for _, x := range []*[]float32{&there.x, &there.w, &there.bias, &there.dy} {
						was := *x
						*x = last.slice(len(was))
						copy(*x, was)
					}
					compareConv(t, there, last, compare, y, dx, dw, db)
				})
			})
		}
	}
}

// comparison returns how results are compared. By Winograd's algorithm, whole numbers do
// not stay whole, so which of equal pixels is the maximum of a window is left to chance:
// numbers without equals take their place.
func (e *example) comparison() func(t *testing.T, what string, got []float32, want []float64) {
	switch {
	case fastest() < avx2 || !e.suitsWinograd():
		return exact
	case !e.Pool:
		return roundedTo
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, x := range [][]float32{e.x, e.w, e.bias, e.dy} {
		special(r, x, false)
	}
	return near
}

func compareConv(t *testing.T, e example, place room, compare func(t *testing.T, what string, got []float32, want []float64), y, dx, dw, db []float64) {
	t.Helper()
	c := e.Conv
	check := func(what string, want []float64, f func(out []float32)) []float32 {
		out := place.slice(len(want))
		for i := range out {
			out[i] = float32(math.NaN()) // every entry has to be set
		}
		f(out)
		compare(t, what, out, want)
		return out
	}
	check("y", y, func(out []float32) { c.Forward(out, e.x, e.w, e.bias) })
	check("dx", dx, func(out []float32) { c.GradX(out, e.dy, e.w, e.x) })
	check("dw", dw, func(out []float32) { c.GradW(out, e.dy, e.x) })
	check("db", db, func(out []float32) { c.GradBias(out, e.dy) })
	if err := place.intact(); err != nil {
		t.Error(err)
	}
}

// TestConvIsNearItsDefinitionForAnyNumbers measures rounding, which whole numbers
// have none of.
func TestConvIsNearItsDefinitionForAnyNumbers(t *testing.T) {
	for _, shape := range shapes() {
		for _, shape.Pool = range []bool{false, true} {
			if !shape.Fits() || shape.OutH() < 1 || shape.OutW() < 1 {
				continue
			}
			e, r := newExample(shape), rand.New(rand.NewPCG(1, 2))
			for _, x := range [][]float32{e.x, e.w, e.bias, e.dy} {
				special(r, x, false)
			}
			y, dx, dw, _ := e.naive()
			eachBody(t, func(t *testing.T) {
				out := make([]float32, max(len(y), len(dx), len(dw)))
				e.Forward(out, e.x, e.w, e.bias)
				near(t, "y", out[:len(y)], y)
				e.GradX(out, e.dy, e.w, e.x)
				near(t, "dx", out[:len(dx)], dx)
				e.GradW(out, e.dy, e.x)
				near(t, "dw", out[:len(dw)], dw)
			})
		}
	}
}

// Of the sets of loops in assembly, each adds the same products in the same
// order.
func TestAssemblyOfAnyWidthGivesTheSameBits(t *testing.T) {
	if fastest() < avx512 {
		t.Skip("AVX-512 cannot run here")
	}
	for _, shape := range shapes() {
		for _, shape.Pool = range []bool{false, true} {
			if !shape.Fits() || shape.OutH() < 1 || shape.OutW() < 1 {
				continue
			}
			e, r := newExample(shape), rand.New(rand.NewPCG(1, 2))
			special(r, e.x, false)
			special(r, e.w, false)
			special(r, e.dy, false)
			var wide, narrow [4][]float32
			with(avx512, func() { wide = e.results(e.x, e.dy) })
			with(avx2, func() { narrow = e.results(e.x, e.dy) })
			for i, what := range []string{"y", "dx", "dw", "db"} {
				sameBits(t, what, wide[i], narrow[i])
			}
		}
	}
}

// results returns y, dx, dw and db.
func (e *example) results(x, dy []float32) (all [4][]float32) {
	all = [4][]float32{make([]float32, len(dy)), make([]float32, len(x)), make([]float32, len(e.w)), make([]float32, e.K)}
	e.Forward(all[0], x, e.w, e.bias)
	e.GradX(all[1], dy[:len(dy):len(dy)], e.w, x)
	e.GradW(all[2], dy, x)
	e.GradBias(all[3], dy)
	return all
}

// Arrays in panels change neither a result nor a gradient.
func TestConvInPanelsGivesTheSameBits(t *testing.T) {
	eachAVX(t, func(t *testing.T) {
		for _, shape := range shapes() {
			for _, shape.Pool = range []bool{false, true} {
				if !shape.Fits() || shape.OutH() < 1 || shape.OutW() < 1 || !shape.TakesPanels() && !shape.PoolsPanels() {
					continue
				}
				e, r := newExample(shape), rand.New(rand.NewPCG(1, 2))
				special(r, e.x, false)
				special(r, e.w, false)
				dy := special(r, e.dy, false)
				want := e.results(e.x, dy)
				p := e
				p.Conv = &Conv{N: e.N, C: e.C, H: e.H, W: e.W, K: e.K, KH: e.KH, KW: e.KW, Stride: e.Stride, Dilation: e.Dilation, Pad: e.Pad, Pool: e.Pool,
					PanelX: e.TakesPanels(), PanelY: e.PoolsPanels()}
				x := e.x
				if p.PanelX {
					x = inPanels(e.x, e.N, e.C, e.H*e.W)
					want[1] = inPanels(want[1], e.N, e.C, e.H*e.W)
				}
				if p.PanelY {
					dy = inPanels(dy, e.N, e.K, e.outs())
					want[0] = inPanels(want[0], e.N, e.K, e.outs())
				}
				for range 2 { // the second time with scratch that was used
					got := p.results(x, dy)
					if p.PanelX {
						clearBeyond(got[1], e.N, e.C, e.H*e.W)
					}
					if p.PanelY {
						clearBeyond(got[0], e.N, e.K, e.outs())
					}
					for i, what := range []string{"y", "dx", "dw", "db"} {
						sameBits(t, what, got[i], want[i])
					}
				}
			}
		}
	})
}

// Gradients share work only if they are computed from the same dy.
func TestConvKeepsGradientsApart(t *testing.T) {
	eachBody(t, func(t *testing.T) {
		for _, channels := range []int{3, 16} {
			for _, pool := range []bool{false, true} {
				e, r := newExample(Conv{N: 3, C: channels, H: 8, W: 8, K: 16, KH: 3, KW: 3, Stride: both(1), Dilation: both(1), Pad: around(1), Pool: pool}), rand.New(rand.NewPCG(1, 2))
				other := normal(r, len(e.dy))
				want := e.results(e.x, e.dy)
				dx, dw, db := make([]float32, len(e.x)), make([]float32, len(e.w)), make([]float32, e.K)
				for _, first := range []func(){
					func() { e.GradX(dx, other, e.w, e.x) },
					func() { e.GradW(dw, other, e.x) },
					func() { e.GradX(dx, e.dy, e.w, e.x); e.GradX(dx, other, e.w, e.x) },
					func() { e.Forward(make([]float32, len(e.dy)), e.x, e.w, e.bias) },
				} {
					first()
					e.GradBias(db, e.dy)
					sameBits(t, "db", db, want[3])
					first()
					e.GradW(dw, e.dy, e.x)
					sameBits(t, "dw", dw, want[2])
					e.GradBias(db, e.dy)
					sameBits(t, "db after dw", db, want[3])
				}
			}
		}
	})
}

// inPanels copies x, n×c×size, into panels, with NaN in the lanes beyond the last channel.
func inPanels(x []float32, n, c, size int) []float32 {
	all := make([]float32, n*panels(c)*lanes*size)
	for i := range all {
		sample, p, pixel, k := i/(panels(c)*lanes*size), i/(lanes*size)%panels(c), i/lanes%size, i%lanes
		all[i] = float32(math.NaN())
		if k < width(c, p) {
			all[i] = x[(sample*c+p*lanes+k)*size+pixel]
		}
	}
	return all
}

// clearBeyond sets the lanes beyond the last channel to NaN.
func clearBeyond(x []float32, n, c, size int) {
	for i := range x {
		if p, k := i/(lanes*size)%panels(c), i%lanes; k >= width(c, p) {
			x[i] = float32(math.NaN())
		}
	}
}

func TestConvPassesNaNToWhatItReaches(t *testing.T) {
	eachBody(t, func(t *testing.T) {
		c := &Conv{N: 1, C: 3, H: 9, W: 9, K: 17, KH: 3, KW: 3, Stride: both(1), Dilation: both(1), Pad: around(1)}
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
		c.GradX(x, make([]float32, len(y)), w, make([]float32, len(x)))
		sameBits(t, "dx of zeros after NaN", x, make([]float32, len(x)))
	})
}
