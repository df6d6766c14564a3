package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// quads returns, for the four rows from p on, stride bytes apart, what addresses
// them; the registers are set here.
func quads(p, stride reg.GPVirtual) func(i int) Mem {
	last := GP64()
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, last)
	ADDQ(p, last)
	return func(i int) Mem {
		switch i {
		case 0:
			return Mem{Base: p}
		case 1:
			return Mem{Base: p, Index: stride, Scale: 1}
		case 2:
			return Mem{Base: p, Index: stride, Scale: 2}
		}
		return Mem{Base: last}
	}
}

// windows computes BᵀdB: with rows 0-2, 1+2, 2-1 and 1-3 of d, then columns.
func windows() {
	function("windows"+set.name, "func(v *float32, ldv int, x *float32, ldx, ldp, tiles, n int)",
		"windows"+set.name+" computes, for tiles > 0 and n that is a positive multiple of "+fmt.Sprint(set.lanes)+",",
		"",
		"\tfor t := range tiles {",
		"\t\tfor c := range n {",
		"\t\t\tvar b [4][4]float32",
		"\t\t\tfor j := range 4 {",
		"\t\t\t\td := func(i int) float32 { return x[i*ldx+(2*t+j)*ldp+c] }",
		"\t\t\t\tb[0][j], b[1][j], b[2][j], b[3][j] = d(0)-d(2), d(1)+d(2), d(2)-d(1), d(1)-d(3)",
		"\t\t\t}",
		"\t\t\tfor i := range 4 {",
		"\t\t\t\tout := func(j int) *float32 { return &v[(4*i+j)*ldv+t*ldp+c] }",
		"\t\t\t\t*out(0), *out(1) = b[i][0]-b[i][2], b[i][1]+b[i][2]",
		"\t\t\t\t*out(2), *out(3) = b[i][2]-b[i][1], b[i][1]-b[i][3]",
		"\t\t\t}",
		"\t\t}",
		"\t}")
	v, ldv, x, ldx, ldp := load("v"), stride("ldv"), load("x"), stride("ldx"), stride("ldp")
	tiles := load("tiles")
	Label("tiles")
	n := load("n")
	Label("channels")
	out := GP64()
	MOVQ(v, out)
	for i, op := range [][2]int{{0, 2}, {1, 2}, {2, 1}, {1, 3}} {
		b := vectors(4)
		address := func(k int) func(int) Mem {
			row := GP64()
			MOVQ(x, row)
			for range k {
				ADDQ(ldx, row)
			}
			return quads(row, ldp)
		}
		from := address(op[0])
		for j := range 4 {
			VMOVUPS(from(j), b[j])
		}
		from = address(op[1])
		for j := range 4 {
			if i == 1 {
				VADDPS(from(j), b[j], b[j])
			} else {
				VSUBPS(from(j), b[j], b[j])
			}
		}
		e := vectors(4)
		VSUBPS(b[2], b[0], e[0])
		VADDPS(b[2], b[1], e[1])
		VSUBPS(b[1], b[2], e[2])
		VSUBPS(b[3], b[1], e[3])
		for j := range 4 {
			VMOVUPS(e[j], Mem{Base: out})
			ADDQ(ldv, out)
		}
	}
	ADDQ(Imm(uint64(4*set.lanes)), v)
	ADDQ(Imm(uint64(4*set.lanes)), x)
	SUBQ(Imm(uint64(set.lanes)), n)
	JNZ(LabelRef("channels"))
	// on by a tile: v by one pixel, x by two, less the channels passed
	n = load("n")
	SHLQ(Imm(2), n)
	SUBQ(n, v)
	SUBQ(n, x)
	ADDQ(ldp, v)
	LEAQ(Mem{Base: x, Index: ldp, Scale: 2}, x)
	DECQ(tiles)
	JNZ(LabelRef("tiles"))
	end()
}

// results computes AᵀmA: sums 0+1+2 and 1-2-3 of the rows, then of the columns.
func results() {
	function("results"+set.name, "func(y *float32, ldy int, m *float32, ldm int, bias *float32, tiles int)",
		"results"+set.name+" computes, for tiles > 0,",
		"",
		"\tfor t := range tiles {",
		"\t\tfor k := range 16 {",
		"\t\t\tvar a [2][4]float32",
		"\t\t\tfor j := range 4 {",
		"\t\t\t\tm := func(i int) float32 { return m[(4*i+j)*ldm+16*t+k] }",
		"\t\t\t\ta[0][j], a[1][j] = m(0)+(m(1)+m(2)), (m(1)-m(2))-m(3)",
		"\t\t\t}",
		"\t\t\tfor i := range 2 {",
		"\t\t\t\ty[i*ldy+32*t+k] = a[i][0] + (a[i][1] + a[i][2]) + bias[k]",
		"\t\t\t\ty[i*ldy+32*t+16+k] = (a[i][1] - a[i][2]) - a[i][3] + bias[k]",
		"\t\t\t}",
		"\t\t}",
		"\t}")
	y, ldy, m, ldm := load("y"), stride("ldy"), load("m"), stride("ldm")
	tiles := load("tiles")
	bias := load("bias")
	b := vectors(16 / set.lanes)
	for part := range b {
		VMOVUPS(at(bias, set.lanes*part), b[part])
	}
	ldm4 := GP64()
	MOVQ(ldm, ldm4)
	SHLQ(Imm(2), ldm4)
	Label("tiles")
	for part := range 16 / set.lanes {
		a := [2][]reg.VecVirtual{vectors(4), vectors(4)}
		p := GP64()
		LEAQ(Mem{Base: m, Disp: 4 * set.lanes * part}, p)
		from := quads(p, ldm4)
		for j := range 4 {
			m1 := set.vector()
			m2 := set.vector()
			VMOVUPS(from(1), m1)
			VMOVUPS(from(2), m2)
			VADDPS(m2, m1, a[0][j])
			VSUBPS(m2, m1, a[1][j])
			VADDPS(from(0), a[0][j], a[0][j])
			VSUBPS(from(3), a[1][j], a[1][j])
			if j < 3 {
				ADDQ(ldm, p)
				from = quads(p, ldm4)
			}
		}
		q := GP64()
		LEAQ(Mem{Base: y, Disp: 4 * set.lanes * part}, q)
		for i := range 2 {
			left, right := set.vector(), set.vector()
			VADDPS(a[i][2], a[i][1], left)
			VSUBPS(a[i][2], a[i][1], right)
			VADDPS(a[i][0], left, left)
			VSUBPS(a[i][3], right, right)
			VADDPS(b[part], left, left)
			VADDPS(b[part], right, right)
			VMOVUPS(left, at(q, 0))
			VMOVUPS(right, at(q, 16))
			ADDQ(ldy, q)
		}
	}
	ADDQ(Imm(64), m)
	ADDQ(Imm(128), y)
	DECQ(tiles)
	JNZ(LabelRef("tiles"))
	end()
}

// spread computes AdAᵀ: rows 0, 0+1, 0-1 and -1 of d, then columns.
func spread() {
	function("spread"+set.name, "func(m *float32, ldm int, d *float32, ldd int, tiles int)",
		"spread"+set.name+" computes, for tiles > 0,",
		"",
		"\tfor t := range tiles {",
		"\t\tfor k := range 16 {",
		"\t\t\tvar a [4][2]float32",
		"\t\t\tfor j := range 2 {",
		"\t\t\t\td0, d1 := d[32*t+16*j+k], d[ldd+32*t+16*j+k]",
		"\t\t\t\ta[0][j], a[1][j], a[2][j], a[3][j] = d0, d0+d1, d0-d1, -d1",
		"\t\t\t}",
		"\t\t\tfor i := range 4 {",
		"\t\t\t\tout := func(j int) *float32 { return &m[(4*i+j)*ldm+16*t+k] }",
		"\t\t\t\t*out(0), *out(1) = a[i][0], a[i][0]+a[i][1]",
		"\t\t\t\t*out(2), *out(3) = a[i][0]-a[i][1], -a[i][1]",
		"\t\t\t}",
		"\t\t}",
		"\t}")
	m, ldm, d, ldd := load("m"), stride("ldm"), load("d"), stride("ldd")
	tiles := load("tiles")
	sign := constant("sign", 1<<31)
	Label("tiles")
	for part := range 16 / set.lanes {
		d0, d1, a, p := vectors(2), vectors(2), vectors(2), GP64()
		LEAQ(Mem{Base: m, Disp: 4 * set.lanes * part}, p)
		for j := range 2 {
			VMOVUPS(at(d, 16*j+set.lanes*part), d0[j])
			VMOVUPS(Mem{Base: d, Index: ldd, Scale: 1, Disp: 64*j + 4*set.lanes*part}, d1[j])
		}
		for i := range 4 {
			for j := range 2 {
				switch i {
				case 0:
					VMOVAPS(d0[j], a[j])
				case 1:
					VADDPS(d1[j], d0[j], a[j])
				case 2:
					VSUBPS(d1[j], d0[j], a[j])
				case 3:
					VXORPS(sign, d1[j], a[j])
				}
			}
			both, less, minus := set.vector(), set.vector(), set.vector()
			VADDPS(a[1], a[0], both)
			VSUBPS(a[1], a[0], less)
			VXORPS(sign, a[1], minus)
			for _, out := range []reg.VecVirtual{a[0], both, less, minus} {
				VMOVUPS(out, Mem{Base: p})
				ADDQ(ldm, p)
			}
		}
	}
	ADDQ(Imm(64), m)
	ADDQ(Imm(128), d)
	DECQ(tiles)
	JNZ(LabelRef("tiles"))
	end()
}
