package kernel

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
)

// TestPoolTileEqualsItsDefinition pools and unpools numbers among which are NaN,
// infinities, zeros of both signs and equal ones.
func TestPoolTileEqualsItsDefinition(t *testing.T) {
	eachAssembly(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(9, 9))
		for _, place := range rooms(t) {
			for rows := 1; rows < 4; rows++ {
				for ow := 1; ow < 8; ow++ {
					comparePoolTile(t, r, place, rows, ow, 2*ow*lanes+3)
				}
			}
		}
	})
}

func comparePoolTile(t *testing.T, r *rand.Rand, place room, rows, ow, ld int) {
	t.Helper()
	x := special(r, place.slice((2*rows-1)*ld+2*ow*lanes), true)
	y, choice := place.slice(rows*ow*lanes), make([]byte, rows*ow*lanes)
	poolTile(y, choice, x, ld, ow, rows)
	back := place.slice((2*rows-1)*ld*2 + 2*ow*lanes)
	unpoolTile(back, 2*ld, y, choice, ow, rows)
	sums, wantSums := make([]float64, lanes), make([]float64, lanes)
	sumChosen(sums, x, choice, len(choice)/lanes)

	wantY, wantBack := make([]float32, len(y)), make([]float32, len(back))
	for at := range wantY {
		i, j, k := at/lanes/ow, at/lanes%ow, at%lanes
		pixel := func(s int) float32 { return x[(2*i+s/2)*ld+(2*j+s%2)*lanes+k] }
		best := 0
		for s := 1; s < 4; s++ {
			if v := pixel(s); v > pixel(best) || v != v {
				best = s
			}
		}
		if wantY[at] = pixel(best); wantY[at] <= 0 {
			wantY[at], best = 0, 4
		} else {
			wantBack[(2*i+best/2)*2*ld+(2*j+best%2)*lanes+k] = wantY[at]
		}
		if best < 4 {
			wantSums[k] += float64(x[at])
		}
		if int(choice[at]) != best {
			t.Fatalf("%s: choice[%d] = %d, want %d", place.name, at, choice[at], best)
		}
	}
	sameBits(t, "y", y, wantY)
	sameBits(t, "x", back, wantBack)
	for k, want := range wantSums {
		if got := sums[k]; got != want && (got == got || want == want) {
			t.Fatalf("%s: sum %d is %v, want %v", place.name, k, got, want)
		}
	}
	if err := place.intact(); err != nil {
		t.Fatal(place.name, err)
	}
}

// TestConvPoolEqualsPoolingItsPixels computes with whole numbers, which leave nothing to rounding,
// and has NaN, infinities, zeros of both signs and equal pixels by way of the bias.
func TestConvPoolEqualsPoolingItsPixels(t *testing.T) {
	eachAVX(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(10, 10))
		for i := range 200 {
			channels, windows := 1+i%2*2, 1+i/2%11
			d := (&Conv{N: 1, C: channels, H: 2, W: 2 * windows, K: lanes, KH: 3, KW: 3, Stride: both(1), Dilation: both(1), Pad: around(1), Pool: true, PanelY: true}).directly()
			x, w := whole(r, make([]float32, d.in.size()+2*lanes)), whole(r, make([]float32, lanes*9*channels))
			bias := special(r, make([]float32, lanes), i%2 == 0)
			for i, v := range bias {
				bias[i] = float32(math.Round(float64(v)))
			}
			for i := range w {
				w[i] *= 4 // U has quarters of sums
			}
			clear(w[:2*9*channels]) // all pixels of two maps are the bias
			copy(d.bias, bias)
			d.choice = make([]byte, windows*lanes)
			y := make([]float32, windows*lanes)
			d.weights = d.squares(nil, w)
			d.forwardPooled(y, 0, &directScratch{}, x)

			packed, maps := make([]float32, 9*channels*lanes), make([]float32, 4*windows*lanes)
			transpose(packed, lanes, w, 9*channels, lanes, 9*channels)
			wantY, wantChoice := make([]float32, len(y)), make([]byte, len(y))
			multiply(1, grid{maps, lanes, 0}, grid{bias, 0, 0}, x, d.pixels, d.taps, grid{data: packed})
			poolTileGo(wantY, wantChoice, maps, 2*windows*lanes, windows, 1)
			sameBits(t, "y", y, wantY)
			if !bytes.Equal(d.choice, wantChoice) {
				t.Fatalf("choice %v, want %v", d.choice, wantChoice)
			}
		}
	})
}
