package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// panel is the kernel of every product in AVX2: rows of 2 vectors, 6 rows at a time in
// 12 accumulators. Per step of n it loads 2 vectors of w and 6 broadcasts for 12
// multiply-adds, which keeps both units busy for 6 cycles. The tiles of fewer rows at
// the end do not.
func panel() {
	function("panelAVX2", "func(c *float32, ldc int, init *float32, ldi int, x *float32, base, off *int32, w *float32, m, n int)",
		"panelAVX2 computes, for n > 0,",
		"",
		"\tfor i := range m {",
		"\t\tfor k := range 16 {",
		"\t\t\tc[i*ldc+k] = init[i*ldi+k]",
		"\t\t\tfor t := range n {",
		"\t\t\t\tc[i*ldc+k] += x[base[i]+off[t]] * w[t*16+k] // fused",
		"\t\t\t}",
		"\t\t}",
		"\t}")
	c, init := load("c"), load("init")
	base, m := load("base"), load("m")

	Label("six")
	CMPQ(m, Imm(6))
	JLT(LabelRef("tail"))
	panelTile("six", 6, c, init, base)
	ADDQ(Imm(24), base)
	SUBQ(Imm(6), m)
	JMP(LabelRef("six"))

	Label("tail")
	for rows := 5; rows > 0; rows-- {
		CMPQ(m, Imm(uint64(rows)))
		JEQ(LabelRef(fmt.Sprint("rows", rows)))
	}
	end()
	for rows := 5; rows > 0; rows-- {
		Label(fmt.Sprint("rows", rows))
		panelTile(fmt.Sprint("rows", rows), rows, c, init, base)
		end()
	}
}

// offsetBy returns the addresses of x[base[0]] … x[base[n-1]].
func offsetBy(x, base reg.Register, n int) []reg.GPVirtual {
	all := make([]reg.GPVirtual, n)
	for i := range all {
		all[i] = GP64()
		MOVLQSX(at(base, i), all[i])
		LEAQ(Mem{Base: x, Index: all[i], Scale: 4}, all[i])
	}
	return all
}

// panelTile computes rows of c and moves c and init behind them.
func panelTile(name string, rows int, c, init, base reg.Register) {
	acc := vectors(2 * rows)
	ld := stride("ldi")
	for i := range rows {
		VMOVUPS(at(init, 0), acc[2*i])
		VMOVUPS(at(init, 8), acc[2*i+1])
		ADDQ(ld, init)
	}
	x := load("x")
	row := offsetBy(x, base, rows)
	off, w, n := load("off"), load("w"), load("n")
	Label(name + "_loop")
	t := GP64()
	MOVLQSX(at(off, 0), t)
	w0, w1 := YMM(), YMM()
	VMOVUPS(at(w, 0), w0)
	VMOVUPS(at(w, 8), w1)
	for i := range rows {
		v := YMM()
		VBROADCASTSS(Mem{Base: row[i], Index: t, Scale: 4}, v)
		VFMADD231PS(w0, v, acc[2*i])
		VFMADD231PS(w1, v, acc[2*i+1])
	}
	ADDQ(Imm(4), off)
	ADDQ(Imm(64), w)
	DECQ(n)
	JNZ(LabelRef(name + "_loop"))
	ld = stride("ldc")
	for i := range rows {
		VMOVUPS(acc[2*i], at(c, 0))
		VMOVUPS(acc[2*i+1], at(c, 8))
		ADDQ(ld, c)
	}
}

// wideRows is the number of rows that widePanel computes at a time: so many that
// 9 or 18 accumulators keep both units busy, and few enough that each row has a
// register for its address.
const wideRows = 9

// widePanel is panel in AVX-512: a panel is one vector wide, and one or two
// panels are computed at a time. Pointers that are used between tiles only live
// in the arguments. The last 10 to 12 rows are cut in two, so that no tile has
// too few accumulators to keep the units busy.
func widePanel(name string, panels int) {
	function(name, "func(c *float32, ldc, cp int, init *float32, ldi, ip int, x *float32, base, off *int32, w *float32, wp, m, n int)",
		name+" computes, for n > 0,",
		"",
		fmt.Sprintf("\tfor p := range %d {", panels),
		"\t\tfor i := range m {",
		"\t\t\tfor k := range 16 {",
		"\t\t\t\tc[p*cp+i*ldc+k] = init[p*ip+i*ldi+k]",
		"\t\t\t\tfor t := range n {",
		"\t\t\t\t\tc[p*cp+i*ldc+k] += x[base[i]+off[t]] * w[p*wp+t*16+k] // fused",
		"\t\t\t\t}",
		"\t\t\t}",
		"\t\t}",
		"\t}")
	tile := func(rows int) string { return fmt.Sprint("rows", rows) }
	Label("next")
	m := load("m")
	CMPQ(m, Imm(wideRows+4))
	JGE(LabelRef(tile(wideRows)))
	for rows := 1; rows <= wideRows; rows++ {
		CMPQ(m, Imm(uint64(rows)))
		JEQ(LabelRef(tile(rows)))
	}
	TESTQ(m, m)
	JNE(LabelRef(tile(6)))
	end()
	for rows := 1; rows <= wideRows; rows++ {
		Label(tile(rows))
		wideTile(tile(rows), rows, panels)
		JMP(LabelRef("next"))
	}
}

// wideTile computes rows of c and moves the arguments behind them.
func wideTile(name string, rows, panels int) {
	acc := make([][]reg.VecVirtual, rows)
	init, ldi, ip := load("init"), stride("ldi"), stride("ip")
	for i := range acc {
		acc[i] = []reg.VecVirtual{ZMM(), ZMM()}[:panels]
		for p, a := range acc[i] {
			VMOVUPS(wideAt(init, ip, p), a)
		}
		ADDQ(ldi, init)
	}
	setParam(init, "init")
	x, base := load("x"), load("base")
	row := offsetBy(x, base, rows)
	ADDQ(Imm(uint64(4*rows)), base)
	setParam(base, "base")
	m := load("m")
	SUBQ(Imm(uint64(rows)), m)
	setParam(m, "m")

	off, w, wp, n := load("off"), load("w"), stride("wp"), load("n")
	Label(name + "_loop")
	t := GP64()
	MOVLQSX(at(off, 0), t)
	columns := []reg.VecVirtual{ZMM(), ZMM()}[:panels]
	for p, v := range columns {
		VMOVUPS(wideAt(w, wp, p), v)
	}
	for i := range rows {
		v := ZMM()
		VBROADCASTSS(Mem{Base: row[i], Index: t, Scale: 4}, v)
		for p, column := range columns {
			VFMADD231PS(column, v, acc[i][p])
		}
	}
	ADDQ(Imm(4), off)
	ADDQ(Imm(64), w)
	DECQ(n)
	JNZ(LabelRef(name + "_loop"))

	c, ldc, cp := load("c"), stride("ldc"), stride("cp")
	for i := range acc {
		for p, a := range acc[i] {
			VMOVUPS(a, wideAt(c, cp, p))
		}
		ADDQ(ldc, c)
	}
	setParam(c, "c")
}

// wideAt is where the vector of panel p lies.
func wideAt(first, distance reg.GPVirtual, p int) Mem {
	if p == 0 {
		return Mem{Base: first}
	}
	return Mem{Base: first, Index: distance, Scale: 1}
}

// setParam sets the parameter of this name.
func setParam(r reg.GPVirtual, name string) {
	p, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	MOVQ(r, p.Addr)
}

// sparseColumns is the number of columns of weighted, in so many accumulators that the units
// stay busy.
const sparseColumns = 96

// weighted is the kernel of products with a matrix that has many zeros: it reads only the rows of b that
// count, each straight into a multiply-add.
func weighted() {
	function("weighted"+set.name, "func(c *float32, ldc int, b *float32, counts *int32, off *int32, v *float32, rows int)",
		"weighted"+set.name+" computes, for rows > 0,",
		"",
		"\tfor i := range rows {",
		fmt.Sprintf("\t\tfor k := range %d {", sparseColumns),
		"\t\t\tc[i*ldc+k] = 0",
		"\t\t\tfor t := range counts[i] {",
		"\t\t\t\tc[i*ldc+k] += v[t] * b[off[t]+k] // fused",
		"\t\t\t}",
		"\t\t}",
		"\t\toff, v = off[counts[i]:], v[counts[i]:]",
		"\t}")
	c, ldc, b, rows := load("c"), stride("ldc"), load("b"), load("rows")
	counts, off, v := load("counts"), load("off"), load("v")
	acc := vectors(sparseColumns / set.lanes)
	Label("rows")
	for _, a := range acc {
		VXORPS(a, a, a)
	}
	n := GP64()
	MOVLQSX(at(counts, 0), n)
	TESTQ(n, n)
	JZ(LabelRef("store"))
	Label("steps")
	from := GP64()
	MOVLQSX(at(off, 0), from)
	factor := set.vector()
	VBROADCASTSS(at(v, 0), factor)
	for k, a := range acc {
		VFMADD231PS(Mem{Base: b, Index: from, Scale: 4, Disp: 4 * set.lanes * k}, factor, a)
	}
	ADDQ(Imm(4), off)
	ADDQ(Imm(4), v)
	DECQ(n)
	JNZ(LabelRef("steps"))
	Label("store")
	for k, a := range acc {
		VMOVUPS(a, at(c, set.lanes*k))
	}
	ADDQ(ldc, c)
	ADDQ(Imm(4), counts)
	DECQ(rows)
	JNZ(LabelRef("rows"))
	end()
}
