package kernel

import "runtime"

// direct computes a convolution straight from a padded copy of each sample, without a
// matrix of patches. In each of the three products, the lanes of a panel are 16
// output channels (input channels for dx), and pixels are broadcast:
//
//	y:  rows are output pixels, steps are taps (c,r,s)
//	dx: rows are input pixels, steps are taps (k,r,s) of the flipped kernel over
//	    the maps' gradient, spread out by the stride
//	dw: rows are taps, steps are output pixels
//
// It holds the scratch and the tables of one Conv.
type direct struct {
	*Conv
	in, out image // x with its padding; the maps' gradient, spread and padded for dx

	taps, pixels       []int32 // offsets in in; pixels of the rows and columns that y depends on
	backTaps, backGrid []int32 // offsets in out
	weights, bias      []float32
	partial            [blocks][]float32 // of dw, panels(K)×taps×16
	free               pool[directScratch]
}

// directScratch is the working memory of one goroutine.
type directScratch struct {
	image, spread, maps []float32
	tile                []float32 // panelsOnce × pixels of some rows × 16
	pooled              []float32 // panels of K × pixels × 16
	few                 []float32 // channels × pixels of some rows, or V
}

// directly returns c.direct, made at the first call.
func (c *Conv) directly() *direct {
	if c.direct != nil {
		return c.direct
	}
	d := &direct{Conv: c, in: newImage(c.C, c.paddedH(), c.paddedW()), out: newImage(c.K, c.H+c.spanH()-1, c.W+c.spanW()-1)}
	d.taps, d.pixels = d.in.window(c.KH, c.KW, c.Dilation, false), d.in.grid(c.usedH(), c.usedW(), c.Stride)
	d.backTaps, d.backGrid = d.out.window(c.KH, c.KW, c.Dilation, true), d.out.grid(c.H, c.W, [2]int{1, 1})
	d.bias = resize(nil, panels(c.K)*lanes)
	d.free.make = func() *directScratch {
		return &directScratch{
			tile:   resize(nil, panelsOnce*lanes*max(panelRows, 2*c.W, 2*c.usedW())),
			pooled: resize(nil, panels(c.K)*c.outs()*lanes),
		}
	}
	c.direct = d
	return d
}

// forward computes y.
func (d *direct) forward(y, x, w, bias []float32) {
	taps := len(d.taps)
	copy(d.bias, bias)
	if d.pooledAtOnce() {
		d.weights = d.squares(d.weights, w)
		d.free.each(d.N, func(s *directScratch, n int) { d.forwardPooled(y, n, s, d.padded(s, n, x)) })
		return
	}
	d.weights = resize(d.weights, panels(d.K)*taps*lanes)
	for p := range panels(d.K) {
		transpose(d.weights[p*lanes*taps:], lanes, w[p*lanes*taps:], taps, width(d.K, p), taps)
	}
	d.free.each(d.N, func(s *directScratch, n int) {
		ld := d.usedW() * lanes
		d.correlate(d.K, d.bias, d.padded(s, n, x), d.pixels, d.taps, d.usedW(), s.tile, func(p, lo, hi int, rows []float32) {
			d.put(y, n, p, lo, hi, rows, ld, s.pooled)
		})
	})
}

// pooledAtOnce reports whether convPool can compute y.
func (d *direct) pooledAtOnce() bool { return d.pools3x3() && (d.C == 1 || d.C == 3) }

// squares computes U for convPool from w, in panels: place × channel × 16.
func (d *direct) squares(u, w []float32) []float32 {
	u = resize(u, panels(d.K)*16*d.C*lanes)
	for k := range d.K {
		for c := range d.C {
			to := u[(k/lanes*16*d.C+c)*lanes+k%lanes:]
			var e [4][3]float32
			for j := range 3 {
				e[0][j], e[1][j], e[2][j], e[3][j] = square(w[(k*d.C+c)*9+j:], 3)
			}
			for i := range e {
				var v [4]float32
				v[0], v[1], v[2], v[3] = square(e[i][:], 1)
				for j, v := range v {
					to[(4*i+j)*d.C*lanes] = v
				}
			}
		}
	}
	return u
}

// square computes G of three numbers, ld apart.
func square(w []float32, ld int) (a, b, c, d float32) {
	sum := (w[0] + w[2*ld]) / 2
	return w[0], sum + w[ld]/2, sum - w[ld]/2, w[2*ld]
}

// forwardPooled computes sample n of y from its image, without maps in between.
func (d *direct) forwardPooled(y []float32, n int, s *directScratch, image []float32) {
	q, ld := d.outs(), ceil(2*d.OutW(), lanes)
	s.few = resize(s.few, d.C*12*ld)
	for i := range d.OutH() {
		for c := range d.C {
			squares(s.few[c*12*ld:], ld, image[c*d.in.plane+2*i*d.in.w:], d.in.w, ld)
		}
		for p := range panels(d.K) {
			at, to := i*d.OutW()*lanes, s.pooled[p*q*lanes:]
			if d.PanelY {
				to = y[d.outAt(n, p):]
			}
			convPool(to[at:], d.chosenOf(n, p)[at:], s.few, ld, d.weights[p*16*d.C*lanes:], d.bias[p*lanes:], d.C, d.OutW())
		}
	}
	for p := 0; p < panels(d.K) && !d.PanelY; p++ {
		transpose(y[d.outAt(n, p):], q, s.pooled[p*q*lanes:], lanes, q, width(d.K, p))
	}
}

// gradX computes dx.
func (d *direct) gradX(dx, dy, w, _ []float32) {
	if d.C <= 3 && using >= avx2 {
		d.gradFewX(dx, dy, w)
		return
	}
	window, taps, size := d.KH*d.KW, len(d.backTaps), d.H*d.W
	d.weights = resize(d.weights, panels(d.C)*taps*lanes)
	for p := range panels(d.C) {
		for k := range d.K {
			transpose(d.weights[(p*taps+k*window)*lanes:], lanes, w[(k*d.C+p*lanes)*window:], window, width(d.C, p), window)
		}
	}
	d.free.each(d.N, func(s *directScratch, n int) {
		d.correlate(d.C, nil, d.spreadOut(s, n, dy), d.backGrid, d.backTaps, d.W, s.tile, func(p, lo, hi int, rows []float32) {
			transpose(dx[(n*d.C+p*lanes)*size+lo*d.W:], size, rows, lanes, (hi-lo)*d.W, width(d.C, p))
		})
	})
}

// spreadOut returns the gradient of the maps of sample n, spread and padded for dx, with
// room behind it for the reads of fewChannels.
func (d *direct) spreadOut(s *directScratch, n int, dy []float32) []float32 {
	s.spread = resize(s.spread, d.out.size()+lanes) // its border stays zero
	d.out.fill(s.spread, d.gradMaps(s, n, dy), d.mapH(), d.mapW(), d.spanH()-1-d.Pad[0], d.spanW()-1-d.Pad[2], d.Stride)
	return s.spread
}

// gradFewX computes dx of one to three channels: neighbouring pixels, not channels, lie in
// the lanes of a vector.
func (d *direct) gradFewX(dx, dy, w []float32) {
	window, taps, vector, most := d.KH*d.KW, len(d.backTaps), 8, 4
	if using >= avx512 {
		vector, most = 16, 8
	}
	d.weights = resize(d.weights, taps*d.C)
	for k := range d.K {
		for c := range d.C {
			for t, v := range w[(k*d.C+c)*window:][:window] {
				d.weights[(k*window+t)*d.C+c] = v
			}
		}
	}
	columns := (d.W + vector - 1) / vector
	spans := d.H * columns
	d.free.each(d.N, func(s *directScratch, n int) {
		x, out := d.spreadOut(s, n, dy), resize(s.few, d.C*most*vector)
		s.few = out
		for first := 0; first < spans; first += most {
			var base [8]int32
			for j := range base {
				span := min(first+j, spans-1)
				base[j] = d.backGrid[span/columns*d.W] + int32(span%columns*vector)
			}
			few(out, most*vector, x, base[:most], d.backTaps, d.weights, d.C)
			for j := range min(most, spans-first) {
				row, col := (first+j)/columns, (first+j)%columns*vector
				for c := range d.C {
					copy(dx[((n*d.C+c)*d.H+row)*d.W+col:][:min(vector, d.W-col)], out[(c*most+j)*vector:])
				}
			}
		}
	})
}

// few computes, for few channels, c[i,j,k] = Σ_t w[t,i] · x[base[j]+off[t]+k].
func few(c []float32, channel int, x []float32, base, off []int32, w []float32, channels int) {
	_, _ = c[(channels-1)*channel+channel-1], w[len(off)*channels-1]
	if using >= avx512 {
		fewChannelsAVX512(&c[0], channel, &x[0], &base[0], &off[0], &w[0], channels, len(off))
	} else {
		fewChannelsAVX2(&c[0], channel, &x[0], &base[0], &off[0], &w[0], channels, len(off))
	}
}

// gradMaps returns the gradient of the maps of sample n, K×OH×OW.
func (d *direct) gradMaps(s *directScratch, n int, dy []float32) []float32 {
	if !d.Pool {
		return dy[n*d.K*d.outs():]
	}
	size, w := d.mapH()*d.mapW(), d.usedW()
	s.maps = resize(s.maps, d.K*size) // what no window reaches stays zero
	for p := range panels(d.K) {
		d.eachRows(d.usedH(), w, func(lo, hi int) {
			d.take(s.tile, w*lanes, dy, n, p, lo, hi, s.pooled, nil)
			for r := range hi - lo {
				transpose(s.maps[p*lanes*size+(lo+r)*d.mapW():], size, s.tile[r*w*lanes:], lanes, w, width(d.K, p))
			}
		})
	}
	return s.maps
}

// gradW computes dw.
func (d *direct) gradW(dw, dy, x []float32) {
	taps, w := len(d.taps), d.usedW()
	d.clearSums(dy)
	clearParts(&d.partial, panels(d.K)*taps*lanes)
	pairs := (panels(d.K) + panelsOnce - 1) / panelsOnce
	cuts := max(1, min(pairs, runtime.GOMAXPROCS(0)/blocks)) // of the panels, for more cores than blocks
	d.free.each(blocks*cuts, func(s *directScratch, unit int) {
		b, cut := unit/cuts, unit%cuts
		for n, hi := block(b, d.N); n < hi; n++ {
			image := d.padded(s, n, x)
			for pair := cut * pairs / cuts; pair < (cut+1)*pairs/cuts; pair++ {
				first := pair * panelsOnce
				count := min(panelsOnce, panels(d.K)-first)
				part := grid{d.partial[b][first*taps*lanes:], lanes, taps * lanes}
				if d.pools3x3() {
					for p := range count {
						d.sumChosen(part.data[p*part.panel:], image, dy, n, first+p, s.pooled)
					}
					continue
				}
				d.eachRows(d.usedH(), w, func(lo, hi int) {
					rows := grid{s.tile, lanes, (hi - lo) * w * lanes}
					for p := range count {
						d.take(s.tile[p*rows.panel:], w*lanes, dy, n, first+p, lo, hi, s.pooled, d.mapSums(n, first+p))
					}
					multiply(count, part, part, image, d.taps, d.pixels[lo*w:hi*w], rows)
				})
			}
		}
	})
	reduce(d.partial[0], d.partial[:])
	for p := range panels(d.K) {
		transpose(dw[p*lanes*taps:], taps, d.partial[0][p*lanes*taps:], lanes, taps, width(d.K, p))
	}
}

// sumChosen adds to panel p of dw what sample n contributes: the products of the pixels that were
// the maxima of their windows.
func (d *direct) sumChosen(dw, image, dy []float32, n, p int, pooled []float32) {
	q, in, choice := d.outs(), dy[d.outAt(n, p):], d.chosenOf(n, p)
	if !d.PanelY {
		transpose(pooled, lanes, in, q, width(d.K, p), q)
		in = pooled
	}
	sumChosen(d.mapSums(n, p), in, choice, q)
	for c := range d.C {
		sumChannel(dw[c*9*lanes:], image[c*d.in.plane:], d.in.w, in, choice, d.OutH(), d.OutW())
	}
}

// padded returns sample n of x with its border of zeros.
func (d *direct) padded(s *directScratch, n int, x []float32) []float32 {
	s.image = resize(s.image, d.in.size()+2*lanes) // its border stays zero; squares reads beyond its end
	d.in.fill(s.image, x[n*d.C*d.H*d.W:], d.H, d.W, d.Pad[0], d.Pad[2], [2]int{1, 1})
	return s.image
}

// eachRows calls f for a few of h rows of w pixels at a time, always starting at an even
// row, as pooling requires.
func (d *direct) eachRows(h, w int, f func(lo, hi int)) {
	parts(h, max(2, panelRows/w&^1), 2, f)
}

// zeros is the initial value of products without a bias.
var zeros [panelsOnce * lanes]float32

// correlate computes, for rows of w pixels, k < maps and every pixel i,
//
//	bias[k] + Σ_t x[pixels[i]+taps[t]] · weights[k/16, t, k%16]
//
// where a nil bias counts as 0. It calls emit with the panel and some rows, 16 lanes a
// pixel.
func (d *direct) correlate(maps int, bias, x []float32, pixels, taps []int32, w int, tile []float32, emit func(p, lo, hi int, rows []float32)) {
	eachPanels(maps, func(first, count int) {
		start := grid{zeros[:], 0, lanes}
		if bias != nil {
			start.data = bias[first*lanes:]
		}
		d.eachRows(len(pixels)/w, w, func(lo, hi int) {
			init, rows := start, grid{tile, lanes, (hi - lo) * w * lanes}
			parts(len(taps), panelSteps, 1, func(t, last int) {
				weights := grid{data: d.weights[(first*len(taps)+t)*lanes:], panel: len(taps) * lanes}
				multiply(count, rows, init, x, pixels[lo*w:hi*w], taps[t:last], weights)
				init = rows
			})
			for p := range count {
				emit(first+p, lo, hi, tile[p*rows.panel:])
			}
		})
	})
}

// image is the geometry of one sample's channels with a border of zeros.
type image struct {
	c, h, w int // channels and the size with the border
	plane   int // from one channel to the next
}

// newImage keeps the planes an odd number of cache lines apart, so that the same
// pixel of many channels does not fall into few sets of the cache.
func newImage(c, h, w int) image {
	return image{c, h, w, spaced(h * w)}
}

// spaced rounds n floats up to an odd number of cache lines.
func spaced(n int) int {
	const line = 64 / 4
	return ((n+line-1)/line | 1) * line
}

func (m image) size() int { return m.c * m.plane }

// window returns the offsets of kh×kw pixels of every channel, by rows and columns apart,
// seen from any pixel, in the order c, r, s; rotated by half a turn if flip is set.
func (m image) window(kh, kw int, by [2]int, flip bool) []int32 {
	off := make([]int32, 0, m.c*kh*kw)
	for c := range m.c {
		for r := range kh {
			for s := range kw {
				row, col := r, s
				if flip {
					row, col = kh-1-r, kw-1-s
				}
				off = append(off, int32(c*m.plane+row*by[0]*m.w+col*by[1]))
			}
		}
	}
	return off
}

// grid returns the offsets of oh×ow pixels of a channel, stride rows and columns apart.
func (m image) grid(oh, ow int, stride [2]int) []int32 {
	off := make([]int32, 0, oh*ow)
	for i := range oh {
		for j := range ow {
			off = append(off, int32(i*stride[0]*m.w+j*stride[1]))
		}
	}
	return off
}

// fill copies planes of h×w pixels from src to dst: pixel i, j to row top+step[0]·i,
// column left+step[1]·j, unless that lies outside. The other pixels stay.
func (m image) fill(dst, src []float32, h, w, top, left int, step [2]int) {
	i0, i1 := inside(h, m.h, top, step[0])
	j0, j1 := inside(w, m.w, left, step[1])
	if i0 == i1 || j0 == j1 {
		return
	}
	for c := range m.c {
		to, from := dst[c*m.plane+(top+i0*step[0])*m.w+left+j0*step[1]:], src[(c*h+i0)*w+j0:]
		if step[1] == 1 {
			copyRows(to, step[0]*m.w, from, w, i1-i0, j1-j0)
			continue
		}
		for i := range i1 - i0 {
			for j, v := range from[i*w:][:j1-j0] {
				to[i*step[0]*m.w+j*step[1]] = v
			}
		}
	}
}

// inside returns the range of i < n for which 0 ≤ first+step·i < size.
func inside(n, size, first, step int) (lo, hi int) {
	if first < 0 {
		lo = min(n, (-first+step-1)/step)
	}
	return lo, max(lo, min(n, (size-first+step-1)/step))
}
