package kernel

import (
	"bytes"
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

// TestConvPoolEqualsPoolingItsPixels has, among the pixels, NaN, infinities, zeros of both signs
// and equal ones.
func TestConvPoolEqualsPoolingItsPixels(t *testing.T) {
	eachAVX(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(10, 10))
		count := 1
		if using >= avx512 {
			count = panelsOnce
		}
		for i := range 200 {
			channels, windows := 1+i%3, 1+i%7
			ldx := 2*windows + 2
			plane, wPanel, panel := 4*ldx, 9*channels*lanes, windows*lanes
			x, w := normal(r, channels*plane), normal(r, count*wPanel)
			bias := special(r, make([]float32, count*lanes), i%2 == 0)
			if i%4 > 0 {
				copy(x[r.IntN(len(x)):], special(r, make([]float32, 2), true))
			}
			for t := range 9 * channels {
				w[t*lanes], w[t*lanes+1] = 0, 0 // all pixels are the bias
			}
			y, choice := make([]float32, count*panel), make([]byte, count*panel)
			convPool(y, choice, panel, x, ldx, plane, w, wPanel, bias, channels, windows, count)

			var pixels, taps []int32 // where they begin in x
			for at := range 4 * windows {
				pixels = append(pixels, int32(at/(2*windows)*ldx+at%(2*windows)))
			}
			for at := range 9 * channels {
				taps = append(taps, int32(at/9*plane+at%9/3*ldx+at%3))
			}
			maps := make([]float32, len(pixels)*lanes)
			wantY, wantChoice := make([]float32, panel), make([]byte, panel)
			for p := range count {
				multiply(1, grid{maps, lanes, 0}, grid{bias[p*lanes:], 0, 0}, x, pixels, taps, grid{data: w[p*wPanel:]})
				poolTileGo(wantY, wantChoice, maps, 2*windows*lanes, windows, 1)
				sameBits(t, "y", y[p*panel:][:panel], wantY)
				if !bytes.Equal(choice[p*panel:][:panel], wantChoice) {
					t.Fatalf("choice %v, want %v", choice[p*panel:][:panel], wantChoice)
				}
			}
		}
	})
}
