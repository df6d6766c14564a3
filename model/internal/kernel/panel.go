package kernel

// lanes is the number of columns of a panel: two vectors of AVX2.
const lanes = 16

// panel is the kernel of convolutions and dense layers. With m = len(base) rows,
// n = len(off) > 0 steps and w of n×16,
//
//	c[i,k] = init[i,k] + Σ_t x[base[i]+off[t]] · w[t,k]   for i < m, k < 16
//
// ldc and ldi are the distances between the rows of c and init; init may be c,
// and one row serves all if ldi is 0. The products are added in the order of t.
// Only the lanes k that are used matter: w may hold anything in the others.
func panel(c []float32, ldc int, init []float32, ldi int, x []float32, base, off []int32, w []float32) {
	if len(base) == 0 {
		return
	}
	_, _, _ = c[(len(base)-1)*ldc+lanes-1], init[(len(base)-1)*ldi+lanes-1], w[len(off)*lanes-1]
	panelAVX2(&c[0], ldc, &init[0], ldi, &x[0], &base[0], &off[0], &w[0], len(base), len(off))
}

// Sizes of what a panel works on, so that w and c stay in the first-level cache
// (32 KiB) beside a few rows of x.
const (
	panelSteps = 320 // of n: 20 KiB of w
	panelRows  = 216 // of m: 13.5 KiB of c; a multiple of 6 and 8
)

// parts cuts n into as many equal parts, of a multiple of unit each save the
// last, as are needed to make none larger than most, and calls f for each.
func parts(n, most, unit int, f func(lo, hi int)) {
	count := max(1, (n+most-1)/most)
	size := ((n+count-1)/count + unit - 1) / unit * unit
	for lo := 0; lo < n; lo += size {
		f(lo, min(n, lo+size))
	}
}

// panels is the number of panels that n columns need.
func panels(n int) int { return (n + lanes - 1) / lanes }

// steps returns 0, by, 2·by … as n offsets, in x if it has room.
func steps(x []int32, n, by int) []int32 {
	if len(x) == n && (n < 2 || x[1] == int32(by)) {
		return x
	}
	x = make([]int32, n)
	for i := range x {
		x[i] = int32(i * by)
	}
	return x
}
