package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// convPool computes a 3×3 convolution and pools it before it leaves the registers. A
// tile is some windows of 2×2 pixels, of one panel or in AVX-512 of two; its pixels lie
// in four rows of x.
func convPool() {
	panels, most := 1, 1
	if set.name == avx512.name {
		panels, most = 2, 3
	}
	function("convPool"+set.name, "func(y *float32, yPanel int, choice *byte, choicePanel int, x *float32, ldx, plane int, w *float32, wPanel int, bias *float32, channels, windows int)",
		"convPool"+set.name+" computes, for positive numbers,",
		"",
		fmt.Sprintf("\tfor p := range %d {", panels),
		"\t\tfor j := range windows {",
		"\t\t\tfor k := range 16 {",
		"\t\t\t\tx := func(s int) float32 {",
		"\t\t\t\t\tsum := bias[16*p+k]",
		"\t\t\t\t\tfor c := range channels {",
		"\t\t\t\t\t\tfor t := range 9 {",
		"\t\t\t\t\t\t\tsum += x[c*plane+(s/2+t/3)*ldx+2*j+s%2+t%3] * w[p*wPanel+(9*c+t)*16+k] // fused",
		"\t\t\t\t\t\t}",
		"\t\t\t\t\t}",
		"\t\t\t\t\treturn sum",
		"\t\t\t\t}",
		"\t\t\t\ty[p*yPanel+16*j+k], choice[p*choicePanel+16*j+k] = as poolTile"+set.name,
		"\t\t\t}",
		"\t\t}",
		"\t}")
	Label("next")
	left := load("windows")
	for n := most; n > 1; n-- {
		CMPQ(left, Imm(uint64(n)))
		JGE(LabelRef(fmt.Sprint("windows", n)))
	}
	TESTQ(left, left)
	JNZ(LabelRef("windows1"))
	end()
	for n := most; n > 0; n-- {
		name := fmt.Sprint("windows", n)
		Label(name)
		convPoolTile(name, n, panels)
	}
}

func convPoolTile(name string, n, panels int) {
	parts := 16 / set.lanes
	bias := load("bias")
	acc := make([][4][]reg.VecVirtual, n) // window, pixel, vectors of the panels
	for j := range acc {
		for s := range 4 {
			acc[j][s] = vectors(panels * parts)
			for k, y := range acc[j][s] {
				VMOVUPS(at(bias, set.lanes*k), y)
			}
		}
	}
	x, ldx, plane := load("x"), stride("ldx"), stride("plane")
	rows := rowsOf(x, ldx, 4)
	w, wPanel, channels := load("w"), stride("wPanel"), load("channels")
	Label(name + "_channel")
	for t := range 9 {
		columns := columnsOf(w, wPanel, panels, 64*t)
		for j := range acc {
			for s := range 4 {
				multiplyAdd(at(rows[s/2+t/3], 2*j+s%2+t%3), columns, acc[j][s])
			}
		}
	}
	ADDQ(U32(9*64), w)
	for _, row := range rows {
		ADDQ(plane, row)
	}
	DECQ(channels)
	JNZ(LabelRef(name + "_channel"))
	sum := sumOf(acc)
	jumpIfNaN(sum, name+"_nan")
	storeLargest(acc, panels, largest)
	Label(name + "_on")
	for _, to := range []struct {
		name string
		by   int
	}{{"x", 8 * n}, {"y", 64 * n}, {"choice", 16 * n}} {
		p := load(to.name)
		ADDQ(Imm(uint64(to.by)), p)
		setParam(p, to.name)
	}
	left := load("windows")
	SUBQ(Imm(uint64(n)), left)
	setParam(left, "windows")
	JMP(LabelRef("next"))
	Label(name + "_nan")
	storeLargest(acc, panels, largestOrNaN)
	JMP(LabelRef(name + "_on"))
}

// sumOf returns the sum of all accumulators, which is NaN if one of them is.
func sumOf(acc [][4][]reg.VecVirtual) reg.VecVirtual {
	var sum reg.VecVirtual
	for _, pixels := range acc {
		for k := range pixels[0] {
			a, b := set.vector(), set.vector()
			VADDPS(pixels[0][k], pixels[1][k], a)
			VADDPS(pixels[2][k], pixels[3][k], b)
			VADDPS(a, b, b)
			if sum != nil {
				VADDPS(sum, b, b)
			}
			sum = b
		}
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

// storeLargest pools the windows of a tile.
func storeLargest(acc [][4][]reg.VecVirtual, panels int, largest func([4]reg.VecVirtual) (best, index reg.VecVirtual)) {
	parts := 16 / set.lanes
	y, yPanel, choice, choicePanel := load("y"), stride("yPanel"), load("choice"), load("choicePanel")
	for j := range acc {
		for k := range panels * parts {
			var pixels [4]reg.VecVirtual
			for s := range pixels {
				pixels[s] = acc[j][s][k]
			}
			best, index := largest(pixels)
			toY := Mem{Base: y, Disp: 64*j + 4*set.lanes*(k%parts)}
			toChoice := Mem{Base: choice, Disp: 16*j + set.lanes*(k%parts)}
			if k/parts == 1 {
				toY.Index, toY.Scale = yPanel, 1
				toChoice.Index, toChoice.Scale = choicePanel, 1
			}
			VMOVUPS(best, toY)
			storeBytes(index, toChoice)
		}
	}
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
