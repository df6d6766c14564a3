package kernel

// put writes rows lo to hi of the maps of panel p and sample n to y, pooled if Pool is
// set. In rows, a pixel has 16 lanes and rows are ld apart; pooled is scratch of 16
// floats for each entry of a map of y.
func (c *Conv) put(y []float32, n, p, lo, hi int, rows []float32, ld int, pooled []float32) {
	q, width := c.outs(), width(c.K, p)
	out := y[c.outAt(n, p):]
	switch w := c.usedW(); {
	case c.Pool:
		windows, at := (hi-lo)/2*c.OutW(), lo/2*c.OutW()
		if c.PanelY {
			pooled = out[at*lanes:]
		}
		poolTile(pooled, c.chosenOf(n, p)[at*lanes:], rows, ld, c.OutW(), (hi-lo)/2)
		if !c.PanelY {
			transpose(out[at:], q, pooled, lanes, windows, width)
		}
	case ld == w*lanes:
		transpose(out[lo*w:], q, rows, lanes, (hi-lo)*w, width)
	default:
		for r := range hi - lo {
			transpose(out[(lo+r)*w:], q, rows[r*ld:], lanes, w, width)
		}
	}
}

// take is the reverse of put: from dy it sets the gradient of rows lo to hi of the maps.
// With Pool it also sets the lanes beyond the last map. It adds what it has set to sums, unless
// that is nil.
func (c *Conv) take(rows []float32, ld int, dy []float32, n, p, lo, hi int, pooled []float32, sums []float64) {
	q, width := c.outs(), width(c.K, p)
	in := dy[c.outAt(n, p):]
	switch w := c.usedW(); {
	case c.Pool:
		windows, at := (hi-lo)/2*c.OutW(), lo/2*c.OutW()
		if c.PanelY {
			pooled = in[at*lanes:]
		} else {
			transpose(pooled, lanes, in[at:], q, width, windows)
		}
		choice := c.chosenOf(n, p)[at*lanes:]
		unpoolTile(rows, ld, pooled, choice, c.OutW(), (hi-lo)/2)
		sumChosen(sums, pooled, choice, windows)
		return
	case ld == w*lanes:
		transpose(rows, lanes, in[lo*w:], q, width, (hi-lo)*w)
	default:
		for r := range hi - lo {
			transpose(rows[r*ld:], lanes, in[(lo+r)*w:], q, width, w)
		}
	}
	sumRows(sums, rows, ld, hi-lo, c.usedW())
}

// outAt returns where panel p of sample n begins in y.
func (c *Conv) outAt(n, p int) int {
	if c.PanelY {
		return (n*panels(c.K) + p) * c.outs() * lanes
	}
	return (n*c.K + p*lanes) * c.outs()
}

// sumRows adds rows of w pixels, ld apart, to the sums of 16 lanes, unless they are nil.
func sumRows(sums []float64, x []float32, ld, rows, w int) {
	for r := range rows {
		for i := 0; i < w; i += len(noChoice) / lanes {
			sumChosen(sums, x[r*ld+i*lanes:], noChoice[:], min(w-i, len(noChoice)/lanes))
		}
	}
}

// noChoice leaves nothing out.
var noChoice [64 * lanes]byte

// sumChosen adds n pixels to the sums of 16 lanes, unless they are nil, save where choice is 4.
func sumChosen(sums []float64, x []float32, choice []byte, n int) {
	if sums == nil || n == 0 {
		return
	}
	_, _, _ = sums[lanes-1], x[n*lanes-1], choice[n*lanes-1]
	switch {
	case using >= avx512:
		sumChosenAVX512(&sums[0], &x[0], &choice[0], n)
	case using >= avx2:
		sumChosenAVX2(&sums[0], &x[0], &choice[0], n)
	default:
		for i, v := range x[:n*lanes] {
			if choice[i] != 4 {
				sums[i%lanes] += float64(v)
			}
		}
	}
}

// chosenOf returns the choice of panel p and sample n, 16 lanes for each entry of a map
// of y.
func (c *Conv) chosenOf(n, p int) []byte {
	size := c.outs() * lanes
	return c.choice[(n*panels(c.K)+p)*size:][:size]
}

// poolTile rectifies and pools rows×ow windows of 2×2 pixels in 16 lanes; the rows of x
// are ld apart. choice is the pixel of its window that is the maximum (the first of
// equal ones, the last NaN), or 4 where y is 0.
func poolTile(y []float32, choice []byte, x []float32, ld, ow, rows int) {
	if rows == 0 || ow == 0 {
		return
	}
	_, _, _ = y[rows*ow*lanes-1], choice[rows*ow*lanes-1], x[(2*rows-1)*ld+2*ow*lanes-1]
	if using < avx2 {
		poolTileGo(y, choice, x, ld, ow, rows)
	} else if using >= avx512 {
		poolTileAVX512(&y[0], &choice[0], &x[0], ld, ow, rows)
	} else {
		poolTileAVX2(&y[0], &choice[0], &x[0], ld, ow, rows)
	}
}

// squares computes V of a row of windows of a channel, for convPool.
func squares(v []float32, ldv int, x []float32, ldx, n int) {
	_, _ = v[11*ldv+n-1], x[3*ldx+n+1]
	if using >= avx512 {
		squaresAVX512(&v[0], ldv, &x[0], ldx, n)
	} else {
		squaresAVX2(&v[0], ldv, &x[0], ldx, n)
	}
}

// convPool computes a row of windows of a 3×3 convolution of one or three channels in 16 lanes,
// pooled as poolTile does, from V and U.
func convPool(y []float32, choice []byte, v []float32, ldv int, u, bias []float32, channels, windows int) {
	last := windows*lanes - 1
	_, _, _, _, _ = y[last], choice[last], v[(12*channels-1)*ldv+2*windows-1], u[16*channels*lanes-1], bias[lanes-1]
	if using >= avx512 {
		convPoolAVX512(&y[0], &choice[0], &v[0], ldv, &u[0], &bias[0], channels, windows)
	} else {
		convPoolAVX2(&y[0], &choice[0], &v[0], ldv, &u[0], &bias[0], channels, windows)
	}
}

// unpoolTile sets the chosen pixel of each window to y and the others to 0; the rows of
// x are ld apart.
func unpoolTile(x []float32, ld int, y []float32, choice []byte, ow, rows int) {
	if rows == 0 || ow == 0 {
		return
	}
	_, _, _ = y[rows*ow*lanes-1], choice[rows*ow*lanes-1], x[(2*rows-1)*ld+2*ow*lanes-1]
	if using < avx2 {
		unpoolTileGo(x, ld, y, choice, ow, rows)
	} else if using >= avx512 {
		unpoolTileAVX512(&x[0], ld, &y[0], &choice[0], ow, rows)
	} else {
		unpoolTileAVX2(&x[0], ld, &y[0], &choice[0], ow, rows)
	}
}

func poolTileGo(y []float32, choice []byte, x []float32, ld, ow, rows int) {
	for at := range rows * ow {
		first := at/ow*2*ld + at%ow*2*lanes
		for k := range lanes {
			best, index := x[first+k], byte(0)
			for s := 1; s < 4; s++ {
				if v := x[first+s/2*ld+s%2*lanes+k]; v > best || v != v {
					best, index = v, byte(s)
				}
			}
			if best <= 0 {
				best, index = 0, 4
			}
			y[at*lanes+k], choice[at*lanes+k] = best, index
		}
	}
}

func unpoolTileGo(x []float32, ld int, y []float32, choice []byte, ow, rows int) {
	for at := range rows * ow {
		for s := range 4 {
			to := x[(at/ow*2+s/2)*ld+(at%ow*2+s%2)*lanes:][:lanes]
			for k := range to {
				if to[k] = 0; choice[at*lanes+k] == byte(s) {
					to[k] = y[at*lanes+k]
				}
			}
		}
	}
}
