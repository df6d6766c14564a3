package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// compare returns where predicate holds of a and b: in a mask register, or in
// AVX2 as lanes of ones.
func compare(predicate uint64, a, b reg.VecVirtual) reg.Register {
	if set.name == avx512.name {
		k := K()
		VCMPPS(Imm(predicate), b, a, k)
		return k
	}
	y := YMM()
	VCMPPS(Imm(predicate), b, a, y)
	return y
}

// equal returns where the integers a and b are the same.
func equal(a, b reg.VecVirtual) reg.Register {
	if set.name == avx512.name {
		k := K()
		VPCMPD(Imm(0), b, a, k)
		return k
	}
	y := YMM()
	VPCMPEQD(b, a, y)
	return y
}

// above returns where the integers a are greater than b.
func above(a, b reg.VecVirtual) reg.Register {
	if set.name == avx512.name {
		k := K()
		VPCMPGTD(b, a, k)
		return k
	}
	y := YMM()
	VPCMPGTD(b, a, y)
	return y
}

// either adds to mask where other holds.
func either(mask, other reg.Register) {
	if set.name == avx512.name {
		KORW(other, mask, mask)
		return
	}
	VORPS(other, mask, mask)
}

// both leaves of mask what other holds too.
func both(mask, other reg.Register) {
	if set.name == avx512.name {
		KANDW(other, mask, mask)
		return
	}
	VANDPS(other, mask, mask)
}

// move copies v to dst where mask holds.
func move(mask reg.Register, v, dst reg.VecVirtual) {
	if set.name == avx512.name {
		VMOVAPS(v, mask, dst)
		return
	}
	VBLENDVPS(mask, v, dst, dst)
}

// keep returns v where mask holds, and 0 elsewhere.
func keep(mask reg.Register, v reg.VecVirtual) reg.VecVirtual {
	dst := set.vector()
	if set.name == avx512.name {
		VMOVAPS_Z(v, mask, dst)
		return dst
	}
	VANDPS(v, mask, dst)
	return dst
}

// storeBytes stores the low byte of each 32-bit integer.
func storeBytes(v reg.VecVirtual, to Mem) {
	if set.name == avx512.name {
		VPMOVDB(v, to)
		return
	}
	high := YMM()
	VEXTRACTI128(Imm(1), v, high.AsX())
	VPACKUSDW(high.AsX(), v.AsX(), high.AsX())
	VPACKUSWB(high.AsX(), high.AsX(), high.AsX())
	VMOVQ(high.AsX(), to)
}

// poolTile takes the maximum of windows whose pixels hold 16 channels each.
func poolTile() {
	function("poolTile"+set.name, "func(y *float32, choice *byte, x *float32, ldx, ow, rows int)",
		"poolTile"+set.name+" computes, for rows > 0 and ow > 0,",
		"",
		"\tfor i := range rows {",
		"\t\tfor j := range ow {",
		"\t\t\tfor k := range 16 {",
		"\t\t\t\tx := func(s int) float32 { return x[(2*i+s/2)*ldx+(2*j+s%2)*16+k] }",
		"\t\t\t\tbest := 0",
		"\t\t\t\tfor s := 1; s < 4; s++ {",
		"\t\t\t\t\tif x(s) > x(best) || x(s) != x(s) {",
		"\t\t\t\t\t\tbest = s",
		"\t\t\t\t\t}",
		"\t\t\t\t}",
		"\t\t\t\ty[(i*ow+j)*16+k], choice[(i*ow+j)*16+k] = x(best), best",
		"\t\t\t\tif x(best) <= 0 {",
		"\t\t\t\t\ty[(i*ow+j)*16+k], choice[(i*ow+j)*16+k] = 0, 4",
		"\t\t\t\t}",
		"\t\t\t}",
		"\t\t}",
		"\t}")
	y, choice, x, ldx := load("y"), load("choice"), load("x"), stride("ldx")
	rows := load("rows")
	Label("rows")
	below := GP64()
	LEAQ(Mem{Base: x, Index: ldx, Scale: 1}, below)
	ow := load("ow")
	Label("windows")
	for part := range 16 / set.lanes {
		disp := 4 * set.lanes * part
		var pixels [4]reg.VecVirtual
		for s := range pixels {
			pixels[s] = set.vector()
			VMOVUPS(Mem{Base: []reg.GPVirtual{x, below}[s/2], Disp: disp + 64*(s%2)}, pixels[s])
		}
		best, index := largestOrNaN(pixels)
		VMOVUPS(best, Mem{Base: y, Disp: disp})
		storeBytes(index, Mem{Base: choice, Disp: disp / 4})
	}
	ADDQ(Imm(128), x)
	ADDQ(Imm(128), below)
	ADDQ(Imm(64), y)
	ADDQ(Imm(16), choice)
	DECQ(ow)
	JNZ(LabelRef("windows"))
	ow = load("ow")
	SHLQ(Imm(7), ow)
	SUBQ(ow, x)
	LEAQ(Mem{Base: x, Index: ldx, Scale: 2}, x)
	DECQ(rows)
	JNZ(LabelRef("rows"))
	end()
}

// unpoolTile is the gradient of poolTile.
func unpoolTile() {
	function("unpoolTile"+set.name, "func(x *float32, ldx int, y *float32, choice *byte, ow, rows int)",
		"unpoolTile"+set.name+" computes, for rows > 0 and ow > 0,",
		"",
		"\tfor i := range rows {",
		"\t\tfor j := range ow {",
		"\t\t\tfor s := range 4 {",
		"\t\t\t\tfor k := range 16 {",
		"\t\t\t\t\tx := &x[(2*i+s/2)*ldx+(2*j+s%2)*16+k]",
		"\t\t\t\t\tif *x = 0; choice[(i*ow+j)*16+k] == s {",
		"\t\t\t\t\t\t*x = y[(i*ow+j)*16+k]",
		"\t\t\t\t\t}",
		"\t\t\t\t}",
		"\t\t\t}",
		"\t\t}",
		"\t}")
	x, ldx := load("x"), stride("ldx")
	y, choice, rows := load("y"), load("choice"), load("rows")
	numbers := []reg.VecVirtual{zero(), constant("one", 1), constant("two", 2), constant("three", 3)}
	ahead := load("ow") // what follows is likely to be next
	IMULQ(rows, ahead)
	SHLQ(Imm(4), ahead)
	Label("rows")
	at := GP64()
	MOVQ(x, at)
	ow := load("ow")
	Label("windows")
	below := GP64()
	LEAQ(Mem{Base: at, Index: ldx, Scale: 1}, below)
	PREFETCHT0(Mem{Base: y, Index: ahead, Scale: 4})
	PREFETCHT0(Mem{Base: choice, Index: ahead, Scale: 1})
	for part := range 16 / set.lanes {
		disp := 4 * set.lanes * part
		index, v := set.vector(), set.vector()
		VPMOVZXBD(Mem{Base: choice, Disp: disp / 4}, index)
		VMOVUPS(Mem{Base: y, Disp: disp}, v)
		for s, number := range numbers {
			VMOVUPS(keep(equal(index, number), v), Mem{Base: []reg.GPVirtual{at, below}[s/2], Disp: disp + 64*(s%2)})
		}
	}
	ADDQ(Imm(128), at)
	ADDQ(Imm(64), y)
	ADDQ(Imm(16), choice)
	DECQ(ow)
	JNZ(LabelRef("windows"))
	LEAQ(Mem{Base: x, Index: ldx, Scale: 2}, x)
	DECQ(rows)
	JNZ(LabelRef("rows"))
	end()
}

// sumChosen adds in float64: what remains of a sum whose terms cancel should be right.
func sumChosen() {
	function("sumChosen"+set.name, "func(sums *float64, x *float32, choice *byte, n int)",
		"sumChosen"+set.name+" computes, for n > 0,",
		"",
		"\tfor i := range 16 * n {",
		"\t\tif choice[i] != 4 {",
		"\t\t\tsums[i%16] += float64(x[i])",
		"\t\t}",
		"\t}")
	sums, x, choice, n := load("sums"), load("x"), load("choice"), load("n")
	four := constant("four", 4)
	acc := vectors(32 / set.lanes)
	sum := func(i int) Mem { return Mem{Base: sums, Disp: 4 * set.lanes * i} }
	for i, a := range acc {
		VMOVUPD(sum(i), a)
	}
	Label("loop")
	for part := range 16 / set.lanes {
		disp := 4 * set.lanes * part
		index, v := set.vector(), set.vector()
		VPMOVZXBD(Mem{Base: choice, Disp: disp / 4}, index)
		VMOVUPS(Mem{Base: x, Disp: disp}, v)
		for half, y := range doubles(drop(equal(index, four), v)) {
			VADDPD(y, acc[2*part+half], acc[2*part+half])
		}
	}
	ADDQ(Imm(64), x)
	ADDQ(Imm(16), choice)
	DECQ(n)
	JNZ(LabelRef("loop"))
	for i, a := range acc {
		VMOVUPD(a, sum(i))
	}
	end()
}

// drop returns v with 0 where mask holds.
func drop(mask reg.Register, v reg.VecVirtual) reg.VecVirtual {
	dst := set.vector()
	if set.name == avx512.name {
		not := K()
		KNOTW(mask, not)
		VMOVAPS_Z(v, not, dst)
		return dst
	}
	VANDNPS(v, mask, dst)
	return dst
}

// doubles returns the two halves of v in float64.
func doubles(v reg.VecVirtual) [2]reg.VecVirtual {
	low, high := set.vector(), set.vector()
	if set.name == avx512.name {
		VEXTRACTF64X4(Imm(1), v, high.AsY())
		VCVTPS2PD(v.AsY(), low)
		VCVTPS2PD(high.AsY(), high)
	} else {
		VEXTRACTF128(Imm(1), v, high.AsX())
		VCVTPS2PD(v.AsX(), low)
		VCVTPS2PD(high.AsX(), high)
	}
	return [2]reg.VecVirtual{low, high}
}
