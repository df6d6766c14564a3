package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tileRows are the numbers of rows of a tile, so many that the accumulators of the
// first fill the registers, and those of the next still keep the units busy.
func tileRows() []int {
	if set.name == avx512.name {
		return []int{12, 8, 4, 2, 1}
	}
	return []int{6, 4, 2, 1}
}

// products is the kernel of the forward products of a Winograd convolution. One call
// computes all panels of all places, since a single product takes a fraction of a
// microsecond. A tile keeps some rows of one panel, or in AVX-512 of two, in registers.
// Pointers that are used only between tiles live in the arguments and on the stack.
func products() {
	function("products"+set.name, "func(c *float32, cPlace, cPanel, cRow int, x *float32, xPlace, xRow int, w *float32, wPlace, wPanel int, places, panels, m, n int)",
		"products"+set.name+" computes, for positive numbers,",
		"",
		"\tfor p := range places {",
		"\t\tfor q := range panels {",
		"\t\t\tfor i := range m {",
		"\t\t\t\tfor k := range 16 {",
		"\t\t\t\t\tc[p*cPlace+q*cPanel+i*cRow+k] = 0",
		"\t\t\t\t\tfor t := range n {",
		"\t\t\t\t\t\tc[p*cPlace+q*cPanel+i*cRow+k] += x[p*xPlace+i*xRow+t] * w[p*wPlace+q*wPanel+16*t+k] // fused",
		"\t\t\t\t\t}",
		"\t\t\t\t}",
		"\t\t\t}",
		"\t\t}",
		"\t}")
	eachTile(func(name string, rows, panels int, c, x, w reg.GPVirtual) {
		xRow := stride("xRow")
		p := []reg.GPVirtual{x} // to every third row
		for i := 3; i < rows; i += 3 {
			p = append(p, GP64())
			LEAQ(Mem{Base: p[len(p)-2], Index: xRow, Scale: 2}, p[len(p)-1])
			ADDQ(xRow, p[len(p)-1])
		}
		acc := accumulators(rows, panels)
		wPanel := stride("wPanel")
		next := make([]reg.GPVirtual, panels) // how far the weights are that come next
		for q := range next {
			next[q] = GP64()
			IMUL3Q(Imm(uint64(panels+q)), wPanel, next[q])
		}
		step := func(u int) {
			if rows == tileRows()[1] {
				for _, distance := range next {
					PREFETCHT1(Mem{Base: w, Index: distance, Scale: 1, Disp: 64 * u})
				}
			}
			columns := columnsOf(w, wPanel, panels, 64*u)
			for i := range rows {
				from := Mem{Base: p[i/3], Disp: 4 * u}
				if i%3 > 0 {
					from.Index, from.Scale = xRow, uint8(i%3)
				}
				multiplyAdd(from, columns, acc[i])
			}
		}
		on := func(steps int) {
			for _, q := range p {
				ADDQ(Imm(uint64(4*steps)), q)
			}
			ADDQ(U32(uint32(64*steps)), w)
		}
		n := load("n")
		SUBQ(Imm(4), n)
		JLT(LabelRef(name + "_rest"))
		Label(name + "_four")
		for u := range 4 {
			step(u)
		}
		on(4)
		SUBQ(Imm(4), n)
		JGE(LabelRef(name + "_four"))
		Label(name + "_rest")
		ADDQ(Imm(4), n)
		JZ(LabelRef(name + "_end"))
		Label(name + "_one")
		step(0)
		on(1)
		DECQ(n)
		JNZ(LabelRef(name + "_one"))
		Label(name + "_end")
		put(c, acc, panels)
	}, func(rows int) reg.GPVirtual {
		by := stride("xRow")
		IMUL3Q(Imm(uint64(rows)), by, by)
		return by
	})
}

// sums is the kernel of the weight gradients, otherwise like products.
func sums() {
	function("sums"+set.name, "func(c *float32, cPlace, cPanel, cRow int, x *float32, xPlace, xStep int, w *float32, wPlace, wPanel, wStep int, places, panels, m, n int, more bool)",
		"sums"+set.name+" computes, for positive numbers,",
		"",
		"\tfor p := range places {",
		"\t\tfor q := range panels {",
		"\t\t\tfor i := range m {",
		"\t\t\t\tfor k := range 16 {",
		"\t\t\t\t\tif !more {",
		"\t\t\t\t\t\tc[p*cPlace+q*cPanel+i*cRow+k] = 0",
		"\t\t\t\t\t}",
		"\t\t\t\t\tfor t := range n {",
		"\t\t\t\t\t\tc[p*cPlace+q*cPanel+i*cRow+k] += x[p*xPlace+t*xStep+i] * w[p*wPlace+q*wPanel+t*wStep+k] // fused",
		"\t\t\t\t\t}",
		"\t\t\t\t}",
		"\t\t\t}",
		"\t\t}",
		"\t}")
	eachTile(func(name string, rows, panels int, c, x, w reg.GPVirtual) {
		acc := accumulators(rows, panels)
		more := Load(Param("more"), GP8()).(reg.GPVirtual)
		TESTB(more, more)
		JZ(LabelRef(name + "_start"))
		each(c, acc, panels, func(a reg.VecVirtual, at Mem) { VMOVUPS(at, a) })
		Label(name + "_start")
		xStep, wStep, wPanel, n := stride("xStep"), stride("wStep"), stride("wPanel"), load("n")
		Label(name + "_loop")
		columns := columnsOf(w, wPanel, panels, 0)
		for i := range rows {
			multiplyAdd(at(x, i), columns, acc[i])
		}
		ADDQ(xStep, x)
		ADDQ(wStep, w)
		DECQ(n)
		JNZ(LabelRef(name + "_loop"))
		put(c, acc, panels)
	}, func(rows int) reg.GPVirtual {
		by := GP64()
		MOVQ(U32(uint32(4*rows)), by)
		return by
	})
}

// accumulators returns the zeroed registers of a tile, by rows.
func accumulators(rows, panels int) [][]reg.VecVirtual {
	acc := make([][]reg.VecVirtual, rows)
	for i := range acc {
		acc[i] = vectors(panels * 16 / set.lanes)
		for _, y := range acc[i] {
			VXORPS(y, y, y)
		}
	}
	return acc
}

// columnsOf loads the vectors of a step of w.
func columnsOf(w, wPanel reg.GPVirtual, panels, disp int) (all []reg.VecVirtual) {
	for q := range panels {
		for part := range 16 / set.lanes {
			from := Mem{Base: w, Disp: disp + 4*set.lanes*part}
			if q == 1 {
				from.Index, from.Scale = wPanel, 1
			}
			y := set.vector()
			VMOVUPS(from, y)
			all = append(all, y)
		}
	}
	return all
}

// multiplyAdd adds the products of a number and the columns.
func multiplyAdd(from Mem, columns, acc []reg.VecVirtual) {
	v := set.vector()
	VBROADCASTSS(from, v)
	for k, column := range columns {
		VFMADD231PS(column, v, acc[k])
	}
}

// each calls f for every accumulator and its place in c.
func each(c reg.GPVirtual, acc [][]reg.VecVirtual, panels int, f func(a reg.VecVirtual, at Mem)) {
	row, cRow, cPanel := GP64(), stride("cRow"), stride("cPanel")
	MOVQ(c, row)
	for i := range acc {
		for k, a := range acc[i] {
			to := Mem{Base: row, Disp: 4 * set.lanes * (k % (16 / set.lanes))}
			if k/(16/set.lanes) == 1 {
				to.Index, to.Scale = cPanel, 1
			}
			f(a, to)
		}
		if i+1 < len(acc) {
			ADDQ(cRow, row)
		}
	}
}

func put(c reg.GPVirtual, acc [][]reg.VecVirtual, panels int) {
	each(c, acc, panels, func(a reg.VecVirtual, at Mem) { VMOVUPS(a, at) })
}

// eachTile writes the loops over places, panels and rows around the code for a tile,
// which gets where c, x and w begin. by returns how far some rows are in x.
func eachTile(tile func(name string, rows, panels int, c, x, w reg.GPVirtual), by func(rows int) reg.GPVirtual) {
	most := 1 // panels at a time
	if set.name == avx512.name {
		most = 2
	}
	local := AllocLocal(48)
	slot := func(i int) Mem { return local.Offset(8 * i) }
	cPanel, wPanel, panelsLeft, c, x, rowsLeft := slot(0), slot(1), slot(2), slot(3), slot(4), slot(5)
	keep := func(r reg.GPVirtual, to Mem) { MOVQ(r, to) }
	get := func(from Mem) reg.GPVirtual {
		r := GP64()
		MOVQ(from, r)
		return r
	}
	Label("place")
	keep(load("c"), cPanel)
	keep(load("w"), wPanel)
	keep(load("panels"), panelsLeft)
	Label("panel")
	for panels := most; panels > 0; panels-- {
		name := fmt.Sprint("panels", panels)
		if panels > 1 {
			left := get(panelsLeft)
			CMPQ(left, Imm(uint64(panels)))
			JLT(LabelRef(fmt.Sprint("panels", panels-1)))
		}
		Label(name)
		keep(get(cPanel), c)
		keep(load("x"), x)
		keep(load("m"), rowsLeft)
		Label(name + "_rows")
		m := get(rowsLeft)
		if set.name == avx2.name { // 8 rows are better as two fours than as six and two
			CMPQ(m, Imm(8))
			JEQ(LabelRef(name + "_rows4"))
		}
		for _, rows := range tileRows() {
			CMPQ(m, Imm(uint64(rows)))
			JGE(LabelRef(fmt.Sprint(name, "_rows", rows)))
		}
		// the next panels
		for _, next := range []struct {
			slot Mem
			by   string
		}{{cPanel, "cPanel"}, {wPanel, "wPanel"}} {
			distance := stride(next.by)
			if panels == 2 {
				ADDQ(distance, distance)
			}
			ADDQ(distance, next.slot)
		}
		left := get(panelsLeft)
		SUBQ(Imm(uint64(panels)), left)
		keep(left, panelsLeft)
		JNZ(LabelRef("panel"))
		JMP(LabelRef("next"))
		for _, rows := range tileRows() {
			label := fmt.Sprint(name, "_rows", rows)
			Label(label)
			tile(label, rows, panels, get(c), get(x), get(wPanel))
			forward := stride("cRow")
			IMUL3Q(Imm(uint64(rows)), forward, forward)
			ADDQ(forward, c)
			ADDQ(by(rows), x)
			SUBQ(Imm(uint64(rows)), rowsLeft)
			JMP(LabelRef(name + "_rows"))
		}
	}
	Label("next")
	for _, name := range []string{"c", "x", "w"} {
		p := load(name)
		ADDQ(stride(name+"Place"), p)
		setParam(p, name)
	}
	left := load("places")
	DECQ(left)
	setParam(left, "places")
	JNZ(LabelRef("place"))
	end()
}
