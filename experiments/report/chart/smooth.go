package chart

// smooth returns the moving average of y over window points, one more if window is
// even: the mean of a point and half a window on either side. At the start, where
// curves are steep, it takes only as many points after as there are before, so the
// first mean is y's own value. At the end, where curves are flat, it takes what is
// left. Where y breaks (NaN or infinite) the average breaks too and starts again.
func smooth(y []float64, window int) []float64 {
	means := make([]float64, len(y))
	for from := 0; from < len(y); {
		to := from
		for to < len(y) && drawable(y[to]) {
			to++
		}
		centred(means[from:to], y[from:to], window/2)
		for ; to < len(y) && !drawable(y[to]); to++ {
			means[to] = nan
		}
		from = to
	}
	return means
}

// centred writes to means the average of y over up to half points on either side.
// Blocks are as long as the window, so a sum over it has two parts: up to the end of one
// block, and on from the start of the next. No sum is a difference of two others, in
// which a single 1e20 would wipe out its neighbours.
func centred(means, y []float64, half int) {
	n := len(y)
	block := 2*half + 1
	to, from := make([]float64, n), make([]float64, n) // sums of a block's points up to i, and from i on
	for i := range n {
		to[i] = y[i]
		if i%block != 0 {
			to[i] += to[i-1]
		}
	}
	for i := n - 1; i >= 0; i-- {
		from[i] = y[i]
		if i+1 < n && (i+1)%block != 0 {
			from[i] += from[i+1]
		}
	}
	for i := range n {
		first, last := i-min(half, i), min(i+min(half, i), n-1)
		sum := from[first] + to[last]
		switch {
		case first%block == 0:
			sum = to[last]
		case first/block == last/block: // last is n-1
			sum = from[first]
		}
		means[i] = sum / float64(last-first+1)
	}
}
