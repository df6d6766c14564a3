package kernel

import (
	"math"
	"runtime"
)

// Dense is a fully connected layer: x N×In, w Out×In, bias Out, y N×Out,
//
//	y = x·wᵀ + bias
//
// It owns the scratch its methods need, so one Dense serves one goroutine at a
// time.
type Dense struct {
	N, In, Out int

	bias             []float32
	rows, cols, outs []int32     // offsets: rows of x, columns of x or w, rows of y
	finite           [2]*float32 // x and w of the last Forward, if its results show that they are
	nonzero          nonzero
	free             pool[denseScratch]
}

// nonzero holds what is not zero of a matrix, row by row.
type nonzero struct {
	counts, off []int32 // of each row; where its factors belong
	factors     []float32
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
	d.finite = [2]*float32{}
	if allFinite(y) { // what is NaN or infinite in x or w reaches y
		d.finite = [2]*float32{&x[0], &weights[0]}
	}
}

// allFinite reports whether no number is NaN or infinite.
func allFinite(x []float32) bool {
	var probe [4]float32
	for len(x) >= 4 {
		for i := range probe {
			probe[i] += x[i] * 0
		}
		x = x[4:]
	}
	for _, v := range x {
		probe[0] += v * 0
	}
	return probe == [4]float32{}
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
//
// Behind a rectifier or dropout, many entries of a are zero. Their products are left out if b is finite;
// the sums stay the same to the bit.
func (d *Dense) product(c, a []float32, base, off []int32, b []float32) {
	if (&b[0] == d.finite[0] || &b[0] == d.finite[1]) && d.In >= sparseColumns && len(b) <= math.MaxInt32 && using >= avx2 {
		apart := d.In
		if d.packs() {
			apart = sparseColumns
		}
		if d.nonzero.take(a, base, off, apart) {
			d.weighted(c, b, len(off))
			return
		}
	}
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

// take finds what is not zero of a[base[i]+off[t]], a factor of a row that begins at t·apart. It
// reports whether that is little enough to make up for the search.
func (z *nonzero) take(a []float32, base, off []int32, apart int) bool {
	if most := len(base) * len(off); len(z.off) < most {
		z.off, z.factors = make([]int32, most), make([]float32, most)
	}
	z.counts = z.counts[:0]
	at := 0
	for _, first := range base {
		begin := at
		for t, by := range off {
			v := a[first+by]
			z.off[at], z.factors[at] = int32(t*apart), v
			if v != 0 {
				at++
			}
		}
		z.counts = append(z.counts, int32(at-begin))
	}
	return 5*at < 3*len(base)*len(off)
}

// sparseColumns is the number of columns that weighted computes at a time.
const sparseColumns = 96

// packs reports whether weighted copies the columns that it reads: rows that lie a multiple of
// 1 KiB apart compete for a few places in the cache.
func (d *Dense) packs() bool { return d.In%256 == 0 }

// weighted computes the product of what is not zero and the n rows of b.
func (d *Dense) weighted(c, b []float32, n int) {
	z := &d.nonzero
	parts := d.In / sparseColumns
	d.scratch().each(parts, func(s *denseScratch, i int) {
		columns := func(first int) {
			b, c := b[first:], c[first:]
			_, _ = b[(n-1)*d.In+sparseColumns-1], c[(len(z.counts)-1)*d.In+sparseColumns-1]
			if d.packs() {
				s.pack = resize(s.pack, n*sparseColumns)
				copyRows(s.pack, sparseColumns, b, d.In, n, sparseColumns)
				b = s.pack
			}
			if using >= avx512 {
				weightedAVX512(&c[0], d.In, &b[0], &z.counts[0], &z.off[0], &z.factors[0], len(z.counts))
			} else {
				weightedAVX2(&c[0], d.In, &b[0], &z.counts[0], &z.off[0], &z.factors[0], len(z.counts))
			}
		}
		columns(i * sparseColumns)
		if i == parts-1 && d.In%sparseColumns > 0 {
			columns(d.In - sparseColumns)
		}
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
	groups := (panels(n) + panelsOnce - 1) / panelsOnce
	cuts := max(1, min(runtime.GOMAXPROCS(0)/groups, len(base)/lanes))
	d.scratch().each(groups*cuts, func(s *denseScratch, i int) {
		first, cut := i/cuts*panelsOnce, i%cuts
		lo, hi := cut*len(base)/cuts, (cut+1)*len(base)/cuts
		f(s, first, min(panelsOnce, panels(n)-first), base[lo:hi], lo)
	})
}

// scratch returns d.free, ready for use.
func (d *Dense) scratch() *pool[denseScratch] {
	if d.free.make == nil {
		d.free.make = func() *denseScratch { return new(denseScratch) }
	}
	return &d.free
}
