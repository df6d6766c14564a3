package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The points at which F(4×4, 3×3) evaluates are 0, ±a, ±b and infinity. In a trial of eleven
// pairs, the largest error with this one was about a quarter of that with the usual 1 and
// 2. All constants but the shares, 1/N, are exact in float32.
const (
	a  = 11.0 / 16
	b  = 11.0 / 8
	a2 = a * a
	b2 = b * b

	share0 = 1 / (a2 * b2)
	shareA = 1 / (2 * a2 * (a2 - b2))
	shareB = 1 / (2 * b2 * (b2 - a2))
)

// every returns a vector of equal numbers: in a register, if the function keeps it, or in
// memory.
func every(value float64) Op {
	if y, ok := kept[value]; ok {
		return y
	}
	bits := math.Float32bits(float32(value))
	name := fmt.Sprintf("every%08x", bits)
	if _, ok := data[name]; !ok {
		data[name] = GLOBL(name, RODATA|NOPTR)
		for k := range 16 {
			DATA(4*k, U32(bits))
		}
	}
	return data[name]
}

// kept are the constants that the function keeps in registers.
var kept map[float64]reg.VecVirtual

// keepEvery keeps constants in registers where there are enough.
func keepEvery(values ...float64) {
	kept = nil
	if set.name != avx512.name {
		return
	}
	registers := make(map[float64]reg.VecVirtual)
	for _, v := range values {
		y := ZMM()
		VBROADCASTSS(every(v), y)
		registers[v] = y
	}
	kept = registers
}

// pair is two of the four points: x and -x. Its results are even + x·odd and
// even - x·odd.
type pair struct{ x, other float64 }

var pairs = [2]pair{{a, b}, {b, a}}

// plusMinus turns even and odd into even + x·odd and even - x·odd, in the same registers.
func plusMinus(x float64, even, odd []reg.VecVirtual) {
	for j := range even {
		minus := set.vector()
		VMOVAPS(even[j], minus)
		VFNMADD231PS(every(x), odd[j], minus)
		VFMADD231PS(every(x), odd[j], even[j])
		VMOVAPS(minus, odd[j])
	}
}

// rowsOf returns the addresses of n rows from x on, ldx bytes apart.
func rowsOf(x, ldx reg.GPVirtual, n int) []reg.GPVirtual {
	all := make([]reg.GPVirtual, n)
	for i := range all {
		all[i] = GP64()
		if i == 0 {
			MOVQ(x, all[i])
		} else {
			LEAQ(Mem{Base: all[i-1], Index: ldx, Scale: 1}, all[i])
		}
	}
	return all
}

// columns returns where the pixels 0 to 5 of a row are, ldp bytes apart.
func columns(ldp reg.GPVirtual) func(row reg.GPVirtual, j int) Mem {
	ldp3, ldp5 := GP64(), GP64()
	LEAQ(Mem{Base: ldp, Index: ldp, Scale: 2}, ldp3)
	LEAQ(Mem{Base: ldp, Index: ldp, Scale: 4}, ldp5)
	return func(row reg.GPVirtual, j int) Mem {
		switch j {
		case 0:
			return Mem{Base: row}
		case 3:
			return Mem{Base: row, Index: ldp3, Scale: 1}
		case 5:
			return Mem{Base: row, Index: ldp5, Scale: 1}
		}
		return Mem{Base: row, Index: ldp, Scale: uint8(j)}
	}
}

// kind is the kind of a tile. If a row or a column ends with one or two results, F(2, 3)
// computes them from windows of 4 pixels instead of 6. Its points, 0, ±a and infinity, are also
// points of F(4, 3). It uses the same transformed weights: the windows absorb the difference in
// scale.
type kind struct {
	name          string
	rows, columns filter
}

// filter is F(4, 3) or F(2, 3).
type filter struct {
	short  bool
	pixels int   // of a window
	places []int // those of the six that it has
}

var (
	long  = filter{false, 6, []int{0, 1, 2, 3, 4, 5}}
	short = filter{true, 4, []int{0, 1, 2, 5}}
	kinds = []kind{{"", long, long}, {"Right", long, short}, {"Below", short, long}, {"Corner", short, short}}
)

// pairs are the pairs of points that a filter has.
func (f filter) pairs() []pair { return pairs[:len(f.places)/2-1] }

// results is the number of results of a tile.
func (f filter) results() int { return f.pixels - 2 }

// doc says which way a kind is short. The loops show all six places; F(2, 3) has 0, 1, 2 and 5.
func (k kind) doc() string {
	switch {
	case k.rows.short && k.columns.short:
		return ", with F(2, 3) across and down,"
	case k.rows.short:
		return ", with F(2, 3) down,"
	case k.columns.short:
		return ", with F(2, 3) across,"
	}
	return ","
}

// places steps through the places of a tile.
type places struct {
	p, ld reg.GPVirtual // the latest place; from one to the next
	at    int
}

// to returns where place i, j is, which must not come before the latest.
func (p *places) to(i, j int) Mem {
	ahead := 6*i + j - p.at
	p.at += ahead
	for _, n := range []int{8, 4, 2, 1} {
		for ; ahead >= n; ahead -= n {
			LEAQ(Mem{Base: p.p, Index: p.ld, Scale: uint8(n)}, p.p)
		}
	}
	return Mem{Base: p.p}
}

// placesFrom returns the places from first on, disp bytes behind it.
func placesFrom(first, ld reg.GPVirtual, disp int) *places {
	p := GP64()
	LEAQ(Mem{Base: first, Disp: disp}, p)
	return &places{p: p, ld: ld}
}

// number loads a number of a sequence.
type number func(i int, to reg.VecVirtual)

// windows computes BᵀdB, Bᵀ being
//
//	a²b²    0   -(a²+b²)     0      1  0
//	 0   ∓ab²     -b²       ±a      1  0    for +a, -a
//	 0   ∓ba²     -a²       ±b      1  0    for +b, -b
//	 0    a²b²     0     -(a²+b²)   0  1
//
// or, for F(2, 3) and with r = a²-b²,
//
//	a²b²  0   -b²   0
//	 0   ±ar   r    0    for +a, -a
//	 0   -a²   0    1
func (k kind) windows() {
	function("windows"+k.name+set.name, "func(v *float32, ldv, ldt int, x *float32, ldx, panel, tiles, panels int)",
		"windows"+k.name+set.name+" computes"+k.doc()+" for tiles > 0 and panels > 0,",
		"",
		"\tfor t := range tiles {",
		"\t\tfor c := range 16 * panels {",
		fmt.Sprintf("\t\t\tvar e [6][%d]float32", k.columns.pixels),
		fmt.Sprintf("\t\t\tfor j := range %d {", k.columns.pixels),
		"\t\t\t\td := func(i int) float32 { return x[c/16*panel+i*ldx+64*t+16*j+c%16] }",
		"\t\t\t\te[0][j], e[1][j], … e[5][j] = Bᵀd",
		"\t\t\t}",
		"\t\t\tfor i := range 6 {",
		"\t\t\t\tv[(6*i+0)*ldv+t*ldt+c], … v[(6*i+5)*ldv+t*ldt+c] = Bᵀe[i]",
		"\t\t\t}",
		"\t\t}",
		"\t}")
	keepEvery(a, b, a2, b2, a2+b2, a2*b2, a2-b2)
	v, ldv, x, ldx := load("v"), stride("ldv"), load("x"), stride("ldx")
	Label("tiles")
	left := load("panels")
	Label("panels")
	row := rowsOf(x, ldx, k.rows.pixels)
	for part := range 16 / set.lanes {
		disp := 4 * set.lanes * part
		to := placesFrom(v, ldv, disp)
		k.rows.windows(k.columns.pixels, func(j int) number {
			return func(i int, to reg.VecVirtual) { VMOVUPS(Mem{Base: row[i], Disp: 64*j + disp}, to) }
		}, func(i int, e []reg.VecVirtual) {
			k.columns.windows(1, func(int) number {
				return func(j int, to reg.VecVirtual) { VMOVAPS(e[j], to) }
			}, func(j int, v []reg.VecVirtual) { VMOVUPS(v[0], to.to(i, j)) })
		})
	}
	ADDQ(stride("panel"), x)
	ADDQ(Imm(64), v)
	DECQ(left)
	JNZ(LabelRef("panels"))
	// on by a tile, back by the panels passed
	Load(Param("x"), x)
	Load(Param("v"), v)
	ADDQ(U32(256), x)
	ADDQ(stride("ldt"), v)
	setParam(x, "x")
	setParam(v, "v")
	tiles := load("tiles")
	DECQ(tiles)
	setParam(tiles, "tiles")
	JNZ(LabelRef("tiles"))
	end()
}

// windows computes Bᵀd of n sequences and calls emit for each place.
func (f filter) windows(n int, of func(k int) number, emit func(place int, v []reg.VecVirtual)) {
	// edge is the first place or, if the inputs are one further on, the last.
	edge := func(first int) (all []reg.VecVirtual) {
		for k := range n {
			d, y, t := of(k), set.vector(), set.vector()
			switch {
			case !f.short:
				d(first+4, y)
				d(first+2, t)
				VFNMADD231PS(every(a2+b2), t, y)
				d(first, t)
				VFMADD231PS(every(a2*b2), t, y)
			case first == 0:
				d(0, y)
				VMULPS(every(a2*b2), y, y)
				d(2, t)
				VFNMADD231PS(every(b2), t, y)
			default:
				d(3, y)
				d(1, t)
				VFNMADD231PS(every(a2), t, y)
			}
			all = append(all, y)
		}
		return all
	}
	emit(0, edge(0))
	for i, p := range f.pairs() {
		even, odd := vectors(n), vectors(n)
		for k := range n {
			d := of(k)
			if f.short {
				d(2, even[k])
				VMULPS(every(a2-b2), even[k], even[k])
				d(1, odd[k])
				VMULPS(every(a2-b2), odd[k], odd[k])
				continue
			}
			t := set.vector()
			d(4, even[k])
			d(2, t)
			VFNMADD231PS(every(p.other*p.other), t, even[k])
			d(3, odd[k])
			d(1, t)
			VFNMADD231PS(every(p.other*p.other), t, odd[k])
		}
		plusMinus(p.x, even, odd)
		emit(1+2*i, even)
		emit(2+2*i, odd)
	}
	emit(5, edge(1))
}

// results computes AᵀmA, Aᵀ being
//
//	1  1   1   1   1   0
//	0  a  -a   b  -b   0
//	0  a²  a²  b²  b²  0
//	0  a³ -a³  b³ -b³  1
//
// or, for F(2, 3),
//
//	1  1   1   0
//	0  a  -a   1
//
// The even rows depend on sums of pairs, the odd ones on differences.
func (k kind) results() {
	function("results"+k.name+set.name, "func(y *float32, ldy int, m *float32, ldm, ldt int, bias *float32, tiles int)",
		"results"+k.name+set.name+" computes"+k.doc()+" for tiles > 0,",
		"",
		"\tfor t := range tiles {",
		"\t\tfor k := range 16 {",
		fmt.Sprintf("\t\t\tvar e [%d][6]float32", k.rows.results()),
		"\t\t\tfor j := range 6 {",
		"\t\t\t\tm := func(i int) float32 { return m[(6*i+j)*ldm+ldt*t+k] }",
		"\t\t\t\te[0][j], e[1][j], … = Aᵀm",
		"\t\t\t}",
		fmt.Sprintf("\t\t\tfor i := range %d {", k.rows.results()),
		"\t\t\t\ty[i*ldy+64*t+k], y[i*ldy+64*t+16+k], … = Aᵀe[i] + bias[k]",
		"\t\t\t}",
		"\t\t}",
		"\t}")
	keepEvery(a, b, a2, b2, a*a2, b*b2)
	y, ldy, m, ldm := load("y"), stride("ldy"), load("m"), stride("ldm")
	bias := load("bias")
	down, ldy3 := GP64(), GP64()
	MOVQ(ldm, down) // a row of places
	IMUL3Q(Imm(6), down, down)
	LEAQ(Mem{Base: ldy, Index: ldy, Scale: 2}, ldy3)
	at := columns(down)
	Label("tiles")
	for part := range 16 / set.lanes {
		disp := 4 * set.lanes * part
		for _, odd := range []bool{false, true} {
			var e [2][6]reg.VecVirtual
			from := placesFrom(m, ldm, disp)
			for _, j := range k.columns.places {
				p := from.to(0, j).Base.(reg.GPVirtual)
				for half, v := range k.rows.some(odd, func(i int, to reg.VecVirtual) { VMOVUPS(at(p, i), to) }) {
					e[half][j] = v
				}
			}
			for half := range k.rows.results() / 2 {
				to := Mem{Base: y, Disp: disp}
				switch {
				case odd && half == 0:
					to.Index, to.Scale = ldy, 1
				case half == 1 && !odd:
					to.Index, to.Scale = ldy, 2
				case odd:
					to.Index, to.Scale = ldy3, 1
				}
				for first, oddColumn := range []bool{false, true} {
					for k, v := range k.columns.some(oddColumn, func(i int, to reg.VecVirtual) { VMOVAPS(e[half][i], to) }) {
						VADDPS(Mem{Base: bias, Disp: disp}, v, v)
						VMOVUPS(v, to.Offset(64*(2*k+first)))
					}
				}
			}
		}
	}
	ADDQ(stride("ldt"), m)
	ADDQ(U32(256), y)
	tiles := load("tiles")
	DECQ(tiles)
	setParam(tiles, "tiles")
	JNZ(LabelRef("tiles"))
	end()
}

// some returns the even or the odd results.
func (f filter) some(odd bool, m number) []reg.VecVirtual {
	var sum []reg.VecVirtual
	for i := range f.pairs() {
		y, t := set.vector(), set.vector()
		m(1+2*i, y)
		m(2+2*i, t)
		if odd {
			VSUBPS(t, y, y)
		} else {
			VADDPS(t, y, y)
		}
		sum = append(sum, y)
	}
	low, high := set.vector(), set.vector()
	switch {
	case odd && f.short:
		m(5, low)
		VFMADD231PS(every(a), sum[0], low)
	case odd:
		m(5, high)
		VFMADD231PS(every(a*a2), sum[0], high)
		VFMADD231PS(every(b*b2), sum[1], high)
		VMULPS(every(b), sum[1], low)
		VFMADD231PS(every(a), sum[0], low)
	default:
		m(0, low)
		for _, y := range sum {
			VADDPS(y, low, low)
		}
		if !f.short {
			VMULPS(every(b2), sum[1], high)
			VFMADD231PS(every(a2), sum[0], high)
		}
	}
	return []reg.VecVirtual{low, high}[:f.results()/2]
}

// spread computes AdAᵀ, with the transpose of the matrix of results.
func (k kind) spread() {
	function("spread"+k.name+set.name, "func(m *float32, ldm int, d *float32, ldd, tiles int)",
		"spread"+k.name+set.name+" computes"+k.doc()+" for tiles > 0,",
		"",
		"\tfor t := range tiles {",
		"\t\tfor k := range 16 {",
		fmt.Sprintf("\t\t\tvar e [6][%d]float32", k.columns.results()),
		fmt.Sprintf("\t\t\tfor j := range %d {", k.columns.results()),
		"\t\t\t\td := func(i int) float32 { return d[i*ldd+64*t+16*j+k] }",
		"\t\t\t\te[0][j], … e[5][j] = Ad",
		"\t\t\t}",
		"\t\t\tfor i := range 6 {",
		"\t\t\t\tm[(6*i+0)*ldm+16*t+k], … m[(6*i+5)*ldm+16*t+k] = Ae[i]",
		"\t\t\t}",
		"\t\t}",
		"\t}")
	keepEvery(a, b, a2, b2)
	m, ldm, d, ldd := load("m"), stride("ldm"), load("d"), stride("ldd")
	ldd3 := GP64()
	LEAQ(Mem{Base: ldd, Index: ldd, Scale: 2}, ldd3)
	tiles := load("tiles")
	Label("tiles")
	for part := range 16 / set.lanes {
		disp := 4 * set.lanes * part
		at := func(i, j int) Mem {
			from := Mem{Base: d, Disp: 64*j + disp}
			switch i {
			case 1, 2:
				from.Index, from.Scale = ldd, uint8(i)
			case 3:
				from.Index, from.Scale = ldd3, 1
			}
			return from
		}
		to := placesFrom(m, ldm, disp)
		k.rows.spread(k.columns.results(), func(j int) number {
			return func(i int, to reg.VecVirtual) { VMOVUPS(at(i, j), to) }
		}, func(i int, e []reg.VecVirtual) {
			k.columns.spread(1, func(int) number {
				return func(j int, to reg.VecVirtual) { VMOVAPS(e[j], to) }
			}, func(j int, v []reg.VecVirtual) { VMOVUPS(v[0], to.to(i, j)) })
		})
	}
	ADDQ(Imm(64), m)
	ADDQ(U32(256), d)
	DECQ(tiles)
	JNZ(LabelRef("tiles"))
	end()
}

// spread computes Ad of n sequences and calls emit for each place.
func (f filter) spread(n int, of func(k int) number, emit func(place int, v []reg.VecVirtual)) {
	edge := func(i int) []reg.VecVirtual {
		e := vectors(n)
		for k := range e {
			of(k)(i, e[k])
		}
		return e
	}
	emit(0, edge(0))
	for i, q := range f.pairs() {
		even, odd := edge(0), edge(1)
		for k := 0; !f.short && k < n; k++ {
			t := set.vector()
			of(k)(2, t)
			VFMADD231PS(every(q.x*q.x), t, even[k])
			of(k)(3, t)
			VFMADD231PS(every(q.x*q.x), t, odd[k])
		}
		plusMinus(q.x, even, odd)
		emit(1+2*i, even)
		emit(2+2*i, odd)
	}
	emit(5, edge(f.results()-1))
}

// fromWeights computes GwGᵀ, G being
//
//	1/n  0   0
//	1/p ±a/p a²/p    for +a, -a
//	1/q ±b/q b²/q    for +b, -b
//	 0   0   1
//
// with n = a²b², p = 2a²(a²-b²) and q = 2b²(b²-a²).
func fromWeights() {
	function("fromWeights"+set.name, "func(u *float32, ldu int, w *float32, ldw, n int)",
		"fromWeights"+set.name+" computes, for n > 0,",
		"",
		"\tfor c := range n {",
		"\t\tfor k := range 16 {",
		"\t\t\tw := func(i, j int) float32 { return w[144*c+(3*i+j)*ldw+k] }",
		"\t\t\tu[0*ldu+16*c+k], … u[35*ldu+16*c+k] = GwGᵀ",
		"\t\t}",
		"\t}")
	keepEvery()
	u, ldu, w, ldw, n := load("u"), stride("ldu"), load("w"), stride("ldw"), load("n")
	Label("kernels")
	for part := range 16 / set.lanes {
		taps := make([]reg.GPVirtual, 3) // the rows
		for i := range taps {
			taps[i] = GP64()
			LEAQ(Mem{Base: w, Disp: 4 * set.lanes * part}, taps[i])
			for range 3 * i {
				ADDQ(ldw, taps[i])
			}
		}
		at := func(i, j int) Mem {
			if j == 0 {
				return Mem{Base: taps[i]}
			}
			return Mem{Base: taps[i], Index: ldw, Scale: uint8(j)}
		}
		p := GP64()
		LEAQ(Mem{Base: u, Disp: 4 * set.lanes * part}, p)
		store := func(y reg.VecVirtual) {
			VMOVUPS(y, Mem{Base: p})
			ADDQ(ldu, p)
		}
		// share turns w0, w1, w2 into (w0 + x²w2)/N and w1/N.
		share := func(q pair, w0, w1, w2 reg.VecVirtual) (even, odd reg.VecVirtual) {
			part := shareA
			if q.x == b {
				part = shareB
			}
			even, odd = set.vector(), set.vector()
			VMOVAPS(w0, even)
			VFMADD231PS(every(q.x*q.x), w2, even)
			VMULPS(every(part), even, even)
			VMULPS(every(part), w1, odd)
			return even, odd
		}
		across := func(e []reg.VecVirtual) {
			first := set.vector()
			VMULPS(every(share0), e[0], first)
			store(first)
			for _, q := range pairs {
				even, odd := share(q, e[0], e[1], e[2])
				plusMinus(q.x, []reg.VecVirtual{even}, []reg.VecVirtual{odd})
				store(even)
				store(odd)
			}
			store(e[2])
		}
		first := vectors(3)
		for j := range first {
			VMOVUPS(at(0, j), first[j])
			VMULPS(every(share0), first[j], first[j])
		}
		across(first)
		for _, q := range pairs {
			even, odd := make([]reg.VecVirtual, 3), make([]reg.VecVirtual, 3)
			for j := range 3 {
				d := vectors(3)
				for i := range d {
					VMOVUPS(at(i, j), d[i])
				}
				even[j], odd[j] = share(q, d[0], d[1], d[2])
			}
			plusMinus(q.x, even, odd)
			across(even)
			across(odd)
		}
		last := vectors(3)
		for j := range last {
			VMOVUPS(at(2, j), last[j])
		}
		across(last)
	}
	ADDQ(Imm(64), u)
	ADDQ(U32(9*64), w)
	DECQ(n)
	JNZ(LabelRef("kernels"))
	end()
}

// toFlipped computes Gᵀ u G, turned by half a turn, with the transpose of the matrix of fromWeights.
func toFlipped() {
	function("toFlipped"+set.name, "func(w *float32, u *float32, ldu, n int)",
		"toFlipped"+set.name+" computes, for n > 0,",
		"",
		"\tfor c := range n {",
		"\t\tfor k := range 16 {",
		"\t\t\tu := func(i, j int) float32 { return u[(6*i+j)*ldu+16*c+k] }",
		"\t\t\tw[144*c+128+k], w[144*c+112+k], … w[144*c+0+k] = Gᵀ u G",
		"\t\t}",
		"\t}")
	keepEvery()
	w, u, ldu, n := load("w"), load("u"), stride("ldu"), load("n")
	down := GP64()
	MOVQ(ldu, down)
	IMUL3Q(Imm(6), down, down)
	at := columns(down)
	// tap returns w0, w1 or w2 of six numbers.
	tap := func(i int, number func(i int, to reg.VecVirtual)) reg.VecVirtual {
		y := set.vector()
		switch i {
		case 0:
			number(0, y)
			VMULPS(every(share0), y, y)
		case 1:
			y = zero()
		case 2:
			number(5, y)
		}
		for k, q := range pairs {
			sum, t := set.vector(), set.vector()
			number(1+2*k, sum)
			number(2+2*k, t)
			if i == 1 {
				VSUBPS(t, sum, sum)
			} else {
				VADDPS(t, sum, sum)
			}
			part := []float64{shareA, shareB}[k] * math.Pow(q.x, float64(i))
			VFMADD231PS(every(part), sum, y)
		}
		return y
	}
	Label("kernels")
	for part := range 16 / set.lanes {
		for i := range 3 {
			p := GP64()
			LEAQ(Mem{Base: u, Disp: 4 * set.lanes * part}, p)
			e := make([]reg.VecVirtual, 6)
			for j := range e {
				e[j] = tap(i, func(i int, to reg.VecVirtual) { VMOVUPS(at(p, i), to) })
				if j < 5 {
					ADDQ(ldu, p)
				}
			}
			for j := range 3 {
				y := tap(j, func(i int, to reg.VecVirtual) { VMOVAPS(e[i], to) })
				VMOVUPS(y, Mem{Base: w, Disp: 64*(8-3*i-j) + 4*set.lanes*part})
			}
		}
	}
	ADDQ(Imm(64), u)
	ADDQ(U32(9*64), w)
	DECQ(n)
	JNZ(LabelRef("kernels"))
	end()
}
