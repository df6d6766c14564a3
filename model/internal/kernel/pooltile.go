package kernel

// put writes rows lo to hi of the maps of panel p and sample n to y, pooled if Pool is
// set. In rows, a pixel has 16 lanes and rows are ld apart; pooled is scratch of 16
// floats for each entry of a map of y.
func (c *Conv) put(y []float32, n, p, lo, hi int, rows []float32, ld int, pooled []float32) {
	q, width := c.outs(), width(c.K, p)
	out := y[(n*c.K+p*lanes)*q:]
	switch w := c.usedW(); {
	case c.Pool:
		windows, at := (hi-lo)/2*c.OutW(), lo/2*c.OutW()
		poolTile(pooled, c.chosen(n, p)[at*lanes:], rows, ld, c.OutW(), (hi-lo)/2)
		transpose(out[at:], q, pooled, lanes, windows, width)
	case ld == w*lanes:
		transpose(out[lo*w:], q, rows, lanes, (hi-lo)*w, width)
	default:
		for r := range hi - lo {
			transpose(out[(lo+r)*w:], q, rows[r*ld:], lanes, w, width)
		}
	}
}

// take is the reverse of put: from dy it sets the gradient of rows lo to hi of the maps.
// Pixels are ldp apart. With Pool it also sets the lanes beyond the last map.
func (c *Conv) take(rows []float32, ld, ldp int, dy []float32, n, p, lo, hi int, pooled []float32) {
	q, width := c.outs(), width(c.K, p)
	in := dy[(n*c.K+p*lanes)*q:]
	switch w := c.usedW(); {
	case c.Pool:
		windows, at := (hi-lo)/2*c.OutW(), lo/2*c.OutW()
		transpose(pooled, lanes, in[at:], q, width, windows)
		unpoolTile(rows, ld, ldp, pooled, c.chosen(n, p)[at*lanes:], c.OutW(), (hi-lo)/2)
	case ld == w*ldp:
		transpose(rows, ldp, in[lo*w:], q, width, (hi-lo)*w)
	default:
		for r := range hi - lo {
			transpose(rows[r*ld:], ldp, in[(lo+r)*w:], q, width, w)
		}
	}
}

// chosen returns the choice of panel p and sample n, 16 lanes for each entry of a map
// of y.
func (c *Conv) chosen(n, p int) []byte {
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

// convPool computes a row of windows of a 3×3 convolution, pooled as poolTile does, of as
// many panels as fit the registers. The panels of y and choice are panel apart.
func convPool(y []float32, choice []byte, panel int, x []float32, ldx, plane int, w []float32, wPanel int, bias []float32, channels, windows, count int) {
	last := (count-1)*panel + windows*lanes - 1
	_, _, _ = y[last], choice[last], bias[count*lanes-1]
	_, _ = x[(channels-1)*plane+3*ldx+2*windows+1], w[(count-1)*wPanel+9*channels*lanes-1]
	if using >= avx512 {
		convPoolAVX512(&y[0], panel, &choice[0], panel, &x[0], ldx, plane, &w[0], wPanel, &bias[0], channels, windows)
	} else {
		convPoolAVX2(&y[0], panel, &choice[0], panel, &x[0], ldx, plane, &w[0], wPanel, &bias[0], channels, windows)
	}
}

// unpoolTile sets the chosen pixel of each window to y and the others to 0; the rows of
// x are ld apart, its pixels ldp.
func unpoolTile(x []float32, ld, ldp int, y []float32, choice []byte, ow, rows int) {
	if rows == 0 || ow == 0 {
		return
	}
	_, _, _ = y[rows*ow*lanes-1], choice[rows*ow*lanes-1], x[(2*rows-1)*ld+(2*ow-1)*ldp+lanes-1]
	if using < avx2 {
		unpoolTileGo(x, ld, ldp, y, choice, ow, rows)
	} else if using >= avx512 {
		unpoolTileAVX512(&x[0], ld, ldp, &y[0], &choice[0], ow, rows)
	} else {
		unpoolTileAVX2(&x[0], ld, ldp, &y[0], &choice[0], ow, rows)
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
				index = 4
			}
			if best < 0 {
				best = 0
			}
			y[at*lanes+k], choice[at*lanes+k] = best, index
		}
	}
}

func unpoolTileGo(x []float32, ld, ldp int, y []float32, choice []byte, ow, rows int) {
	for at := range rows * ow {
		for s := range 4 {
			to := x[(at/ow*2+s/2)*ld+(at%ow*2+s%2)*ldp:][:lanes]
			for k := range to {
				if to[k] = 0; choice[at*lanes+k] == byte(s) {
					to[k] = y[at*lanes+k]
				}
			}
		}
	}
}
