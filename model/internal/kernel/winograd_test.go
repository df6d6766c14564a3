package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func TestWinogradEqualsItsDefinition(t *testing.T) {
	if !able() {
		t.Skip("AVX2 cannot run here")
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, channels := range [][2]int{{1, 1}, {3, 5}, {8, 16}, {17, 33}} {
		for pad := range 3 {
			for _, size := range [][2]int{{3, 3}, {4, 5}, {7, 6}, {9, 31}, {34, 12}} {
				c := &Conv{N: 3, C: channels[0], H: size[0], W: size[1], K: channels[1], KH: 3, KW: 3, Stride: 1, Pad: pad}
				x, w, bias := normal(r, c.N*c.C*c.H*c.W), normal(r, c.K*c.taps()), normal(r, c.K)
				dy := normal(r, c.N*c.K*c.pixels())
				wantY, wantDX, wantDW, _ := naive(c, x, w, bias, dy)
				t.Run(fmt.Sprint(channels, size, pad), func(t *testing.T) {
					withBody(true, func() {
						y, dx, dw := make([]float32, len(dy)), make([]float32, len(x)), make([]float32, len(w))
						for range 2 { // the second time with scratch that was used
							c.byTiles().forward(y, x, w, bias)
							c.byTiles().gradX(dx, dy, w)
							c.byTiles().gradW(dw, dy, x)
						}
						near(t, "y", y, wantY)
						near(t, "dx", dx, wantDX)
						near(t, "dw", dw, wantDW)
					})
				})
			}
		}
	}
}

func TestDirectEqualsItsDefinitionWhereTilesAreUsed(t *testing.T) {
	if !able() {
		t.Skip("AVX2 cannot run here")
	}
	r := rand.New(rand.NewPCG(1, 2))
	c := &Conv{N: 3, C: 33, H: 9, W: 10, K: 48, KH: 3, KW: 3, Stride: 1, Pad: 1}
	x, w, bias := normal(r, c.N*c.C*c.H*c.W), normal(r, c.K*c.taps()), normal(r, c.K)
	dy := normal(r, c.N*c.K*c.pixels())
	wantY, wantDX, wantDW, _ := naive(c, x, w, bias, dy)
	withBody(true, func() {
		y, dx, dw := make([]float32, len(dy)), make([]float32, len(x)), make([]float32, len(w))
		c.directly().forward(y, x, w, bias)
		c.directly().gradX(dx, dy, w)
		c.directly().gradW(dw, dy, x)
		near(t, "y", y, wantY)
		near(t, "dx", dx, wantDX)
		near(t, "dw", dw, wantDW)
	})
}

// A tile reads a window of 4×4 pixels, so NaN and infinity may reach a pixel
// further than by the definition, and infinity becomes NaN; none is lost.
func TestWinogradLosesNoNaN(t *testing.T) {
	if !able() {
		t.Skip("AVX2 cannot run here")
	}
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		c := &Conv{N: 1, C: 17, H: 9, W: 9, K: 18, KH: 3, KW: 3, Stride: 1, Pad: 1}
		r := rand.New(rand.NewPCG(1, 2))
		x, w, bias := normal(r, c.C*81), normal(r, c.K*c.taps()), normal(r, c.K)
		x[81+4*9+4] = float32(bad) // the centre of channel 1
		y := make([]float32, c.K*81)
		withBody(true, func() { c.byTiles().forward(y, x, w, bias) })
		for i, v := range y {
			row, col := i%81/9, i%9
			distance := max(row-4, 4-row, col-4, 4-col)
			if finite := v-v == 0; finite && distance <= 1 || !finite && distance > 2 {
				t.Fatalf("y[%d] = %v at %d, %d", i, v, row, col)
			}
		}
	}
}
