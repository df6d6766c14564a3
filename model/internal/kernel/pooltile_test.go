package kernel

import (
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
		wantY[at] = pixel(best)
		if pixel(best) < 0 {
			wantY[at] = 0
		}
		if pixel(best) <= 0 {
			best = 4
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
