package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestListsHoldWhatMatters lists pixels among whose gradients are NaN, infinities and zeros of
// both signs.
func TestListsHoldWhatMatters(t *testing.T) {
	eachAVX(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(11, 11))
		for _, place := range rooms(t) {
			for n := 1; n < 40; n += 3 {
				compareListMaps(t, r, place, n)
				for count := 1; count <= panelsOnce; count++ {
					compareListWindows(t, r, place, n, count)
				}
			}
		}
	})
}

func compareListMaps(t *testing.T, r *rand.Rand, place room, n int) {
	t.Helper()
	s := &chosenScratch{places: make([]int32, ceil(n, lanes)*lanes)}
	windows, pixels := make([]int32, n), [8]int32{0, 3, 5, 11, noPlace}
	for i := range windows {
		windows[i] = int32(r.IntN(1000))
	}
	choice := someChoice(r, n*lanes)
	s.place(choice, windows, &pixels)
	dy := special(r, place.slice(n*lanes), true)
	maps, ld := 1+r.IntN(lanes), ceil(n, lanes)
	byMaps := make([]int32, lanes*ld)
	transpose(asFloats(byMaps), ld, asFloats(s.places), lanes, ld, lanes)

	counts, at, factors := make([]int32, maps), make([]int32, n*maps+lanes), make([]float32, n*maps+lanes)
	total := listMaps(counts, at, factors, byMaps, ld, dy, n)
	var wantCounts, wantAt []int32
	var want []float32
	for k := range maps {
		before := len(want)
		for i := range n {
			if c := choice[i*lanes+k]; c < 4 && dy[k*n+i] != 0 {
				wantAt, want = append(wantAt, windows[i]+pixels[c]), append(want, dy[k*n+i])
			}
		}
		wantCounts = append(wantCounts, int32(len(want)-before))
	}
	compareLists(t, counts, at[:total], factors[:total], wantCounts, wantAt, want)
}

func compareListWindows(t *testing.T, r *rand.Rand, place room, windows, count int) {
	t.Helper()
	panel := (windows + r.IntN(3)) * lanes
	n := (count-1)*panel + windows*lanes
	choice, dy := someChoice(r, n), special(r, place.slice(n), true)
	counts, at, factors := make([]int32, 4*windows), make([]int32, n+lanes), make([]float32, n+lanes)
	total := listWindows(counts, at, factors, dy, choice, panel, count)
	var wantCounts, wantAt []int32
	var want []float32
	for i := range windows {
		for s := range 4 {
			before := len(want)
			for k := range count * lanes {
				if from := k/lanes*panel + i*lanes + k%lanes; int(choice[from]) == s && dy[from] != 0 {
					wantAt, want = append(wantAt, int32(k)), append(want, dy[from])
				}
			}
			wantCounts = append(wantCounts, int32(len(want)-before))
		}
	}
	compareLists(t, counts, at[:total], factors[:total], wantCounts, wantAt, want)
}

func compareLists(t *testing.T, counts, at []int32, factors []float32, wantCounts, wantAt []int32, want []float32) {
	t.Helper()
	if !slices.Equal(counts, wantCounts) {
		t.Fatalf("counts are %d, want %d", counts, wantCounts)
	}
	if !slices.Equal(at, wantAt) {
		t.Fatalf("entries belong at %d, want %d", at, wantAt)
	}
	sameBits(t, "factors", factors, want)
}

// someChoice returns the choices of n windows; of one in three, no pixel was chosen.
func someChoice(r *rand.Rand, n int) []byte {
	choice := make([]byte, n)
	for i := range choice {
		choice[i] = byte(min(4, r.IntN(6)))
	}
	return choice
}

// TestSumsOfChosenPixelsEqualTheirDefinition multiplies whole numbers, which leave nothing to
// rounding.
func TestSumsOfChosenPixelsEqualTheirDefinition(t *testing.T) {
	eachAVX(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(12, 12))
		for _, place := range rooms(t) {
			for range 20 {
				for _, side := range []int{3, 5} {
					compareSumPixels(t, r, place, side)
					compareSpreadMaps(t, r, place, side)
				}
				compareSumChannel(t, r, place)
			}
			if err := place.intact(); err != nil {
				t.Fatal(place.name, err)
			}
		}
	})
}

// whole fills x with whole numbers.
func whole(r *rand.Rand, x []float32) []float32 {
	for i := range x {
		x[i] = float32(r.IntN(19) - 9)
	}
	return x
}

// someLists returns n lists of entries that belong at any place.
func someLists(r *rand.Rand, n int, place func() int) (counts, at []int32, factors []float32) {
	for range n {
		count := r.IntN(5)
		for range count {
			at, factors = append(at, int32(place())), append(factors, 0)
		}
		counts = append(counts, int32(count))
	}
	return counts, append(at, 0), whole(r, append(factors, 0))
}

func compareSumPixels(t *testing.T, r *rand.Rand, place room, side int) {
	t.Helper()
	g := someChosen(r, side)
	maps, ldx := 1+r.IntN(20), g.w*lanes
	x, c := whole(r, place.slice(g.h*ldx)), whole(r, place.slice(maps*g.taps*lanes))
	counts, at, factors := someLists(r, maps, func() int { return r.IntN(g.h-side+1)*ldx + r.IntN(g.w-side+1)*lanes })
	want := slices.Clone(c)
	entry := 0
	for i, n := range counts {
		for range n {
			for k := range g.taps * lanes {
				want[i*g.taps*lanes+k] += factors[entry] * x[int(at[entry])+k/lanes/side*ldx+k/lanes%side*lanes+k%lanes]
			}
			entry++
		}
	}
	g.sumPixels(c, x, counts, at, factors, x)
	sameBits(t, "sums", c, want)
}

func compareSpreadMaps(t *testing.T, r *rand.Rand, place room, side int) {
	t.Helper()
	g := someChosen(r, side)
	windows, maps, ldx := g.OutW(), 1+r.IntN(8), g.w*lanes
	x, w := whole(r, place.slice((side+1)*ldx)), whole(r, place.slice(maps*g.taps*lanes))
	counts, at, factors := someLists(r, 4*windows, func() int { return r.IntN(maps) })
	want := slices.Clone(x)
	entry := 0
	for i, n := range counts {
		for range n {
			for k := range g.taps * lanes {
				row, column := i%4/2+k/lanes/side, 2*(i/4)+i%2+k/lanes%side
				want[row*ldx+column*lanes+k%lanes] += factors[entry] * w[int(at[entry])*g.taps*lanes+k]
			}
			entry++
		}
	}
	g.spreadMaps(x, w, counts, at, factors, x)
	sameBits(t, "x", x, want)
}

// someChosen returns a small convolution with square kernels.
func someChosen(r *rand.Rand, side int) *chosen {
	c := Conv{N: 1, C: 16, H: side + 1 + r.IntN(3), W: side + 1 + r.IntN(10), K: 16, KH: side, KW: side, Stride: both(1), Dilation: both(1), Pool: true}
	return c.byChosen()
}

func compareSumChannel(t *testing.T, r *rand.Rand, place room) {
	t.Helper()
	rows, windows := 1+r.IntN(3), 1+r.IntN(9)
	ldx, n := 2*windows+2+r.IntN(3), rows*windows*lanes
	x, dy, c := whole(r, place.slice((2*rows+1)*ldx+2*windows+2)), whole(r, place.slice(n)), whole(r, place.slice(9*lanes))
	choice := someChoice(r, n)
	want := slices.Clone(c)
	for i, s := range choice {
		window, k := i/lanes, i%lanes
		for tap := range 9 {
			if s := int(s); s < 4 {
				want[tap*lanes+k] += dy[i] * x[(2*(window/windows)+s/2+tap/3)*ldx+2*(window%windows)+s%2+tap%3]
			}
		}
	}
	sumChannel(c, x, ldx, dy, choice, rows, windows)
	sameBits(t, "sums", c, want)
}

func TestChosenGivesTheSameBitsOnAnyNumberOfCores(t *testing.T) {
	eachAVX(t, func(t *testing.T) {
		e := newExample(Conv{N: 11, C: 40, H: 12, W: 10, K: 50, KH: 3, KW: 3, Stride: both(1), Dilation: both(1), Pad: around(1), Pool: true})
		r := rand.New(rand.NewPCG(1, 2))
		for _, x := range [][]float32{e.x, e.w, e.dy} {
			special(r, x, false)
		}
		want := e.results(e.x, e.dy)
		for _, cores := range []int{2, 9, 16, 33, 64, 200} {
			withCores(cores, func() {
				for i, got := range e.results(e.x, e.dy) {
					sameBits(t, []string{"y", "dx", "dw", "db"}[i], got, want[i])
				}
			})
		}
	})
}
