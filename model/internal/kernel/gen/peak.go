package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

func peak() {
	function("peak"+set.name, "func(n int)",
		fmt.Sprintf("peak%s makes, for n > 0, n times 12 multiply-adds of %d lanes that do not wait for", set.name, set.lanes),
		fmt.Sprintf("one another: %d·n floating-point operations, as fast as the core can.", 24*set.lanes))
	n := load("n")
	acc, v := vectors(12), zero()
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

func pause() {
	function("pause", "func(n int)", "pause waits, for n > 0, n times the few cycles that tell the core of a waiting loop.")
	n := load("n")
	Label("loop")
	PAUSE()
	DECQ(n)
	JNZ(LabelRef("loop"))
	RET()
}
