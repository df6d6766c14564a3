package kernel

import "runtime"

// Dense is a fully connected layer: x N×In, w Out×In, bias Out, y N×Out,
//
//	y = x·wᵀ + bias
//
// It owns the scratch its methods need, so one Dense serves one goroutine at a
// time.
type Dense struct {
	N, In, Out int

	bias             []float32
	rows, cols, outs []int32 // offsets: rows of x, columns of x or w, rows of y
	free             pool[denseScratch]
}

// denseScratch is the working memory of one goroutine.
type denseScratch struct{ pack, tile []float32 }

// Forward computes y.
func (d *Dense) Forward(y, x, weights, bias []float32) {
	if using < neon {
		d.gemmForward(y, x, weights, bias)
		return
	}
	d.rows, d.cols = steps(d.rows, d.N, d.In), steps(d.cols, max(d.In, d.Out), 1)
	d.bias = resize(d.bias, panels(d.Out)*lanes)
	copy(d.bias, bias)
	d.eachPart(d.Out, d.rows, func(s *denseScratch, first, count int, rows []int32, at int) {
		init := grid{d.bias[first*lanes:], 0, lanes}
		eachPack(d.In, func(lo, hi int) {
			w, cols := s.packed(hi-lo), d.cols[:hi-lo]
			for p := range count {
				at := (first + p) * lanes
				transpose(w.data[p*w.panel:], lanes, weights[at*d.In+lo:], d.In, width(d.Out, first+p), hi-lo)
			}
			init = s.columns(y[at*d.Out:], d.Out, first, count, init, x[lo:], rows, cols, w)
		})
	})
}

// GradX computes dx = dy·w.
func (d *Dense) GradX(dx, dy, w []float32) {
	if using < neon {
		d.gemmGradX(dx, dy, w)
		return
	}
	d.outs, d.cols = steps(d.outs, d.N, d.Out), steps(d.cols, max(d.In, d.Out), 1)
	d.product(dx, dy, d.outs, d.cols[:d.Out], w)
}

// GradW computes dw = dyᵀ·x.
func (d *Dense) GradW(dw, dy, x []float32) {
	if using < neon {
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
	d.eachPart(d.In, base, func(s *denseScratch, first, count int, rows []int32, at int) {
		init := grid{data: zeros[:]}
		eachPack(len(off), func(lo, hi int) {
			w := s.packed(hi - lo)
			for p := range count {
				copyRows(w.data[p*w.panel:], lanes, b[lo*d.In+(first+p)*lanes:], d.In, hi-lo, width(d.In, first+p))
			}
			init = s.columns(c[at*d.In:], d.In, first, count, init, a, rows, off[lo:hi], w)
		})
	})
}

// columns computes some panels of c, n columns wide. It returns the grid from which the
// next steps continue: the result itself, or a copy if the last panel is not full.
func (s *denseScratch) columns(c []float32, n, first, count int, init grid, x []float32, base, off []int32, w grid) grid {
	if (first+count)*lanes <= n {
		out := grid{c[first*lanes:], n, lanes}
		multiply(count, out, init, x, base, off, w)
		return out
	}
	s.tile = resize(s.tile, count*len(base)*lanes)
	out := grid{s.tile, lanes, len(base) * lanes}
	multiply(count, out, init, x, base, off, w)
	for p := range count {
		copyRows(c[(first+p)*lanes:], n, out.data[p*out.panel:], lanes, len(base), width(n, first+p))
	}
	return out
}

// packed returns room for some steps of a few panels.
func (s *denseScratch) packed(steps int) grid {
	s.pack = resize(s.pack, panelsOnce*denseSteps*lanes)
	return grid{data: s.pack, panel: steps * lanes}
}

// denseSteps is the number of steps whose panels fit into the first-level cache.
const denseSteps = 2 * panelSteps

// eachPack cuts n steps into parts that are packed one at a time.
func eachPack(n int, f func(lo, hi int)) { parts(n, denseSteps, 8, f) }

// eachPart cuts a result of n columns into a few panels each and, if there are more cores
// than that, into rows. It calls f with the rows of a part and the number of the first.
func (d *Dense) eachPart(n int, base []int32, f func(s *denseScratch, first, count int, rows []int32, at int)) {
	if d.free.make == nil {
		d.free.make = func() *denseScratch { return new(denseScratch) }
	}
	groups := (panels(n) + panelsOnce - 1) / panelsOnce
	cuts := max(1, min(runtime.GOMAXPROCS(0)/groups, len(base)/lanes))
	d.free.each(groups*cuts, func(s *denseScratch, i int) {
		first, cut := i/cuts*panelsOnce, i%cuts
		lo, hi := cut*len(base)/cuts, (cut+1)*len(base)/cuts
		f(s, first, min(panelsOnce, panels(n)-first), base[lo:hi], lo)
	})
}
