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
func (d *Dense) Forward(y, x, w, bias []float32) {
	if !avx2 {
		d.gemmForward(y, x, w, bias)
		return
	}
	d.rows, d.cols = steps(d.rows, d.N, d.In), steps(d.cols, max(d.In, d.Out), 1)
	d.bias = resize(d.bias, panels(d.Out)*lanes)
	copy(d.bias, bias)
	d.eachPanel(d.Out, func(b, lo, hi int) {
		parts(d.In, panelSteps, 8, func(first, last int) {
			for o := lo; o < hi; o += lanes {
				init, ldi := d.bias[o:], 0
				if first > 0 {
					init = nil
				}
				d.pack[b] = resize(d.pack[b], panelSteps*lanes)
				transpose(d.pack[b], lanes, w[o*d.In+first:], d.In, min(lanes, d.Out-o), last-first)
				d.multiply(b, y[o:], d.Out, min(lanes, d.Out-o), init, ldi, x[first:], d.rows, d.cols[:last-first])
			}
		})
	})
}

// GradX computes dx = dy·w.
func (d *Dense) GradX(dx, dy, w []float32) {
	if !avx2 {
		d.gemmGradX(dx, dy, w)
		return
	}
	d.outs, d.cols = steps(d.outs, d.N, d.Out), steps(d.cols, max(d.In, d.Out), 1)
	d.product(dx, dy, d.outs, d.cols[:d.Out], w)
}

// GradW computes dw = dyᵀ·x.
func (d *Dense) GradW(dw, dy, x []float32) {
	if !avx2 {
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
	d.eachPanel(d.In, func(block, lo, hi int) {
		for j := lo; j < hi; j += lanes {
			n := min(lanes, d.In-j)
			init := zeros[:]
			parts(len(off), panelSteps, 1, func(first, last int) {
				d.pack[block] = resize(d.pack[block], panelSteps*lanes)
				copyRows(d.pack[block], lanes, b[first*d.In+j:], d.In, last-first, n)
				d.multiply(block, c[j:], d.In, n, init, 0, a, base, off[first:last])
				init = nil
			})
		}
	})
}

// multiply computes n ≤ 16 columns of a panel of c with the packed steps of a
// block, starting from init or, if that is nil, from c itself.
func (d *Dense) multiply(b int, c []float32, ldc, n int, init []float32, ldi int, x []float32, base, off []int32) {
	if init == nil {
		init, ldi = c, ldc
	}
	if n == lanes {
		panel(c, ldc, init, ldi, x, base, off, d.pack[b])
		return
	}
	d.tile[b] = resize(d.tile[b], len(base)*lanes)
	if ldi != 0 {
		copyRows(d.tile[b], lanes, init, ldi, len(base), n)
		init, ldi = d.tile[b], lanes
	}
	panel(d.tile[b], lanes, init, ldi, x, base, off, d.pack[b])
	copyRows(c, ldc, d.tile[b], lanes, len(base), n)
}

// eachPanel cuts n columns of the result into blocks of whole panels.
func (d *Dense) eachPanel(n int, f func(b, lo, hi int)) {
	Parallel(blocks, func(b int) {
		lo, hi := block(b, panels(n))
		if lo < hi {
			f(b, lo*lanes, min(n, hi*lanes))
		}
	})
}
