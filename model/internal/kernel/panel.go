package kernel

// lanes is the number of columns of a panel: a vector of AVX-512, two of AVX2.
const lanes = 16

// grid holds rows of panels; row is the distance between rows in floats, panel that
// between panels.
type grid struct {
	data       []float32
	row, panel int
}

// last returns the index of the last entry of the given number of rows and panels.
func (g grid) last(rows, panels int) int {
	return (rows-1)*g.row + (panels-1)*g.panel + lanes - 1
}

// multiply is the kernel of convolutions and dense layers. With m = len(base)
// rows, n = len(off) > 0 steps and the given number of panels,
//
//	c[p,i,k] = init[p,i,k] + Σ_t x[base[i]+off[t]] · w[p,t,k]   for i < m, k < 16
//
// init may be c; if init.row is 0, one row serves all. The steps of w are 16 apart, its
// panels w.panel. The products are added in the order of t. Lanes of w that are not
// used may hold anything.
func multiply(panels int, c, init grid, x []float32, base, off []int32, w grid) {
	m, n := len(base), len(off)
	if m == 0 || panels == 0 {
		return
	}
	w.row = lanes
	_, _, _ = c.data[c.last(m, panels)], init.data[init.last(m, panels)], w.data[w.last(n, panels)]
	for p := 0; p < panels; p++ {
		c0, i0, w0 := &c.data[p*c.panel], &init.data[p*init.panel], &w.data[p*w.panel]
		switch {
		case using == neon:
			panelNEON(c0, c.row, i0, init.row, &x[0], &base[0], &off[0], w0, m, n)
		case using < avx512:
			panelAVX2(c0, c.row, i0, init.row, &x[0], &base[0], &off[0], w0, m, n)
		case p+1 < panels:
			panelsAVX512(c0, c.row, c.panel, i0, init.row, init.panel, &x[0], &base[0], &off[0], w0, w.panel, m, n)
			p++
		default:
			panelAVX512(c0, c.row, 0, i0, init.row, 0, &x[0], &base[0], &off[0], w0, 0, m, n)
		}
	}
}

// Sizes of what is multiplied at a time, so that w and c stay in the first-level
// cache (32 KiB) beside a few rows of x.
const (
	panelSteps = 160 // of n: 10 KiB of w a panel
	panelRows  = 112 // of m: 7 KiB of c a panel
	panelsOnce = 2   // panels
)

// parts cuts n into the fewest equal parts no larger than most, and calls f for each.
// All but the last are a multiple of unit, which most should be too.
func parts(n, most, unit int, f func(lo, hi int)) {
	count := max(1, (n+most-1)/most)
	size := ((n+count-1)/count + unit - 1) / unit * unit
	for lo := 0; lo < n; lo += size {
		f(lo, min(n, lo+size))
	}
}

// panels returns the number of panels that n columns need.
func panels(n int) int { return (n + lanes - 1) / lanes }

// eachPanels calls f for the panels of n columns, a few at a time.
func eachPanels(n int, f func(first, count int)) {
	for p := 0; p < panels(n); p += panelsOnce {
		f(p, min(panelsOnce, panels(n)-p))
	}
}

// width returns how many of the n columns are in panel p.
func width(n, p int) int { return min(lanes, n-p*lanes) }

// steps returns the n offsets 0, by, 2·by …; x itself if it already holds them.
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
