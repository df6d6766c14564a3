package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// panel is the kernel of every product: rows of 2 vectors, 6 rows at a time in
// 12 accumulators. Per step of n it loads 2 vectors of w and 6 broadcasts for 12
// multiply-adds, which keeps both units busy for 6 cycles.
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

// panelTile computes rows of c and moves c and init behind them.
func panelTile(name string, rows int, c, init, base reg.Register) {
	acc := ymms(2 * rows)
	ld := stride("ldi")
	for i := range rows {
		VMOVUPS(at(init, 0), acc[2*i])
		VMOVUPS(at(init, 8), acc[2*i+1])
		ADDQ(ld, init)
	}
	x := load("x")
	row := make([]reg.GPVirtual, rows)
	for i := range row {
		row[i] = GP64()
		MOVLQSX(at(base, i), row[i])
		LEAQ(Mem{Base: x, Index: row[i], Scale: 4}, row[i])
	}
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
