package report

// smooth is the moving average of y over window points, or one more where that is
// even: the mean of the point and of half a window on either side. At the start,
// where curves are steep, it takes only as many after the point as there are before
// it, so that the first mean is y's own; at the end, where they are flat, what is
// left after it. Where y breaks (NaN or infinite) the means break, too, and begin
// anew.
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

// centred writes to means those of y over up to half points on either side. The
// sums come from two of blocks as long as the window, up to a point and from it on,
// and never from a difference: 1e20 in y would leave nothing of its neighbours.
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
