package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// transpose moves 8×8 tiles: pairs of rows are interleaved by single numbers,
// then by pairs, then by halves of a register.
func transpose() {
	function("transposeAVX2", "func(dst *float32, ldd int, src *float32, lds int, rows, cols int)",
		"transposeAVX2 computes, for rows and cols that are positive multiples of 8,",
		"",
		"\tfor i := range rows {",
		"\t\tfor j := range cols {",
		"\t\t\tdst[j*ldd+i] = src[i*lds+j]",
		"\t\t}",
		"\t}")
	dst, src := load("dst"), load("src")
	ldd, lds := stride("ldd"), stride("lds")
	ldd3, lds3 := GP64(), GP64()
	LEAQ(Mem{Base: ldd, Index: ldd, Scale: 2}, ldd3)
	LEAQ(Mem{Base: lds, Index: lds, Scale: 2}, lds3)
	rows := load("rows")

	Label("rows")
	d, s := GP64(), GP64()
	MOVQ(dst, d)
	MOVQ(src, s)
	cols := load("cols")
	Label("cols")
	s4, d4 := GP64(), GP64()
	LEAQ(Mem{Base: s, Index: lds, Scale: 4}, s4)
	LEAQ(Mem{Base: d, Index: ldd, Scale: 4}, d4)
	line := func(p, p4, ld, ld3 reg.Register, i int) Mem {
		if i >= 4 {
			p = p4
		}
		switch i % 4 {
		case 0:
			return Mem{Base: p}
		case 1:
			return Mem{Base: p, Index: ld, Scale: 1}
		case 2:
			return Mem{Base: p, Index: ld, Scale: 2}
		}
		return Mem{Base: p, Index: ld3, Scale: 1}
	}
	// a[i] holds columns 0…3 of rows i and i+4, b[i] columns 4…7
	a, b := vectors(4), vectors(4)
	for i := range 4 {
		low, high := line(s, s4, lds, lds3, i), line(s, s4, lds, lds3, i+4)
		VMOVUPS(low, a[i].AsX())
		VINSERTF128(Imm(1), high, a[i], a[i])
		VMOVUPS(low.Offset(16), b[i].AsX())
		VINSERTF128(Imm(1), high.Offset(16), b[i], b[i])
	}
	for half, v := range [][]reg.VecVirtual{a, b} {
		u := vectors(4)
		VUNPCKLPS(v[1], v[0], u[0]) // columns 0 and 1 of rows 0 and 1
		VUNPCKHPS(v[1], v[0], u[1]) // columns 2 and 3
		VUNPCKLPS(v[3], v[2], u[2]) // of rows 2 and 3
		VUNPCKHPS(v[3], v[2], u[3])
		for j := range 4 {
			pick := uint64(0x44)
			if j%2 == 1 {
				pick = 0xee
			}
			out := YMM()
			VSHUFPS(Imm(pick), u[2+j/2], u[j/2], out)
			VMOVUPS(out, line(d, d4, ldd, ldd3, 4*half+j))
		}
	}
	ADDQ(Imm(32), s)
	LEAQ(Mem{Base: d, Index: ldd, Scale: 8}, d)
	SUBQ(Imm(8), cols)
	JNZ(LabelRef("cols"))
	ADDQ(Imm(32), dst)
	LEAQ(Mem{Base: src, Index: lds, Scale: 8}, src)
	SUBQ(Imm(8), rows)
	JNZ(LabelRef("rows"))
	end()
}

// copyRows moves whole vectors and, last, the vector that ends with the row. It fetches what
// is 128 bytes ahead, the columns that a dense layer packs next: its rows are too far apart for
// the processor to foresee.
func copyRows() {
	function("copyRowsAVX2", "func(dst *float32, ldd int, src *float32, lds int, rows, n int)",
		"copyRowsAVX2 computes, for rows > 0 and n ≥ 8,",
		"",
		"\tfor i := range rows {",
		"\t\tcopy(dst[i*ldd:][:n], src[i*lds:][:n])",
		"\t}")
	dst, src := load("dst"), load("src")
	ldd, lds := stride("ldd"), stride("lds")
	rows, last := load("rows"), load("n")
	SUBQ(Imm(8), last)
	Label("rows")
	j := GP64()
	XORQ(j, j)
	JMP(LabelRef("test"))
	v := YMM()
	Label("vector")
	VMOVUPS(Mem{Base: src, Index: j, Scale: 4}, v)
	VMOVUPS(v, Mem{Base: dst, Index: j, Scale: 4})
	ADDQ(Imm(8), j)
	Label("test")
	CMPQ(j, last)
	JLT(LabelRef("vector"))
	VMOVUPS(Mem{Base: src, Index: last, Scale: 4}, v)
	VMOVUPS(v, Mem{Base: dst, Index: last, Scale: 4})
	PREFETCHT1(Mem{Base: src, Disp: 128})
	ADDQ(ldd, dst)
	ADDQ(lds, src)
	DECQ(rows)
	JNZ(LabelRef("rows"))
	end()
}

// lanes returns the sum of the lanes of y.
func lanes(y reg.VecVirtual) reg.VecVirtual {
	high := YMM()
	VEXTRACTF128(Imm(1), y, high.AsX())
	VADDPS(high.AsX(), y.AsX(), y.AsX())
	VHADDPS(y.AsX(), y.AsX(), y.AsX())
	VHADDPS(y.AsX(), y.AsX(), y.AsX())
	return y.AsX().(reg.VecVirtual)
}

func add() {
	function("addAVX2", "func(dst, src *float32, n int)",
		"addAVX2 computes, for n that is a positive multiple of 8,",
		"",
		"\tfor i := range n {",
		"\t\tdst[i] += src[i]",
		"\t}")
	dst, src, n := load("dst"), load("src"), load("n")
	eachVector(n, []reg.GPVirtual{dst, src}, func() {
		v := YMM()
		VMOVUPS(at(src, 0), v)
		VADDPS(at(dst, 0), v, v)
		VMOVUPS(v, at(dst, 0))
	})
	end()
}
