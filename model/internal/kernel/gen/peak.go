package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

func peak() {
	function("peakAVX2", "func(n int)",
		"peakAVX2 makes, for n > 0, n times 12 multiply-adds of 8 lanes that do not wait for",
		"one another: 192·n floating-point operations, as fast as the core can.")
	n := load("n")
	acc, v := ymms(12), zero()
	for _, a := range acc {
		VXORPS(a, a, a)
	}
	Label("loop")
	for _, a := range acc {
		VFMADD231PS(v, v, a)
	}
	DECQ(n)
	JNZ(LabelRef("loop"))
	end()
}
