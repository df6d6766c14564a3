package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Predicates of VCMPPS: false, without an exception, where either is NaN, except
// unordered, which is true there.
const (
	unordered   = 0x03
	notEqual    = 0x04
	lessOrEqual = 0x12
	greater     = 0x1e
)

func rectify() {
	function("rectifyAVX2", "func(y, x *float32, n int)",
		"rectifyAVX2 computes, for n that is a positive multiple of 8,",
		"",
		"\tfor i := range n {",
		"\t\tif y[i] = x[i]; x[i] < 0 {",
		"\t\t\ty[i] = 0",
		"\t\t}",
		"\t}")
	y, x, n := load("y"), load("x"), load("n")
	z := zero()
	eachVector(n, []reg.GPVirtual{y, x}, func() {
		v := YMM()
		VMAXPS(at(x, 0), z, v) // NaN and -0: the second operand, x
		VMOVUPS(v, at(y, 0))
	})
	end()
}

func rectifyGrad() {
	function("rectifyGradAVX2", "func(dx, dy, y *float32, n int)",
		"rectifyGradAVX2 computes, for n that is a positive multiple of 8,",
		"",
		"\tfor i := range n {",
		"\t\tswitch {",
		"\t\tcase y[i] > 0:",
		"\t\t\tdx[i] = dy[i]",
		"\t\tcase y[i] != y[i]:",
		"\t\t\tdx[i] = y[i]",
		"\t\tdefault:",
		"\t\t\tdx[i] = 0",
		"\t\t}",
		"\t}")
	dx, dy, y, n := load("dx"), load("dy"), load("y"), load("n")
	z := zero()
	eachVector(n, []reg.GPVirtual{dx, dy, y}, func() {
		v, positive, nan := YMM(), YMM(), YMM()
		VMOVUPS(at(y, 0), v)
		VCMPPS(Imm(greater), z, v, positive)
		VCMPPS(Imm(unordered), v, v, nan)
		VANDPS(at(dy, 0), positive, positive)
		VANDPS(v, nan, nan)
		VORPS(nan, positive, positive)
		VMOVUPS(positive, at(dx, 0))
	})
	end()
}

func dropout() {
	function("dropoutAVX2", "func(y, x *float32, n int, first, limit uint32, scale float32, low, high uint32)",
		"dropoutAVX2 computes, for n that is a positive multiple of 8 and the key high<<32|low,",
		"",
		"\tfor i := range n {",
		"\t\tif uniform(key, first+i) < limit {",
		"\t\t\ty[i] = 0",
		"\t\t} else {",
		"\t\t\ty[i] = x[i] * scale",
		"\t\t}",
		"\t}")
	y, x, n := load("y"), load("x"), load("n")
	i, limit, scale := broadcast("first"), broadcast("limit"), broadcast("scale")
	low, high := broadcast("low"), broadcast("high")
	VPADDD(multiples("iota", 1), i, i)
	eight := constant("eight", 8)
	f1, f2 := constant("factor1", 0x7feb352d), constant("factor2", 0x846ca68b)
	sign := constant("sign", 1<<31) // turns unsigned order into signed
	VPXOR(sign, limit, limit)
	shift := func(z reg.VecVirtual, by uint64) {
		s := YMM()
		VPSRLD(Imm(by), z, s)
		VPXOR(s, z, z)
	}
	mix := func(z reg.VecVirtual) {
		shift(z, 16)
		VPMULLD(f1, z, z)
		shift(z, 15)
		VPMULLD(f2, z, z)
		shift(z, 16)
	}
	eachVector(n, []reg.GPVirtual{y, x}, func() {
		z := YMM()
		VPXOR(low, i, z)
		mix(z)
		VPADDD(high, z, z)
		mix(z)
		VPXOR(sign, z, z)
		VPCMPGTD(z, limit, z) // all ones where z < limit
		v := YMM()
		VMULPS(at(x, 0), scale, v)
		VANDNPS(v, z, v)
		VMOVUPS(v, at(y, 0))
		VPADDD(eight, i, i)
	})
	end()
}

func sgd() {
	function("sgdAVX2", "func(w, grad, v *float32, n int, rate, momentum, decay float32) float32",
		"sgdAVX2 computes, for n that is a positive multiple of 8, and with the probe in another order,",
		"",
		"\tfor i := range n {",
		"\t\tv[i] = float32(momentum*v[i]) + grad[i] + float32(decay*w[i])",
		"\t\tw[i] -= float32(rate * v[i])",
		"\t\tprobe += w[i] * 0",
		"\t\tgrad[i] = 0",
		"\t}",
		"\treturn probe")
	w, g, v, n := load("w"), load("grad"), load("v"), load("n")
	rate, momentum, decay := broadcast("rate"), broadcast("momentum"), broadcast("decay")
	z, probe := zero(), zero()
	eachVector(n, []reg.GPVirtual{w, g, v}, func() {
		a, b, d := YMM(), YMM(), YMM()
		VMULPS(at(v, 0), momentum, a)
		VADDPS(at(g, 0), a, a)
		VMOVUPS(at(w, 0), b)
		VMULPS(b, decay, d)
		VADDPS(d, a, a)
		VMOVUPS(a, at(v, 0))
		VMULPS(a, rate, a)
		VSUBPS(a, b, b)
		VMOVUPS(b, at(w, 0))
		VMULPS(z, b, b)
		VADDPS(b, probe, probe)
		VMOVUPS(z, at(g, 0))
	})
	Store(lanes(probe), ReturnIndex(0))
	end()
}

func adam() {
	function("adamAVX2", "func(w, grad, m, v *float32, n int, b1, a1, b2, a2, decay, step, norm, eps float32) float32",
		"adamAVX2 computes, for n that is a positive multiple of 8, and with the probe in another order,",
		"",
		"\tfor i := range n {",
		"\t\td := grad[i] + float32(decay*w[i])",
		"\t\tm[i] = float32(b1*m[i]) + float32(a1*d)",
		"\t\tv[i] = float32(b2*v[i]) + float32(float32(a2*d)*d)",
		"\t\tw[i] -= step * m[i] / (sqrt(v[i]*norm) + eps)",
		"\t\tprobe += w[i] * 0",
		"\t\tgrad[i] = 0",
		"\t}",
		"\treturn probe")
	w, g, m, v, n := load("w"), load("grad"), load("m"), load("v"), load("n")
	b1, a1, b2, a2 := broadcast("b1"), broadcast("a1"), broadcast("b2"), broadcast("a2")
	decay, step, norm, eps := broadcast("decay"), broadcast("step"), broadcast("norm"), broadcast("eps")
	z, probe := zero(), zero()
	eachVector(n, []reg.GPVirtual{w, g, m, v}, func() {
		old, d, first, second, t := YMM(), YMM(), YMM(), YMM(), YMM()
		VMOVUPS(at(w, 0), old)
		VMULPS(old, decay, d)
		VADDPS(at(g, 0), d, d)
		VMULPS(at(m, 0), b1, first)
		VMULPS(d, a1, t)
		VADDPS(t, first, first)
		VMOVUPS(first, at(m, 0))
		VMULPS(d, a2, t)
		VMULPS(d, t, t)
		VMULPS(at(v, 0), b2, second)
		VADDPS(t, second, second)
		VMOVUPS(second, at(v, 0))
		VMULPS(norm, second, second)
		VSQRTPS(second, second)
		VADDPS(eps, second, second)
		VMULPS(step, first, first)
		VDIVPS(second, first, first)
		VSUBPS(first, old, old)
		VMOVUPS(old, at(w, 0))
		VMULPS(z, old, old)
		VADDPS(old, probe, probe)
		VMOVUPS(z, at(g, 0))
	})
	Store(lanes(probe), ReturnIndex(0))
	end()
}

func average() {
	function("averageAVX2", "func(avg, w *float32, n int, share float32)",
		"averageAVX2 computes, for n that is a positive multiple of 8,",
		"",
		"\tfor i := range n {",
		"\t\tavg[i] += float32(share * (w[i] - avg[i]))",
		"\t}")
	avg, w, n := load("avg"), load("w"), load("n")
	share := broadcast("share")
	eachVector(n, []reg.GPVirtual{avg, w}, func() {
		a, d := YMM(), YMM()
		VMOVUPS(at(avg, 0), a)
		VMOVUPS(at(w, 0), d)
		VSUBPS(a, d, d)
		VMULPS(share, d, d)
		VADDPS(d, a, a)
		VMOVUPS(a, at(avg, 0))
	})
	end()
}
