package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// squares and convPool compute a pooled 3×3 convolution of few channels by F(2×2, 3×3) of Lavin
// and Gray (2016), whose tiles are the windows that are pooled: 16 products per channel for four
// results instead of 36. With
//
//	     1  0 -1  0         1   0   0
//	     0  1  1  0         ½   ½   ½         1  1  1  0
//	Bᵀ = 0 -1  1  0     G = ½  -½   ½    Aᵀ = 0  1 -1 -1
//	     0  1  0 -1         0   0   1
//
// squares computes V = BᵀxB of neighbouring windows, half of which no result needs, and convPool
// pools Aᵀ[ΣU⊙V]A + bias, with U = GwGᵀ.

// squares makes three arrays of each row of V: its first and last column, which are alike, and
// the two between them.
func squares() {
	function("squares"+set.name, "func(v *float32, ldv int, x *float32, ldx, n int)",
		fmt.Sprintf("squares%s computes, for n that is a positive multiple of %d,", set.name, set.lanes),
		"",
		"\tfor j := range n {",
		"\t\tvar e [4][3]float32",
		"\t\tfor i := range 4 {",
		"\t\t\tx := x[i*ldx+j:]",
		"\t\t\te[i] = {x[0] - x[2], x[1] + x[0], x[1] - x[0]}",
		"\t\t}",
		"\t\tfor k := range 3 {",
		"\t\t\tv[(0+k)*ldv+j], v[(3+k)*ldv+j] = e[0][k] - e[2][k], e[2][k] + e[1][k]",
		"\t\t\tv[(6+k)*ldv+j], v[(9+k)*ldv+j] = e[2][k] - e[1][k], e[1][k] - e[3][k]",
		"\t\t}",
		"\t}")
	v, ldv, n := load("v"), stride("ldv"), load("n")
	rows := rowsOf(load("x"), stride("ldx"), 4)
	Label("loop")
	for k := range 3 {
		var e [4]reg.VecVirtual
		for i, row := range rows {
			e[i] = set.vector()
			t := set.vector()
			VMOVUPS(at(row, min(k, 1)), e[i])
			switch k {
			case 0:
				VMOVUPS(at(row, 2), t)
				VSUBPS(t, e[i], e[i])
			case 1:
				VMOVUPS(at(row, 0), t)
				VADDPS(t, e[i], e[i])
			case 2:
				VMOVUPS(at(row, 0), t)
				VSUBPS(t, e[i], e[i])
			}
		}
		to := placesFrom(v, ldv, 0)
		for i := range 4 {
			y := set.vector()
			switch i {
			case 0:
				VSUBPS(e[2], e[0], y)
			case 1:
				VADDPS(e[1], e[2], y)
			case 2:
				VSUBPS(e[1], e[2], y)
			case 3:
				VSUBPS(e[3], e[1], y)
			}
			VMOVUPS(y, to.to(0, 3*i+k))
		}
	}
	for _, p := range append(rows, v) {
		ADDQ(Imm(uint64(4*set.lanes)), p)
	}
	SUBQ(Imm(uint64(set.lanes)), n)
	JNZ(LabelRef("loop"))
	end()
}

// convPool computes some windows at a time and pools them before they leave the registers.
func convPool() {
	most := 2
	if set.name == avx512.name {
		most = 4
	}
	function("convPool"+set.name, "func(y *float32, choice *byte, v *float32, ldv int, u *float32, bias *float32, channels, windows int)",
		"convPool"+set.name+" computes, for 1 or 3 channels and windows > 0,",
		"",
		"\tfor j := range windows {",
		"\t\tfor k := range 16 {",
		"\t\t\tvar e [4][2]float32",
		"\t\t\tfor i := range 4 {",
		"\t\t\t\tm := func(s int) (sum float32) {",
		"\t\t\t\t\tfor c := range channels {",
		"\t\t\t\t\t\tsum += v[(12*c+3*i+s%3)*ldv+2*j+min(s, 1)] * u[((4*i+s)*channels+c)*16+k] // fused",
		"\t\t\t\t\t}",
		"\t\t\t\t\treturn sum",
		"\t\t\t\t}",
		"\t\t\t\te[i] = {m(0) + m(1) + m(2), m(1) - m(2) - m(3)}",
		"\t\t\t}",
		"\t\t\tx := func(s int) float32 {",
		"\t\t\t\tif s < 2 {",
		"\t\t\t\t\treturn e[0][s] + e[1][s] + e[2][s] + bias[k]",
		"\t\t\t\t}",
		"\t\t\t\treturn e[1][s-2] - e[2][s-2] - e[3][s-2] + bias[k]",
		"\t\t\t}",
		"\t\t\ty[16*j+k], choice[16*j+k] = as poolTile"+set.name,
		"\t\t}",
		"\t}")
	for part := range 16 / set.lanes {
		channels := load("channels")
		CMPQ(channels, Imm(1))
		JEQ(LabelRef(fmt.Sprint("part", part, "_channels1")))
		for _, c := range []int{3, 1} {
			name := fmt.Sprint("part", part, "_channels", c)
			Label(name)
			y, choice, v, windows := load("y"), load("choice"), load("v"), load("windows")
			for n := most; n > 0; n /= 2 {
				here := fmt.Sprint(name, "_windows", n)
				Label(here)
				CMPQ(windows, Imm(uint64(n)))
				JLT(LabelRef(fmt.Sprint(name, "_windows", n/2)))
				convPoolTile(here, n, c, 4*set.lanes*part, y, choice, v)
				ADDQ(U32(uint32(64*n)), y)
				ADDQ(Imm(uint64(16*n)), choice)
				ADDQ(Imm(uint64(8*n)), v)
				SUBQ(Imm(uint64(n)), windows)
				JMP(LabelRef(here))
			}
			Label(name + "_windows0")
			if part == 16/set.lanes-1 {
				end()
			} else {
				JMP(LabelRef(fmt.Sprint("part", part+1)))
			}
		}
		if part < 16/set.lanes-1 {
			Label(fmt.Sprint("part", part+1))
		}
	}
}

func convPoolTile(name string, n, channels, disp int, y, choice, v reg.GPVirtual) {
	ldv, u, bias := stride("ldv"), load("u"), load("bias")
	rows := make([]reg.GPVirtual, channels) // of V
	for c := range rows {
		rows[c] = GP64()
		if c == 0 {
			MOVQ(v, rows[c])
			continue
		}
		IMUL3Q(Imm(12), ldv, rows[c])
		ADDQ(rows[c-1], rows[c])
	}
	pixels := make([][4]reg.VecVirtual, n)
	for i := range 4 {
		e := make([][2]reg.VecVirtual, n)
		for s := range 4 {
			sums := vectors(n)
			for c, row := range rows {
				factor := set.vector()
				VMOVUPS(Mem{Base: u, Disp: 64*((4*i+s)*channels+c) + disp}, factor)
				for j, m := range sums {
					from := Mem{Base: row, Disp: 4 * (2*j + min(s, 1))}
					if s%3 > 0 {
						from.Index, from.Scale = ldv, uint8(s%3)
					}
					multiplyBy(from, factor, m, c == 0)
				}
			}
			for j, m := range sums {
				switch s {
				case 0:
					e[j][0] = m
				case 1:
					VADDPS(m, e[j][0], e[j][0])
					e[j][1] = m
				case 2:
					VADDPS(m, e[j][0], e[j][0])
					VSUBPS(m, e[j][1], e[j][1])
				case 3:
					VSUBPS(m, e[j][1], e[j][1])
				}
			}
		}
		for j := range n {
			for s, sum := range e[j] {
				switch upper, lower := pixels[j][s], pixels[j][2+s]; i {
				case 0:
					pixels[j][s] = sum
				case 1:
					VADDPS(sum, upper, upper)
					pixels[j][2+s] = sum
				case 2:
					VADDPS(sum, upper, upper)
					VSUBPS(sum, lower, lower)
				case 3:
					VSUBPS(sum, lower, lower)
				}
			}
		}
		for _, row := range rows {
			for range 3 {
				ADDQ(ldv, row)
			}
		}
	}
	for j := range n {
		for _, pixel := range pixels[j] {
			VADDPS(Mem{Base: bias, Disp: disp}, pixel, pixel)
		}
	}
	jumpIfNaN(sumOf(pixels), name+"_nan")
	store := func(largest func([4]reg.VecVirtual) (best, index reg.VecVirtual)) {
		for j := range n {
			best, index := largest(pixels[j])
			VMOVUPS(best, Mem{Base: y, Disp: 64*j + disp})
			storeBytes(index, Mem{Base: choice, Disp: 16*j + disp/4})
		}
	}
	store(largest)
	JMP(LabelRef(name + "_on"))
	Label(name + "_nan")
	store(largestOrNaN)
	Label(name + "_on")
}

// multiplyBy adds the product of a number and factor to sum or, if it is the first, sets sum to it.
func multiplyBy(from Mem, factor, sum reg.VecVirtual, first bool) {
	if set.name == avx512.name && first {
		VMULPS_BCST(from, factor, sum)
		return
	}
	if set.name == avx512.name {
		VFMADD231PS_BCST(from, factor, sum)
		return
	}
	if first {
		VBROADCASTSS(from, sum)
		VMULPS(sum, factor, sum)
		return
	}
	v := set.vector()
	VBROADCASTSS(from, v)
	VFMADD231PS(v, factor, sum)
}

// sumOf returns the sum of all pixels, which is NaN if one of them is.
func sumOf(pixels [][4]reg.VecVirtual) reg.VecVirtual {
	var sum reg.VecVirtual
	for _, four := range pixels {
		a, b := set.vector(), set.vector()
		VADDPS(four[0], four[1], a)
		VADDPS(four[2], four[3], b)
		VADDPS(a, b, b)
		if sum != nil {
			VADDPS(sum, b, b)
		}
		sum = b
	}
	return sum
}

// jumpIfNaN jumps if a lane is NaN.
func jumpIfNaN(v reg.VecVirtual, to string) {
	nan := compare(unordered, v, v)
	if set.name == avx512.name {
		KORTESTW(nan, nan)
	} else {
		bits := GP32()
		VMOVMSKPS(nan, bits)
		TESTL(bits, bits)
	}
	JNZ(LabelRef(to))
}

// largest rectifies the largest of four pixels, none of them NaN, and returns which it is,
// as poolTile tells. Numbers above zero are ordered like the integers of their bits, and those are
// compared by units that have no multiplications to do.
func largest(pixels [4]reg.VecVirtual) (best, index reg.VecVirtual) {
	best, below, z := set.vector(), set.vector(), zero()
	index, indexBelow := zero(), set.vector()
	VMOVUPS(whole(2), indexBelow)
	moveFrom(above(pixels[1], pixels[0]), whole(1), index)
	moveFrom(above(pixels[3], pixels[2]), whole(3), indexBelow)
	VPMAXSD(pixels[1], pixels[0], best)
	VPMAXSD(pixels[3], pixels[2], below)
	move(above(below, best), indexBelow, index)
	VPMAXSD(below, best, best)
	VPMAXSD(z, best, best)
	moveFrom(equal(best, z), whole(4), index)
	return best, index
}

// largestOrNaN is largest of pixels that may be NaN. It uses the registers of the first.
func largestOrNaN(pixels [4]reg.VecVirtual) (best, index reg.VecVirtual) {
	best, index = pixels[0], zero()
	for s := 1; s < 4; s++ {
		v := pixels[s]
		take := compare(greater, v, best)
		either(take, compare(unordered, v, v))
		move(take, v, best)
		moveFrom(take, whole(s), index)
	}
	z := zero()
	none := compare(lessOrEqual, best, z)
	moveFrom(none, whole(4), index)
	move(none, z, best)
	return best, index
}

// whole returns a vector of equal whole numbers in memory.
func whole(n int) Mem {
	name := fmt.Sprint("whole", n)
	if _, ok := data[name]; !ok {
		data[name] = GLOBL(name, RODATA|NOPTR)
		for k := range 16 {
			DATA(4*k, U32(uint32(n)))
		}
	}
	return data[name]
}

// moveFrom copies what is in memory to dst where mask holds.
func moveFrom(mask reg.Register, from Mem, dst reg.VecVirtual) {
	if set.name == avx512.name {
		VMOVUPS(from, mask, dst) // constants are not aligned
		return
	}
	VBLENDVPS(mask, from, dst, dst)
}
