package kernel

import (
	"math"
	"sync/atomic"
)

// SGD moves w against its gradient g, with momentum and L2 weight decay, and sets g to
// zero for the next step:
//
//	v ← momentum·v + g + decay·w
//	w ← w - rate·v
//
// It reports whether every entry of w is still finite.
func SGD(w, g, v []float32, rate, momentum, decay float32) (finite bool) {
	return eachFinite(len(w), func(lo, hi int) float32 {
		return sgd(w[lo:hi], g[lo:hi], v[lo:hi], rate, momentum, decay)
	})
}

// sgd is SGD on one goroutine; the probe stays 0 unless an entry is NaN or
// infinite.
func sgd(w, g, v []float32, rate, momentum, decay float32) (probe float32) {
	if n := len(w) &^ 7; using >= avx2 && n > 0 {
		probe = sgdAVX2(&w[0], &g[0], &v[0], n, rate, momentum, decay)
		w, g, v = w[n:], g[n:], v[n:]
	} else if using == neon && n > 0 {
		probe = sgdNEON(&w[0], &g[0], &v[0], n, rate, momentum, decay)
		w, g, v = w[n:], g[n:], v[n:]
	}
	for i := range w {
		v[i] = float32(momentum*v[i]) + g[i] + float32(decay*w[i])
		w[i] -= float32(rate * v[i])
		probe += w[i] * 0
		g[i] = 0
	}
	return probe
}

// AdamConstants are the constants of Adam: the decay rates of the two moments, the
// term that keeps the denominator from 0, and the L2 weight decay.
type AdamConstants struct{ Beta1, Beta2, Epsilon, Decay float64 }

// Adam makes step t = 1, 2, … of algorithm 1 of Kingma and Ba (2015) with the
// decay added to the gradient, and sets g to zero for the next step:
//
//	g ← g + decay·w
//	m ← β₁m + (1-β₁)g
//	v ← β₂v + (1-β₂)g²
//	w ← w - rate · m/(1-β₁ᵗ) / (√(v/(1-β₂ᵗ)) + ε)
//
// It reports whether every entry of w is still finite.
func (c AdamConstants) Adam(w, g, m, v []float32, rate float64, t int) (finite bool) {
	b1, a1 := float32(c.Beta1), float32(1-c.Beta1)
	b2, a2 := float32(c.Beta2), float32(1-c.Beta2)
	eps, decay := float32(c.Epsilon), float32(c.Decay)
	step := float32(rate / (1 - math.Pow(c.Beta1, float64(t))))
	norm := float32(1 / (1 - math.Pow(c.Beta2, float64(t))))
	return eachFinite(len(w), func(lo, hi int) float32 {
		return adam(w[lo:hi], g[lo:hi], m[lo:hi], v[lo:hi], b1, a1, b2, a2, decay, step, norm, eps)
	})
}

// adam is Adam on one goroutine, with the constants of the step; the probe is
// that of sgd.
func adam(w, g, m, v []float32, b1, a1, b2, a2, decay, step, norm, eps float32) (probe float32) {
	if n := len(w) &^ 7; using >= avx2 && n > 0 {
		probe = adamAVX2(&w[0], &g[0], &m[0], &v[0], n, b1, a1, b2, a2, decay, step, norm, eps)
		w, g, m, v = w[n:], g[n:], m[n:], v[n:]
	}
	for i := range w {
		d := g[i] + float32(decay*w[i])
		m[i] = float32(b1*m[i]) + float32(a1*d)
		v[i] = float32(b2*v[i]) + float32(float32(a2*d)*d)
		w[i] -= step * m[i] / (float32(math.Sqrt(float64(float32(v[i]*norm)))) + eps)
		probe += w[i] * 0
		g[i] = 0
	}
	return probe
}

// Average moves avg towards w by a share of their distance, 0 to 1:
//
//	avg ← avg + share·(w - avg)
func Average(avg, w []float32, share float32) {
	eachChunk(len(w), func(lo, hi int) { average(avg[lo:hi], w[lo:hi], share) })
}

// average is Average on one goroutine.
func average(avg, w []float32, share float32) {
	if n := len(w) &^ 7; using >= avx2 && n > 0 {
		averageAVX2(&avg[0], &w[0], n, share)
		avg, w = avg[n:], w[n:]
	} else if using == neon && n > 0 {
		averageNEON(&avg[0], &w[0], n, share)
		avg, w = avg[n:], w[n:]
	}
	for i := range w {
		avg[i] += float32(share * (w[i] - avg[i]))
	}
}

// eachFinite calls f for ranges that cover n entries, as eachChunk does, and reports
// whether every probe is 0.
func eachFinite(n int, f func(lo, hi int) float32) bool {
	var bad atomic.Bool
	eachChunk(n, func(lo, hi int) {
		if f(lo, hi) != 0 { // also true for NaN
			bad.Store(true)
		}
	})
	return !bad.Load()
}
