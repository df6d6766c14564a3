package kernel

import (
	"math/rand/v2"
	"testing"
)

func TestMultiplyEqualsItsDefinition(t *testing.T) {
	eachAssembly(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(2, 3))
		for _, place := range rooms(t) {
			for m := range 33 {
				for _, n := range []int{1, 2, 7, 33} {
					for _, ldi := range []int{0, 19} {
						for panels := range 4 {
							compareMultiply(t, r, place, panels, m, n, ldi)
						}
					}
				}
			}
		}
	})
}

func compareMultiply(t *testing.T, r *rand.Rand, place room, panels, m, n, ldi int) {
	t.Helper()
	base, off := make([]int32, m), make([]int32, n)
	for i := range base {
		base[i] = int32(r.IntN(50))
	}
	for i := range off {
		off[i] = int32(r.IntN(50))
	}
	array := func(row, panel, rows int) grid {
		g := grid{nil, row, panel}
		g.data = special(r, place.slice(g.last(max(rows, 1), max(panels, 1))+1), false)
		return g
	}
	x, w := special(r, place.slice(99), false), array(lanes, n*lanes+3, n)
	init, c := array(ldi, m*ldi+16, m), array(21, 21*m+2, m)
	want := make([]float64, len(c.data))
	for i, v := range c.data {
		want[i] = float64(v)
	}
	for p := range panels {
		for i := range m {
			for k := range lanes {
				sum := float64(init.data[p*init.panel+i*ldi+k])
				for s := range n {
					sum += float64(x[base[i]+off[s]]) * float64(w.data[p*w.panel+s*lanes+k])
				}
				want[p*c.panel+i*c.row+k] = sum
			}
		}
	}
	multiply(panels, c, init, x, base, off, w)
	near(t, place.name, c.data, want)
	if err := place.intact(); err != nil {
		t.Fatalf("%s: %d of %d×%d: %v", place.name, panels, m, n, err)
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
