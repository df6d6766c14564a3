package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestWinogradEqualsItsDefinition(t *testing.T) {
	sizes := [][2]int{{3, 3}, {4, 5}, {7, 6}, {9, 31}, {34, 12}}
	if testing.Short() {
		sizes = sizes[:3]
	}
	eachAVX(t, func(t *testing.T) {
		for _, channels := range [][2]int{{1, 1}, {3, 5}, {8, 16}, {17, 33}} {
			for pad := range 3 {
				for _, size := range sizes {
					for _, pool := range []bool{false, true} {
						c := Conv{N: 3, C: channels[0], H: size[0], W: size[1], K: channels[1], KH: 3, KW: 3, Stride: both(1), Dilation: both(1), Pad: around(pad), Pool: pool}
						if c.OutH() < 1 || c.OutW() < 1 {
							continue
						}
						t.Run(fmt.Sprint(channels, size, pad, pool), func(t *testing.T) {
							e := newExample(c)
							compare, way := roundedTo, algorithm(e.byWinograd())
							if pool {
								compare, way = near, e.byChosen() // whose results are Winograd's
								r := rand.New(rand.NewPCG(1, 2))
								for _, x := range [][]float32{e.x, e.w, e.bias, e.dy} {
									special(r, x, false)
								}
							}
							y, dx, dw, _ := e.naive()
							e.Forward(make([]float32, len(y)), e.x, e.w, e.bias) // makes room for the choice
							for range 2 {                                        // the second time with scratch that was used
								compareAlgorithm(t, e, way, compare, y, dx, dw)
							}
						})
					}
				}
			}
		}
	})
}

func compareAlgorithm(t *testing.T, e example, way algorithm, compare func(t *testing.T, what string, got []float32, want []float64), y, dx, dw []float64) {
	t.Helper()
	out := make([]float32, max(len(y), len(dx), len(dw)))
	way.forward(out, e.x, e.w, e.bias)
	compare(t, "y", out[:len(y)], y)
	way.gradX(out, e.dy, e.w, e.x)
	compare(t, "dx", out[:len(dx)], dx)
	way.gradW(out, e.dy, e.x)
	compare(t, "dw", out[:len(dw)], dw)
}

func TestDirectEqualsItsDefinitionWhereTilesAreUsed(t *testing.T) {
	eachAssembly(t, func(t *testing.T) {
		for _, pool := range []bool{false, true} {
			e := newExample(Conv{N: 3, C: 33, H: 9, W: 10, K: 48, KH: 3, KW: 3, Stride: both(1), Dilation: both(1), Pad: around(1), Pool: pool})
			y, dx, dw, _ := e.naive()
			e.Forward(make([]float32, len(y)), e.x, e.w, e.bias)
			compareAlgorithm(t, e, e.directly(), exact, y, dx, dw)
		}
	})
}

// TestWinogradLosesLittleToRounding measures the error of results and gradients, relative
// to the largest entry, and as a root mean square to that of the direct sums.
func TestWinogradLosesLittleToRounding(t *testing.T) {
	if testing.Short() {
		t.Skip("a minute and more under the race detector or emulated, which other tests serve better")
	}
	for _, channels := range [][2]int{{16, 16}, {32, 64}, {64, 128}, {128, 128}} {
		e := newExample(Conv{N: 4, C: channels[0], H: 14, W: 14, K: channels[1], KH: 3, KW: 3, Stride: both(1), Dilation: both(1), Pad: around(1)})
		r := rand.New(rand.NewPCG(1, 2))
		for _, x := range [][]float32{e.x, e.w, e.bias, e.dy} {
			special(r, x, false)
		}
		for i, v := range e.x {
			e.x[i] = max(0, v) // as after a rectifier
		}
		y, dx, dw, _ := e.naive()
		eachAVX(t, func(t *testing.T) {
			var errors [2][3]float64
			for i, way := range []algorithm{e.directly(), e.byWinograd()} {
				out := make([]float32, max(len(y), len(dx), len(dw)))
				for k, result := range []struct {
					want    []float64
					compute func()
				}{
					{y, func() { way.forward(out, e.x, e.w, e.bias) }},
					{dx, func() { way.gradX(out, e.dy, e.w, e.x) }},
					{dw, func() { way.gradW(out, e.dy, e.x) }},
				} {
					result.compute()
					if i == 1 {
						near(t, []string{"y", "dx", "dw"}[k], out[:len(result.want)], result.want)
					}
					for j, want := range result.want {
						errors[i][k] += (float64(out[j]) - want) * (float64(out[j]) - want)
					}
				}
			}
			for k, what := range []string{"y", "dx", "dw"} {
				times := math.Sqrt(errors[1][k] / errors[0][k])
				t.Logf("%v %s: %.1f times the error of direct sums", channels, what, times)
				if times > 4 {
					t.Errorf("%v %s: %.1f times the error of direct sums, want at most 4", channels, what, times)
				}
			}
		})
	}
}

// A tile reads a window of 6×6 pixels, so NaN and infinity may reach three pixels
// further than by the definition, and infinity becomes NaN; none is lost.
func TestWinogradLosesNoNaN(t *testing.T) {
	eachAVX(t, func(t *testing.T) {
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			c := &Conv{N: 1, C: 17, H: 21, W: 21, K: 18, KH: 3, KW: 3, Stride: both(1), Dilation: both(1), Pad: around(1)}
			r := rand.New(rand.NewPCG(1, 2))
			x, w, bias := normal(r, c.C*441), normal(r, c.K*c.taps()), normal(r, c.K)
			x[441+10*21+10] = float32(bad) // the centre of channel 1
			y := make([]float32, c.K*441)
			c.byWinograd().forward(y, x, w, bias)
			for i, v := range y {
				row, col := i%441/21, i%21
				distance := max(row-10, 10-row, col-10, 10-col)
				if finite := v-v == 0; finite && distance <= 1 || !finite && distance > 5 {
					t.Fatalf("y[%d] = %v at %d, %d", i, v, row, col)
				}
			}
		}
	})
}

// Both ways to sum the weight gradient give the same bits, for any number of blocks,
// groups and chunks.
func TestWinogradSumsInOneOrder(t *testing.T) {
	eachAVX(t, func(t *testing.T) {
		for _, n := range []int{1, 3, 5, 8, 19, 700} {
			for _, c := range []*Conv{
				{N: min(n, 19), C: 16, H: 14, W: 14, K: 32, KH: 3, KW: 3, Stride: both(1), Dilation: both(1), Pad: around(1)},
				{N: n, C: 17, H: 6, W: 7, K: 48, KH: 3, KW: 3, Stride: both(1), Dilation: both(1), Pad: around(1)},
				{N: min(n, 19), C: 16, H: 34, W: 31, K: 16, KH: 3, KW: 3, Stride: both(1), Dilation: both(1), Pad: around(0)},
			} {
				r := rand.New(rand.NewPCG(1, 2))
				g, x, dy := c.byWinograd(), normal(r, c.N*c.C*c.H*c.W), normal(r, c.N*c.K*c.outs())
				c.clearSums(dy)
				want := slices.Clone(g.sumBlocks(nil, dy, x))
				got := g.sumPlaces(nil, dy, x)
				a := &g.back
				for place := range places {
					size := panels(c.C) * c.K * lanes
					sameBits(t, fmt.Sprint(n, " place ", place), got[place*a.ldw:][:size], want[place*a.ldw:][:size])
				}
			}
		}
	})
}
