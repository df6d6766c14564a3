package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// What these functions share: behind max-pooling, only the pixel that was the maximum of its
// window has a gradient. Lists hold such pixels, and the loops over them leave out the others.

// placeChosen finds the pixels. Where there is none, a place is negative.
func placeChosen() {
	function("placeChosen"+set.name, "func(at *int32, choice *byte, windows, pixels *int32, n int)",
		"placeChosen"+set.name+" computes, for n > 0,",
		"",
		"\tfor i := range n {",
		"\t\tfor k := range 16 {",
		"\t\t\tat[16*i+k] = windows[i] + pixels[choice[16*i+k]]",
		"\t\t}",
		"\t}")
	to, choice, windows, n := load("at"), load("choice"), load("windows"), load("n")
	pixels := set.vector()
	VMOVDQU(Mem{Base: load("pixels")}, pixels.AsY())
	Label("loop")
	first := set.vector()
	VPBROADCASTD(at(windows, 0), first)
	for part := range 16 / set.lanes {
		index := set.vector()
		VPMOVZXBD(Mem{Base: choice, Disp: set.lanes * part}, index)
		VPERMD(pixels, index, index)
		VPADDD(first, index, index)
		VMOVUPS(index, at(to, set.lanes*part))
	}
	ADDQ(Imm(64), to)
	ADDQ(Imm(16), choice)
	ADDQ(Imm(4), windows)
	DECQ(n)
	JNZ(LabelRef("loop"))
	end()
}

// list is where entries are appended.
type list struct{ at, factors reg.GPVirtual }

// append appends what mask holds of places and factors, and returns their number.
func (l list) append(mask reg.Register, places, factors reg.VecVirtual) reg.GPVirtual {
	places, factors, n := compress(mask, places, factors)
	VMOVUPS(places, at(l.at, 0))
	VMOVUPS(factors, at(l.factors, 0))
	LEAQ(Mem{Base: l.at, Index: n, Scale: 4}, l.at)
	LEAQ(Mem{Base: l.factors, Index: n, Scale: 4}, l.factors)
	return n
}

// compress moves the lanes that mask holds to the front. n is their number.
func compress(mask reg.Register, a, b reg.VecVirtual) (frontA, frontB reg.VecVirtual, n reg.GPVirtual) {
	frontA, frontB, n = set.vector(), set.vector(), GP64()
	if set.name == avx512.name {
		VPCOMPRESSD_Z(a, mask.(reg.OpmaskVirtual), frontA)
		VCOMPRESSPS_Z(b, mask.(reg.OpmaskVirtual), frontB)
		KMOVW(mask, n.As32())
		POPCNTL(n.As32(), n.As32())
		return frontA, frontB, n
	}
	order, table := YMM(), GP64()
	VMOVMSKPS(mask, n.As32())
	LEAQ(fronts(), table)
	VPMOVZXBD(Mem{Base: table, Index: n, Scale: 8}, order)
	VPERMD(a, order, frontA)
	VPERMPS(b, order, frontB)
	POPCNTL(n.As32(), n.As32())
	return frontA, frontB, n
}

// fronts holds, for each set of eight lanes, their numbers.
func fronts() Mem {
	if _, ok := data["fronts"]; !ok {
		data["fronts"] = GLOBL("fronts", RODATA|NOPTR)
		for mask := range 256 {
			var lanes uint64
			for lane := 7; lane >= 0; lane-- {
				if mask>>lane&1 == 1 {
					lanes = lanes<<8 | uint64(lane)
				}
			}
			DATA(8*mask, U64(lanes))
		}
	}
	return data["fronts"]
}

// listMaps lists the pixels that matter of each map.
func listMaps() {
	function("listMaps"+set.name, "func(counts, at *int32, factors *float32, from *int32, ldf int, dy *float32, ldy, maps, windows int)",
		"listMaps"+set.name+" computes, for maps > 0 and windows a positive multiple of 16,",
		"",
		"\tfor k := range maps {",
		"\t\tfor i := range windows {",
		"\t\t\tif from[k*ldf+i] >= 0 && dy[k*ldy+i] != 0 {",
		"\t\t\t\tat, factors = append(at, from[k*ldf+i]), append(factors, dy[k*ldy+i])",
		"\t\t\t\tcounts[k]++",
		"\t\t\t}",
		"\t\t}",
		"\t}",
		"",
		"Up to 16 entries behind the last may be overwritten. dy is read only where from is not negative.")
	counts, l := load("counts"), list{load("at"), load("factors")}
	from, ldf, dy, ldy, maps := load("from"), stride("ldf"), load("dy"), stride("ldy"), load("maps")
	nothing, none := zero(), constant("minusOne", math.MaxUint32)
	Label("maps")
	total, windows, source, gradient := GP64(), load("windows"), GP64(), GP64()
	XORQ(total, total)
	MOVQ(from, source)
	MOVQ(dy, gradient)
	Label("windows")
	places := set.vector()
	VMOVUPS(at(source, 0), places)
	v := loadWhere(above(places, none), at(gradient, 0))
	ADDQ(l.append(compare(notEqual, v, nothing), places, v), total)
	ADDQ(Imm(uint64(4*set.lanes)), source)
	ADDQ(Imm(uint64(4*set.lanes)), gradient)
	SUBQ(Imm(uint64(set.lanes)), windows)
	JNZ(LabelRef("windows"))
	MOVL(total.As32(), Mem{Base: counts})
	ADDQ(Imm(4), counts)
	ADDQ(ldf, from)
	ADDQ(ldy, dy)
	DECQ(maps)
	JNZ(LabelRef("maps"))
	end()
}

// loadWhere loads what mask holds, and 0 elsewhere.
func loadWhere(mask reg.Register, from Mem) reg.VecVirtual {
	y := set.vector()
	if set.name == avx512.name {
		VMOVUPS_Z(from, mask, y)
	} else {
		VMASKMOVPS(from, mask, y)
	}
	return y
}

// listWindows lists the maps that matter of each pixel of a window.
func listWindows() {
	function("listWindows"+set.name, "func(counts, at *int32, factors *float32, dy *float32, choice *byte, panel, panels, windows int)",
		"listWindows"+set.name+" computes, for panels of 1 or 2 and windows > 0,",
		"",
		"\tfor i := range windows {",
		"\t\tfor s := range 4 {",
		"\t\t\tfor k := range 16 * panels {",
		"\t\t\t\td := dy[k/16*panel+16*i+k%16]",
		"\t\t\t\tif choice[k/16*panel+16*i+k%16] == s && d != 0 {",
		"\t\t\t\t\tat, factors = append(at, k), append(factors, d)",
		"\t\t\t\t\tcounts[4*i+s]++",
		"\t\t\t\t}",
		"\t\t\t}",
		"\t\t}",
		"\t}",
		"",
		"Up to 16 entries behind the last may be overwritten.")
	counts, l := load("counts"), list{load("at"), load("factors")}
	dy, choice, windows := load("dy"), load("choice"), load("windows")
	panels := load("panels")
	CMPQ(panels, Imm(2))
	JEQ(LabelRef("panels2"))
	for panels := 1; panels <= 2; panels++ {
		Label(fmt.Sprint("panels", panels))
		var index, v []reg.VecVirtual
		panel := load("panel")
		nothing := zero()
		for i := range panels * 16 / set.lanes {
			from, chosen := at(dy, set.lanes*i%16), Mem{Base: choice, Disp: set.lanes * i % 16}
			if set.lanes*i >= 16 {
				from.Index, from.Scale, chosen.Index, chosen.Scale = panel, 4, panel, 1
			}
			index, v = append(index, set.vector()), append(v, set.vector())
			VPMOVZXBD(chosen, index[i])
			VMOVUPS(from, v[i])
		}
		for s := range 4 {
			total := GP64()
			XORQ(total, total)
			for i := range v {
				places, which := set.vector(), set.vector()
				VMOVUPS(numbers(i*set.lanes), places)
				VMOVUPS(whole(s), which)
				mask := equal(index[i], which)
				both(mask, compare(notEqual, v[i], nothing))
				ADDQ(l.append(mask, places, v[i]), total)
			}
			MOVL(total.As32(), Mem{Base: counts, Disp: 4 * s})
		}
		ADDQ(Imm(16), counts)
		ADDQ(Imm(64), dy)
		ADDQ(Imm(16), choice)
		DECQ(windows)
		JNZ(LabelRef(fmt.Sprint("panels", panels)))
		if panels == 1 {
			end()
		}
	}
	end()
}

// numbers returns whole numbers from first on.
func numbers(first int) Mem {
	const name = "numbers"
	if _, ok := data[name]; !ok {
		data[name] = GLOBL(name, RODATA|NOPTR)
		for k := range 32 {
			DATA(4*k, U32(uint32(k)))
		}
	}
	return data[name].Offset(4 * first)
}

// rowsAtOnce returns how many rows of a square kernel, each of some vectors, the registers hold.
func rowsAtOnce(side, vectors int) int {
	registers := 12
	if set.name == avx512.name {
		registers = 30
	}
	return min(side, registers/vectors)
}

// sumPixels is the loop of the gradient of the weights, for square kernels. The vectors of a pixel
// take turns, so that both halves of a cache line are used while it is near.
func sumPixels(side int) {
	taps := side * side
	name := fmt.Sprintf("sumPixels%dx%d%s", side, side, set.name)
	function(name, "func(c *float32, x *float32, ldx int, counts, at *int32, factors *float32, maps int, ahead *float32)",
		name+" computes, for maps > 0,",
		"",
		"\tfor i := range maps {",
		"\t\tfor j := range counts[i] {",
		fmt.Sprintf("\t\t\tfor t := range %d {", taps),
		"\t\t\t\tfor k := range 16 {",
		fmt.Sprintf("\t\t\t\t\tc[(%d*i+t)*16+k] += factors[j] * x[at[j]+t/%d*ldx+t%%%d*16+k] // fused", taps, side, side),
		"\t\t\t\t}",
		"\t\t\t}",
		"\t\t}",
		"\t\tat, factors = at[counts[i]:], factors[counts[i]:]",
		"\t}",
		"",
		"It fetches into the cache what lies ahead.")
	c, counts, l, maps := load("c"), load("counts"), list{load("at"), load("factors")}, load("maps")
	again := list{GP64(), GP64()}
	all, ahead, atOnce := rowsOf(load("x"), stride("ldx"), side), load("ahead"), rowsAtOnce(side, side)
	Label("map")
	fetch(ahead, 4)
	MOVQ(l.at, again.at)
	MOVQ(l.factors, again.factors)
	for first := 0; first < side; first += atOnce {
		for part := range 16 / set.lanes {
			disp := 4 * set.lanes * part
			rows := all[first:min(side, first+atOnce)]
			acc := vectors(side * len(rows))
			to := func(t int) Mem { return Mem{Base: c, Disp: 64*(side*first+t) + disp} }
			for t, a := range acc {
				VMOVUPS(to(t), a)
			}
			MOVQ(again.at, l.at)
			MOVQ(again.factors, l.factors)
			l.each(fmt.Sprintf("row%d_part%d", first, part), counts, 0, func(place reg.GPVirtual, factor reg.VecVirtual) {
				for t, a := range acc {
					VFMADD231PS(Mem{Base: rows[t/side], Index: place, Scale: 4, Disp: 64*(t%side) + disp}, factor, a)
				}
			})
			for t, a := range acc {
				VMOVUPS(a, to(t))
			}
		}
	}
	ADDQ(U32(uint32(64*taps)), c)
	ADDQ(Imm(4), counts)
	DECQ(maps)
	JNZ(LabelRef("map"))
	end()
}

// each writes the loop over the i-th of counts entries, which moves on to the next.
func (l list) each(name string, counts reg.GPVirtual, i int, body func(place reg.GPVirtual, factor reg.VecVirtual)) {
	n, place, factor := GP64(), GP64(), set.vector()
	MOVLQSX(Mem{Base: counts, Disp: 4 * i}, n)
	TESTQ(n, n)
	JZ(LabelRef(name + "_end"))
	Label(name + "_loop")
	MOVLQSX(at(l.at, 0), place)
	if set.name == avx512.name {
		bits := GP32()
		MOVL(at(l.factors, 0), bits)
		VPBROADCASTD(bits, factor)
	} else {
		VBROADCASTSS(at(l.factors, 0), factor)
	}
	body(place, factor)
	ADDQ(Imm(4), l.at)
	ADDQ(Imm(4), l.factors)
	DECQ(n)
	JNZ(LabelRef(name + "_loop"))
	Label(name + "_end")
}

// spreadMaps is the loop of the gradient of the input, for square kernels.
func spreadMaps(side int) {
	taps := side * side
	name := fmt.Sprintf("spreadMaps%dx%d%s", side, side, set.name)
	function(name, "func(x *float32, ldx int, w *float32, counts, at *int32, factors *float32, windows int, ahead *float32)",
		name+" computes, for windows > 0,",
		"",
		"\tfor i := range windows {",
		"\t\tfor s := range 4 {",
		"\t\t\tfor j := range counts[4*i+s] {",
		fmt.Sprintf("\t\t\t\tfor t := range %d {", taps),
		"\t\t\t\t\tfor k := range 16 {",
		fmt.Sprintf("\t\t\t\t\t\tx[(s/2+t/%d)*ldx+(2*i+s%%2+t%%%d)*16+k] += factors[j] * w[(%d*at[j]+t)*16+k] // fused", side, side, taps),
		"\t\t\t\t\t}",
		"\t\t\t\t}",
		"\t\t\t}",
		"\t\t\tat, factors = at[counts[4*i+s]:], factors[counts[4*i+s]:]",
		"\t\t}",
		"\t}",
		"",
		"It fetches into the cache what lies ahead.")
	if rowsAtOnce(side+1, side+1) == side+1 {
		spreadAlongRow(side)
	} else {
		spreadByRows(side)
	}
	end()
}

// spreadByRows computes the upper pixels of a window first, and as many rows of the kernel at a
// time as the registers hold. The vectors of a pixel take turns, so that none waits for itself.
func spreadByRows(side int) {
	w, counts, l, windows := load("w"), load("counts"), list{load("at"), load("factors")}, load("windows")
	x, ldx, ahead := load("x"), stride("ldx"), load("ahead")
	again := list{GP64(), GP64()}
	Label("window")
	fetch(ahead, 2)
	atOnce := rowsAtOnce(side, side+1)
	for upper := range 2 { // rows of pixels
		MOVQ(l.at, again.at)
		MOVQ(l.factors, again.factors)
		for first := 0; first < side; first += atOnce {
			for part := range 16 / set.lanes {
				disp := 4 * set.lanes * part
				MOVQ(again.at, l.at)
				MOVQ(again.factors, l.factors)
				acc := make([][]reg.VecVirtual, min(atOnce, side-first))
				eachRow := func(f func(at Mem, a reg.VecVirtual)) {
					row := GP64()
					MOVQ(x, row)
					for range upper + first {
						ADDQ(ldx, row)
					}
					for i := range acc {
						for j, a := range acc[i] {
							f(Mem{Base: row, Disp: 64*j + disp}, a)
						}
						ADDQ(ldx, row)
					}
				}
				for i := range acc {
					acc[i] = vectors(side + 1)
				}
				eachRow(func(at Mem, a reg.VecVirtual) { VMOVUPS(at, a) })
				for s := 2 * upper; s < 2*upper+2; s++ {
					l.each(fmt.Sprintf("pixel%d_row%d_part%d", s, first, part), counts, s, func(place reg.GPVirtual, factor reg.VecVirtual) {
						IMUL3Q(U32(uint32(64*side*side)), place, place)
						for i := range acc {
							for j := range side {
								VFMADD231PS(Mem{Base: w, Index: place, Scale: 1, Disp: 64*(side*(first+i)+j) + disp}, factor, acc[i][s%2+j])
							}
						}
					})
				}
				eachRow(func(at Mem, a reg.VecVirtual) { VMOVUPS(a, at) })
			}
		}
	}
	ADDQ(U32(128), x)
	ADDQ(Imm(16), counts)
	DECQ(windows)
	JNZ(LabelRef("window"))
}

// spreadAlongRow keeps all pixels that a window of a 3×3 kernel reaches, four columns, of which the
// next one needs the last two: they become its first.
func spreadAlongRow(side int) {
	w, counts, l, windows := load("w"), load("counts"), list{load("at"), load("factors")}, load("windows")
	rows, ahead := rowsOf(load("x"), stride("ldx"), 4), load("ahead")
	left, right := vectors(8), vectors(8) // two columns each, by rows
	to := func(t int) Mem { return Mem{Base: rows[t/2], Disp: 64 * (t % 2)} }
	for t, a := range left {
		VMOVUPS(to(t), a)
	}
	for i := range 2 { // the second time with left and right exchanged
		name := fmt.Sprint("window", i)
		Label(name)
		fetch(ahead, 2)
		for t, a := range right {
			VMOVUPS(to(t).Offset(128), a)
		}
		for s := range 4 {
			l.each(fmt.Sprint(name, "_pixel", s), counts, s, func(place reg.GPVirtual, factor reg.VecVirtual) {
				IMUL3Q(U32(uint32(64*side*side)), place, place)
				for t := range side * side {
					row, column := s/2+t/side, s%2+t%side
					VFMADD231PS(Mem{Base: w, Index: place, Scale: 1, Disp: 64 * t}, factor, [][]reg.VecVirtual{left, right}[column/2][2*row+column%2])
				}
			})
		}
		for t, a := range left {
			VMOVUPS(a, to(t))
		}
		for _, row := range rows {
			ADDQ(U32(128), row)
		}
		ADDQ(Imm(16), counts)
		DECQ(windows)
		JZ(LabelRef(name + "_last"))
		left, right = right, left
	}
	JMP(LabelRef("window0"))
	for i := range 2 {
		Label(fmt.Sprint("window", i, "_last"))
		left, right = right, left
		for t, a := range left {
			VMOVUPS(a, to(t))
		}
		if i == 0 {
			end()
		}
	}
}

// fetch fetches some cache lines, and moves on behind them.
func fetch(ahead reg.GPVirtual, lines int) {
	for line := range lines {
		PREFETCHT1(at(ahead, 16*line))
	}
	ADDQ(U32(uint32(64*lines)), ahead)
}

// sumChannel is sumPixels for few channels: maps, not channels, lie in the lanes of a vector,
// and a permutation picks each map's pixel from those that the window reaches.
func sumChannel() {
	function("sumChannel"+set.name, "func(c *float32, x *float32, ldx int, dy *float32, choice *byte, rows, windows int)",
		"sumChannel"+set.name+" computes, for rows > 0 and windows > 0,",
		"",
		"\tfor i := range rows {",
		"\t\tfor j := range windows {",
		"\t\t\tfor k := range 16 {",
		"\t\t\t\td, s := dy[(i*windows+j)*16+k], choice[(i*windows+j)*16+k]",
		"\t\t\t\tif s == 4 {",
		"\t\t\t\t\td, s = 0, 0",
		"\t\t\t\t}",
		"\t\t\t\tfor t := range 9 {",
		"\t\t\t\t\tc[16*t+k] += d * x[(2*i+s/2+t/3)*ldx+2*j+s%2+t%3] // fused",
		"\t\t\t\t}",
		"\t\t\t}",
		"\t\t}",
		"\t}")
	for part := range 16 / set.lanes {
		name, disp := fmt.Sprint("part", part), 4*set.lanes*part
		c, x, ldx, dy, choice, left := load("c"), load("x"), stride("ldx"), load("dy"), load("choice"), load("rows")
		acc := vectors(9)
		for t, a := range acc {
			VMOVUPS(Mem{Base: c, Disp: 64*t + disp}, a)
		}
		Label(name + "_rows")
		windows, rows := load("windows"), rowsOf(x, ldx, 4)
		Label(name)
		index, d := set.vector(), set.vector()
		VPMOVZXBD(Mem{Base: choice, Disp: disp / 4}, index)
		VMOVUPS(Mem{Base: dy, Disp: disp}, d)
		four := set.vector()
		VMOVUPS(whole(4), four)
		d = drop(equal(index, four), d)
		// 0, 1, 2, 3 become 0, 1, 4, 5
		twice := set.vector()
		VANDPS(whole(2), index, twice)
		VPADDD(twice, index, index)
		var reach [3]reg.VecVirtual // four pixels of two rows each
		for i := range reach {
			reach[i] = set.vector()
			if set.name == avx512.name {
				VBROADCASTF32X4(at(rows[i], 0), reach[i])
			} else {
				VBROADCASTF128(at(rows[i], 0), reach[i])
			}
			VINSERTF128(Imm(1), at(rows[i+1], 0), reach[i].AsY(), reach[i].AsY())
		}
		for j := range 3 {
			if j > 0 {
				VPADDD(whole(1), index, index)
			}
			for i := range 3 {
				v := set.vector()
				VPERMPS(reach[i], index, v)
				VFMADD231PS(v, d, acc[3*i+j])
			}
		}
		for _, row := range rows {
			ADDQ(Imm(8), row)
		}
		ADDQ(Imm(64), dy)
		ADDQ(Imm(16), choice)
		DECQ(windows)
		JNZ(LabelRef(name))
		LEAQ(Mem{Base: x, Index: ldx, Scale: 2}, x)
		DECQ(left)
		JNZ(LabelRef(name + "_rows"))
		for t, a := range acc {
			VMOVUPS(a, Mem{Base: c, Disp: 64*t + disp})
		}
	}
	end()
}
