package kernel

import (
	"math/rand/v2"
	"testing"
)

func TestPanelEqualsItsDefinition(t *testing.T) {
	if !able() {
		t.Skip("AVX2 cannot run here")
	}
	r := rand.New(rand.NewPCG(2, 3))
	for _, place := range rooms(t) {
		for m := range 15 {
			for _, n := range []int{1, 2, 7, 33} {
				for _, ldi := range []int{0, 19} {
					comparePanel(t, r, place, m, n, ldi)
				}
			}
		}
	}
}

func comparePanel(t *testing.T, r *rand.Rand, place room, m, n, ldi int) {
	t.Helper()
	const ldc = 21
	base, off := make([]int32, m), make([]int32, n)
	for i := range base {
		base[i] = int32(r.IntN(50))
	}
	for i := range off {
		off[i] = int32(r.IntN(50))
	}
	x, w := special(r, place.slice(99), false), special(r, place.slice(n*lanes), false)
	init := special(r, place.slice(max(0, m-1)*ldi+lanes), false)
	c := place.slice(max(0, m-1)*ldc + lanes)
	want := make([]float64, len(c))
	for i := range m {
		for k := range lanes {
			sum := float64(init[i*ldi+k])
			for s := range n {
				sum += float64(x[base[i]+off[s]]) * float64(w[s*lanes+k])
			}
			want[i*ldc+k] = sum
		}
	}
	withBody(true, func() { panel(c, ldc, init, ldi, x, base, off, w) })
	near(t, place.name, c, want)
	if err := place.intact(); err != nil {
		t.Fatalf("%s: %d×%d: %v", place.name, m, n, err)
	}
}

func TestTransposeAndCopyRowsMoveEveryEntryAndNoOther(t *testing.T) {
	eachBody(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(4, 4))
		for _, place := range rooms(t) {
			for rows := 1; rows < 19; rows++ {
				for cols := 1; cols < 35; cols++ {
					lds, ldd, ldt := cols+rows%3, cols+rows%2, rows+cols%3
					src := special(r, place.slice((rows-1)*lds+cols), false)
					turned, copied := place.slice((cols-1)*ldt+rows), place.slice((rows-1)*ldd+cols)
					transpose(turned, ldt, src, lds, rows, cols)
					copyRows(copied, ldd, src, lds, rows, cols)
					wantTurned, wantCopied := make([]float32, len(turned)), make([]float32, len(copied))
					for i := range rows {
						for j := range cols {
							wantTurned[j*ldt+i], wantCopied[i*ldd+j] = src[i*lds+j], src[i*lds+j]
						}
					}
					sameBits(t, "transpose", turned, wantTurned)
					sameBits(t, "copy", copied, wantCopied)
				}
			}
			if err := place.intact(); err != nil {
				t.Fatal(place.name, err)
			}
		}
	})
}

func TestPartsCoverEverythingOnce(t *testing.T) {
	for n := range 1000 {
		next := 0
		parts(n, 100, 24, func(lo, hi int) {
			if lo != next || hi <= lo || hi-lo > 120 || (hi < n && (hi-lo)%24 != 0) {
				t.Errorf("part %d to %d of %d", lo, hi, n)
			}
			next = hi
		})
		if next != n {
			t.Errorf("%d of %d are covered", next, n)
		}
	}
}
