package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// spans is the number of vectors of pixels that fewChannels computes at a time.
func spans() int {
	if set.name == avx512.name {
		return 8
	}
	return 4
}

// fewChannels is the product for one to three channels, which would leave most lanes of a
// panel idle: its lanes are neighbouring pixels.
func fewChannels() {
	n := spans()
	function("fewChannels"+set.name, "func(c *float32, cChannel int, x *float32, base, off *int32, w *float32, channels, n int)",
		"fewChannels"+set.name+" computes, for 1 to 3 channels and n > 0,",
		"",
		"\tfor i := range channels {",
		fmt.Sprintf("\t\tfor j := range %d {", n),
		fmt.Sprintf("\t\t\tfor k := range %d {", set.lanes),
		fmt.Sprintf("\t\t\t\tc[i*cChannel+%d*j+k] = 0", set.lanes),
		"\t\t\t\tfor t := range n {",
		fmt.Sprintf("\t\t\t\t\tc[i*cChannel+%d*j+k] += w[t*channels+i] * x[base[j]+off[t]+k] // fused", set.lanes),
		"\t\t\t\t}",
		"\t\t\t}",
		"\t\t}",
		"\t}")
	channels := load("channels")
	for i := 1; i < 3; i++ {
		CMPQ(channels, Imm(uint64(i)))
		JEQ(LabelRef(fmt.Sprint("channels", i)))
	}
	for _, i := range []int{3, 1, 2} {
		name := fmt.Sprint("channels", i)
		Label(name)
		fewTile(name, i, n)
		end()
	}
}

func fewTile(name string, channels, n int) {
	acc := make([][]reg.VecVirtual, channels)
	for i := range acc {
		acc[i] = vectors(n)
		for _, y := range acc[i] {
			VXORPS(y, y, y)
		}
	}
	x, base := load("x"), load("base")
	from := offsetBy(x, base, n)
	off, w, steps := load("off"), load("w"), load("n")
	Label(name + "_loop")
	t := GP64()
	MOVLQSX(at(off, 0), t)
	weights := vectors(channels)
	for i, y := range weights {
		VBROADCASTSS(at(w, i), y)
	}
	for j := range from {
		v := set.vector()
		VMOVUPS(Mem{Base: from[j], Index: t, Scale: 4}, v)
		for i, y := range weights {
			VFMADD231PS(v, y, acc[i][j])
		}
	}
	ADDQ(Imm(4), off)
	ADDQ(Imm(uint64(4*channels)), w)
	DECQ(steps)
	JNZ(LabelRef(name + "_loop"))
	c, cChannel := load("c"), stride("cChannel")
	for i := range acc {
		for j, y := range acc[i] {
			VMOVUPS(y, Mem{Base: c, Disp: 4 * set.lanes * j})
		}
		if i+1 < channels {
			ADDQ(cChannel, c)
		}
	}
}
