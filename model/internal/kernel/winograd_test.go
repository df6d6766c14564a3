package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func TestWinogradEqualsItsDefinition(t *testing.T) {
	sizes := [][2]int{{3, 3}, {4, 5}, {7, 6}, {9, 31}, {34, 12}}
	if testing.Short() {
		sizes = sizes[:3]
	}
	eachAssembly(t, func(t *testing.T) {
		for _, channels := range [][2]int{{1, 1}, {3, 5}, {8, 16}, {17, 33}} {
			for pad := range 3 {
				for _, size := range sizes {
					for _, pool := range []bool{false, true} {
						c := Conv{N: 3, C: channels[0], H: size[0], W: size[1], K: channels[1], KH: 3, KW: 3, Stride: 1, Pad: pad, Pool: pool}
						if c.OutH() < 1 || c.OutW() < 1 {
							continue
						}
						t.Run(fmt.Sprint(channels, size, pad, pool), func(t *testing.T) {
							e := newExample(c)
							y, dx, dw, _ := e.naive()
							e.Forward(make([]float32, len(y)), e.x, e.w, e.bias) // makes room for the choice
							for range 2 {                                        // the second time with scratch that was used
								compareAlgorithm(t, e, e.byWinograd(), y, dx, dw)
							}
						})
					}
				}
			}
		}
	})
}

func compareAlgorithm(t *testing.T, e example, way algorithm, y, dx, dw []float64) {
	t.Helper()
	out := make([]float32, max(len(y), len(dx), len(dw)))
	way.forward(out, e.x, e.w, e.bias)
	exact(t, "y", out[:len(y)], y)
	way.gradX(out, e.dy, e.w)
	exact(t, "dx", out[:len(dx)], dx)
	way.gradW(out, e.dy, e.x)
	exact(t, "dw", out[:len(dw)], dw)
}

func TestDirectEqualsItsDefinitionWhereTilesAreUsed(t *testing.T) {
	eachAssembly(t, func(t *testing.T) {
		for _, pool := range []bool{false, true} {
			e := newExample(Conv{N: 3, C: 33, H: 9, W: 10, K: 48, KH: 3, KW: 3, Stride: 1, Pad: 1, Pool: pool})
			y, dx, dw, _ := e.naive()
			e.Forward(make([]float32, len(y)), e.x, e.w, e.bias)
			compareAlgorithm(t, e, e.directly(), y, dx, dw)
		}
	})
}

// A tile reads a window of 4×4 pixels, so NaN and infinity may reach a pixel
// further than by the definition, and infinity becomes NaN; none is lost.
func TestWinogradLosesNoNaN(t *testing.T) {
	eachAssembly(t, func(t *testing.T) {
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			c := &Conv{N: 1, C: 17, H: 9, W: 9, K: 18, KH: 3, KW: 3, Stride: 1, Pad: 1}
			r := rand.New(rand.NewPCG(1, 2))
			x, w, bias := normal(r, c.C*81), normal(r, c.K*c.taps()), normal(r, c.K)
			x[81+4*9+4] = float32(bad) // the centre of channel 1
			y := make([]float32, c.K*81)
			c.byWinograd().forward(y, x, w, bias)
			for i, v := range y {
				row, col := i%81/9, i%9
				distance := max(row-4, 4-row, col-4, 4-col)
				if finite := v-v == 0; finite && distance <= 1 || !finite && distance > 2 {
					t.Fatalf("y[%d] = %v at %d, %d", i, v, row, col)
				}
			}
		}
	})
}
