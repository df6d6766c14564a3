package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// eachBody runs a test with every set of loops that can run here.
func eachBody(t *testing.T, f func(t *testing.T)) {
	for set := range loops(len(names)) {
		if !canRun(set, fastest()) {
			t.Logf("%s cannot run here", names[set])
			continue
		}
		with(set, func() { t.Run(Name(), f) })
	}
}

// eachAssembly runs a test with every set of loops in assembly.
func eachAssembly(t *testing.T, f func(t *testing.T)) {
	if fastest() == purego {
		t.Skip("no assembly can run here")
	}
	for set := neon; set <= fastest(); set++ {
		if canRun(set, fastest()) {
			with(set, func() { t.Run(Name(), f) })
		}
	}
}

// eachAVX runs a test with every set of loops that has all functions of gen.
func eachAVX(t *testing.T, f func(t *testing.T)) {
	if fastest() < avx2 {
		t.Skip("neither AVX2 nor AVX-512 can run here")
	}
	eachAssembly(t, f)
}

// with calls f with another set of loops in use.
func with(set loops, f func()) {
	was := using
	using = set
	defer func() { using = was }()
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

// roundedTo fails unless got is near want and, rounded to whole numbers, equals it: then no
// product is missing or wrong.
func roundedTo(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	near(t, what, got, want)
	for i, v := range got {
		if math.Round(float64(v)) != want[i] {
			t.Fatalf("%s[%d] of %d = %v, want %v", what, i, len(got), v, want[i])
		}
	}
}

// exact fails unless got equals want.
func exact(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	for i, v := range got {
		if float64(v) != want[i] {
			t.Fatalf("%s[%d] of %d = %v, want %v", what, i, len(got), v, want[i])
		}
	}
}

func TestChoiceIsMadeByNameOrRefused(t *testing.T) {
	for _, c := range []struct {
		asked    string
		fastest  loops
		want     loops
		accepted bool
	}{
		{"", avx512, avx512, true}, {"", avx2, avx2, true}, {"", purego, purego, true},
		{"purego", avx512, purego, true}, {"purego", purego, purego, true},
		{"avx2", avx512, avx2, true}, {"avx2", avx2, avx2, true}, {"avx2", purego, purego, false},
		{"avx512", avx512, avx512, true}, {"avx512", avx2, avx2, false}, {"AVX2", avx2, avx2, false},
		{"", neon, neon, true}, {"neon", neon, neon, true}, {"purego", neon, purego, true}, {"avx2", neon, neon, false}, {"neon", avx2, avx2, false},
	} {
		if got, err := choose(c.asked, c.fastest); got != c.want || (err == nil) != c.accepted {
			t.Errorf("choose(%q, %v) = %v, %v", c.asked, c.fastest, got, err)
		}
	}
}
