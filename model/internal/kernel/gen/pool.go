package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// lane0213 is the order that undoes what a shuffle of two vectors does to their
// halves: quarters 0, 2, 1, 3.
const lane0213 = 0xd8

// pool takes eight windows at a time: even and odd columns of two rows.
func pool() {
	function("poolAVX2", "func(y *float32, argmax *int32, x *float32, w, ow, rows int)",
		"poolAVX2 computes, for rows > 0 and ow > 0,",
		"",
		"\tfor i := range rows {",
		"\t\tfor j := range (ow + 7) / 8 * 8 { // what is behind a row is overwritten by the next",
		"\t\t\tbest := 2*i*w + 2*j",
		"\t\t\tfor _, s := range []int{best + 1, best + w, best + w + 1} {",
		"\t\t\t\tif x[s] > x[best] || (x[s] != x[s] && x[best] == x[best]) {",
		"\t\t\t\t\tbest = s",
		"\t\t\t\t}",
		"\t\t\t}",
		"\t\t\ty[i*ow+j], argmax[i*ow+j] = x[best], best",
		"\t\t}",
		"\t}")
	y, argmax, x, rows := load("y"), load("argmax"), load("x"), load("rows")
	w, ow := load("w"), load("ow")
	first, toNext, sixteen := poolIndices(w)

	Label("rows")
	i := YMM()
	VMOVDQU(first, i)
	j := GP64()
	XORQ(j, j)
	below := GP64()
	LEAQ(Mem{Base: x, Index: w, Scale: 4}, below)
	Label("windows")
	best, index := YMM(), YMM()
	VMOVDQU(i, index)
	for r, row := range []reg.Register{x, below} {
		v0, v1, even, odd := YMM(), YMM(), YMM(), YMM()
		VMOVUPS(Mem{Base: row, Index: j, Scale: 8}, v0)
		VMOVUPS(Mem{Base: row, Index: j, Scale: 8, Disp: 32}, v1)
		VSHUFPS(Imm(0x88), v1, v0, even)
		VSHUFPS(Imm(0xdd), v1, v0, odd)
		VPERMPD(Imm(lane0213), even, even)
		VPERMPD(Imm(lane0213), odd, odd)
		for s, v := range []reg.VecVirtual{even, odd} {
			if r == 0 && s == 0 {
				VMOVUPS(even, best)
				continue
			}
			take, nan, t := YMM(), YMM(), YMM()
			VCMPPS(Imm(greater), best, v, take)
			VCMPPS(Imm(unordered), v, v, nan)
			VCMPPS(Imm(unordered), best, best, t)
			VANDNPS(nan, t, nan)
			VORPS(nan, take, take)
			VBLENDVPS(take, v, best, best)
			VPADDD(poolSteps[2*r+s], i, t)
			VBLENDVPS(take, t, index, index)
		}
	}
	VMOVUPS(best, Mem{Base: y, Index: j, Scale: 4})
	VMOVDQU(index, Mem{Base: argmax, Index: j, Scale: 4})
	VPADDD(sixteen, i, i)
	ADDQ(Imm(8), j)
	CMPQ(j, ow)
	JLT(LabelRef("windows"))
	LEAQ(Mem{Base: x, Index: w, Scale: 8}, x)
	LEAQ(Mem{Base: y, Index: ow, Scale: 4}, y)
	LEAQ(Mem{Base: argmax, Index: ow, Scale: 4}, argmax)
	VPADDD(toNext, first, first)
	DECQ(rows)
	JNZ(LabelRef("rows"))
	end()
}

// poolSteps are, in all lanes, the offsets of the pixels of a window: 0 (there is
// no register of it), 1, w and w+1.
var poolSteps [4]reg.VecVirtual

// poolIndices returns the offsets of the first eight windows of a row, what to
// add to them for the next row, and 16.
func poolIndices(w reg.GPVirtual) (first, toNext, sixteen reg.VecVirtual) {
	first, toNext = YMM(), YMM()
	VMOVDQU(multiples("even", 2), first)
	poolSteps[1] = constant("one", 1)
	sixteen = constant("sixteen", 16)
	poolSteps[2], poolSteps[3] = YMM(), YMM()
	VMOVD(w.As32(), poolSteps[2].AsX())
	VPBROADCASTD(poolSteps[2].AsX(), poolSteps[2])
	VPADDD(poolSteps[1], poolSteps[2], poolSteps[3])
	VPADDD(poolSteps[2], poolSteps[2], toNext)
	return first, toNext, sixteen
}

func unpool() {
	function("unpoolAVX2", "func(dx, dy *float32, argmax *int32, w, ow, rows int)",
		"unpoolAVX2 computes, for rows > 0 and w = 2·ow > 0,",
		"",
		"\tfor i := range rows {",
		"\t\tfor r := range 2 {",
		"\t\t\tfor j := range (ow + 7) / 8 * 8 { // what is behind a row is overwritten by the next",
		"\t\t\t\tfor s := (2*i+r)*w + 2*j; s < (2*i+r)*w+2*j+2; s++ {",
		"\t\t\t\t\tif dx[s] = 0; argmax[i*ow+j] == s {",
		"\t\t\t\t\t\tdx[s] = dy[i*ow+j]",
		"\t\t\t\t\t}",
		"\t\t\t\t}",
		"\t\t\t}",
		"\t\t}",
		"\t}")
	dx, dy, argmax, rows := load("dx"), load("dy"), load("argmax"), load("rows")
	w, ow := load("w"), load("ow")
	first, toNext, sixteen := poolIndices(w)

	Label("rows")
	for r := range 2 { // the second row after the first, whose tail reaches into it
		i := YMM()
		if r == 0 {
			VMOVDQU(first, i)
		} else {
			VPADDD(poolSteps[2], first, i)
		}
		j := GP64()
		XORQ(j, j)
		name := []string{"upper", "lower"}[r]
		Label(name)
		index, d, even, odd := YMM(), YMM(), YMM(), YMM()
		VMOVDQU(Mem{Base: argmax, Index: j, Scale: 4}, index)
		VMOVUPS(Mem{Base: dy, Index: j, Scale: 4}, d)
		VPCMPEQD(i, index, even)
		VPADDD(poolSteps[1], i, odd)
		VPCMPEQD(odd, index, odd)
		VANDPS(d, even, even)
		VANDPS(d, odd, odd)
		VPERMPD(Imm(lane0213), even, even)
		VPERMPD(Imm(lane0213), odd, odd)
		low, high := YMM(), YMM()
		VUNPCKLPS(odd, even, low)
		VUNPCKHPS(odd, even, high)
		VMOVUPS(low, Mem{Base: dx, Index: j, Scale: 8})
		VMOVUPS(high, Mem{Base: dx, Index: j, Scale: 8, Disp: 32})
		VPADDD(sixteen, i, i)
		ADDQ(Imm(8), j)
		CMPQ(j, ow)
		JLT(LabelRef(name))
		LEAQ(Mem{Base: dx, Index: w, Scale: 4}, dx)
	}
	LEAQ(Mem{Base: dy, Index: ow, Scale: 4}, dy)
	LEAQ(Mem{Base: argmax, Index: ow, Scale: 4}, argmax)
	VPADDD(toNext, first, first)
	DECQ(rows)
	JNZ(LabelRef("rows"))
	end()
}
