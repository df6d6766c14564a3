package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"golang.org/x/sys/cpu"
)

// eachBody runs a test with Go and, where it can run, with assembly.
func eachBody(t *testing.T, f func(t *testing.T)) {
	for _, on := range []bool{false, true} {
		if on && !able() {
			t.Log("AVX2 cannot run here")
			continue
		}
		withBody(on, func() { t.Run(Name(), f) })
	}
}

func able() bool { return assembled && cpu.X86.HasAVX2 && cpu.X86.HasFMA }

// withBody calls f with assembly on or off.
func withBody(on bool, f func()) {
	was := avx2
	avx2 = on
	defer func() { avx2 = was }()
	f()
}

// room makes slices that show a write, or a read, outside them.
type room struct {
	name   string
	slice  func(n int) []float32
	intact func() error
}

const guard = float32(-12345)

// guardWords puts guard words on both sides of slices that are shift words off
// a cache line.
func guardWords(shift int) room {
	var made [][]float32
	return room{
		name: fmt.Sprintf("%d words off", shift),
		slice: func(n int) []float32 {
			all := resize(nil, n+32+shift)
			for i := range all {
				all[i] = guard
			}
			x := all[16+shift : 16+shift+n : 16+shift+n]
			clear(x)
			made = append(made, all[:16+shift], all[16+shift+n:])
			return x
		},
		intact: func() error {
			for _, words := range made {
				for _, v := range words {
					if v != guard {
						return fmt.Errorf("a guard word was overwritten with %v", v)
					}
				}
			}
			return nil
		},
	}
}

// special fills x with normal numbers and, if odd is set, with some NaN,
// infinities, zeros of both signs and equal numbers.
func special(r *rand.Rand, x []float32, odd bool) []float32 {
	inf := float32(math.Inf(1))
	odds := []float32{float32(math.NaN()), inf, -inf, 0, float32(math.Copysign(0, -1)), 1, 1, -1}
	for i := range x {
		x[i] = float32(r.NormFloat64())
		if odd && r.IntN(3) == 0 {
			x[i] = odds[r.IntN(len(odds))]
		}
	}
	return x
}

func normal(r *rand.Rand, n int) []float32 { return special(r, make([]float32, n), false) }

// sameBits fails unless x and y are equal bit by bit; NaN equals NaN.
func sameBits(t *testing.T, what string, x, y []float32) {
	t.Helper()
	for i := range x {
		if math.Float32bits(x[i]) != math.Float32bits(y[i]) && (x[i] == x[i] || y[i] == y[i]) {
			t.Fatalf("%s[%d] of %d = %v, want %v", what, i, len(x), x[i], y[i])
		}
	}
}

// near fails unless got equals want up to the rounding of float32 sums, measured
// against the largest entry.
func near(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	var top, worst float64
	for i := range want {
		top = max(top, math.Abs(want[i]))
		if diff := math.Abs(float64(got[i]) - want[i]); !(diff <= worst) {
			worst = diff
		}
	}
	if !(worst <= 3e-6*max(top, 1e-3)) {
		t.Errorf("%s is off by %.2g where the largest entry is %.2g", what, worst, top)
	}
}

func TestChoiceIsMadeByNameOrRefused(t *testing.T) {
	for _, c := range []struct {
		asked        string
		able, on, ok bool
	}{
		{"", true, true, true}, {"", false, false, true},
		{"purego", true, false, true}, {"purego", false, false, true},
		{"avx2", true, true, true}, {"avx2", false, false, false},
		{"avx512", true, true, false}, {"AVX2", false, false, false},
	} {
		if on, err := choose(c.asked, c.able); on != c.on || (err == nil) != c.ok {
			t.Errorf("choose(%q, %v) = %v, %v", c.asked, c.able, on, err)
		}
	}
}
