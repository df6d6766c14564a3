package kernel

// Dense is a fully connected layer: x N×In, w Out×In, bias Out, y N×Out,
//
//	y = x·wᵀ + bias
//
// It owns the scratch its methods need, so one Dense serves one goroutine at a
// time.
type Dense struct {
	N, In, Out int

	bias             []float32
	pack, tile       [blocks][]float32
	rows, cols, outs []int32 // offsets: rows of x, columns of x or w, rows of y
}

// Forward computes y.
func (d *Dense) Forward(y, x, weights, bias []float32) {
	if using < avx2 {
		d.gemmForward(y, x, weights, bias)
		return
	}
	d.rows, d.cols = steps(d.rows, d.N, d.In), steps(d.cols, max(d.In, d.Out), 1)
	d.bias = resize(d.bias, panels(d.Out)*lanes)
	copy(d.bias, bias)
	d.eachBlockOfPanels(d.Out, func(b, first, count int) {
		init := grid{d.bias[first*lanes:], 0, lanes}
		d.eachPart(d.In, func(lo, hi int) {
			w, cols := d.packed(b, hi-lo), d.cols[:hi-lo]
			for p := range count {
				at := (first + p) * lanes
				transpose(w.data[p*w.panel:], lanes, weights[at*d.In+lo:], d.In, width(d.Out, first+p), hi-lo)
			}
			init = d.columns(b, y, d.Out, first, count, init, x[lo:], d.rows, cols, w)
		})
	})
}

// GradX computes dx = dy·w.
func (d *Dense) GradX(dx, dy, w []float32) {
	if using < avx2 {
		d.gemmGradX(dx, dy, w)
		return
	}
	d.outs, d.cols = steps(d.outs, d.N, d.Out), steps(d.cols, max(d.In, d.Out), 1)
	d.product(dx, dy, d.outs, d.cols[:d.Out], w)
}

// GradW computes dw = dyᵀ·x.
func (d *Dense) GradW(dw, dy, x []float32) {
	if using < avx2 {
		d.gemmGradW(dw, dy, x)
		return
	}
	d.outs, d.cols = steps(d.outs, d.N, d.Out), steps(d.cols, max(d.In, d.Out), 1)
	d.product(dw, dy, d.cols[:d.Out], d.outs, x)
}

// GradBias computes db, the sum of the rows of dy.
func (d *Dense) GradBias(db, dy []float32) {
	clear(db)
	for n := range d.N {
		add(db, dy[n*d.Out:][:d.Out])
	}
}

// product computes, for every row i and column j < In,
//
//	c[i*In+j] = Σ_t a[base[i]+off[t]] · b[t*In+j]
func (d *Dense) product(c, a []float32, base, off []int32, b []float32) {
	d.eachBlockOfPanels(d.In, func(block, first, count int) {
		init := grid{data: zeros[:]}
		d.eachPart(len(off), func(lo, hi int) {
			w := d.packed(block, hi-lo)
			for p := range count {
				copyRows(w.data[p*w.panel:], lanes, b[lo*d.In+(first+p)*lanes:], d.In, hi-lo, width(d.In, first+p))
			}
			init = d.columns(block, c, d.In, first, count, init, a, base, off[lo:hi], w)
		})
	})
}

// columns computes some panels of c, n columns wide. It returns the grid from which the
// next steps continue: the result itself, or a copy if the last panel is not full.
func (d *Dense) columns(b int, c []float32, n, first, count int, init grid, x []float32, base, off []int32, w grid) grid {
	if (first+count)*lanes <= n {
		out := grid{c[first*lanes:], n, lanes}
		multiply(count, out, init, x, base, off, w)
		return out
	}
	d.tile[b] = resize(d.tile[b], count*len(base)*lanes)
	out := grid{d.tile[b], lanes, len(base) * lanes}
	multiply(count, out, init, x, base, off, w)
	for p := range count {
		copyRows(c[(first+p)*lanes:], n, out.data[p*out.panel:], lanes, len(base), width(n, first+p))
	}
	return out
}

// packed returns room for some steps of the panels of block b.
func (d *Dense) packed(b, steps int) grid {
	d.pack[b] = resize(d.pack[b], panelsOnce*denseSteps*lanes)
	return grid{data: d.pack[b], panel: steps * lanes}
}

// denseSteps is the number of steps whose panels fit into the first-level cache.
const denseSteps = 2 * panelSteps

// eachPart cuts n steps into parts that are packed one at a time.
func (d *Dense) eachPart(n int, f func(lo, hi int)) { parts(n, denseSteps, 8, f) }

// eachBlockOfPanels cuts n columns of the result into blocks of whole panels, side
// by side, and calls f for a few panels of a block at a time.
func (d *Dense) eachBlockOfPanels(n int, f func(b, first, count int)) {
	groups := (panels(n) + panelsOnce - 1) / panelsOnce
	parts := min(blocks, groups)
	parallel(parts, func(b int) {
		for g := b * groups / parts; g < (b+1)*groups/parts; g++ {
			first := g * panelsOnce
			f(b, first, min(panelsOnce, panels(n)-first))
		}
	})
}
