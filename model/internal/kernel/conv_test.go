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
	got := check("y", y, func(out []float32) { c.Forward(out, e.x, e.w, e.bias) })
	check("dx", dx, func(out []float32) { c.GradX(out, e.dy, e.w, e.x) })
	check("dw", dw, func(out []float32) { c.GradW(out, e.dy, e.x) })
	check("db", db, func(out []float32) { c.GradBias(out, e.dy, got) })
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
		if !shape.Fits() {
			continue
		}
		e, r := newExample(shape), rand.New(rand.NewPCG(1, 2))
		special(r, e.x, false)
		special(r, e.w, false)
		size := max(len(e.x), len(e.w), len(e.dy))
		wide, narrow := make([]float32, size), make([]float32, size)
		for what, f := range map[string]func(out []float32){
			"y":  func(out []float32) { e.Forward(out, e.x, e.w, e.bias) },
			"dx": func(out []float32) { e.GradX(out, e.dy, e.w, e.x) },
			"dw": func(out []float32) { e.GradW(out, e.dy, e.x) },
		} {
			with(avx512, func() { f(wide) })
			with(avx2, func() { f(narrow) })
			sameBits(t, what, wide, narrow)
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
