package kernel

// direct is a convolution straight from a padded copy of each sample, without a
// matrix of patches. In each of the three products the lanes of a panel are 16
// output channels (input channels for dx) and pixels are broadcast:
//
//	y:  rows are output pixels, steps are taps (c,r,s)
//	dx: rows are input pixels, steps are taps (k,r,s) of the flipped kernel over
//	    dy, spread out by the stride
//	dw: rows are taps, steps are output pixels
//
// It is scratch and tables of one Conv.
type direct struct {
	*Conv
	in, out image // x with its padding; dy spread and padded for dx

	taps, pixels       []int32 // offsets in in
	backTaps, backGrid []int32 // offsets in out
	weights, bias      []float32
	images, outs       [blocks][]float32
	tile               [blocks][]float32 // panelRows×16
	partial            [blocks][]float32 // of dw, panels(K)×taps×16
}

// directly returns c.direct, made at the first call.
func (c *Conv) directly() *direct {
	if c.direct != nil {
		return c.direct
	}
	d := &direct{Conv: c, in: newImage(c.C, c.H+2*c.Pad, c.W+2*c.Pad), out: newImage(c.K, c.H+c.KH-1, c.W+c.KW-1)}
	d.taps, d.pixels = d.in.window(c.KH, c.KW, false), d.in.grid(c.OutH(), c.OutW(), c.Stride)
	d.backTaps, d.backGrid = d.out.window(c.KH, c.KW, true), d.out.grid(c.H, c.W, 1)
	d.bias = resize(nil, panels(c.K)*lanes)
	for b := range blocks {
		d.tile[b] = resize(nil, panelRows*lanes)
	}
	c.direct = d
	return d
}

// forward computes y.
func (d *direct) forward(y, x, w, bias []float32) {
	taps := len(d.taps)
	d.weights = resize(d.weights, panels(d.K)*taps*lanes)
	for k := 0; k < d.K; k += lanes {
		transpose(d.weights[k*taps:], lanes, w[k*taps:], taps, min(lanes, d.K-k), taps)
	}
	copy(d.bias, bias)
	d.eachSample(func(b, n int) {
		d.correlate(y[n*d.K*len(d.pixels):], d.K, d.bias, d.padded(b, n, x), d.pixels, d.taps, d.tile[b])
	})
}

// gradX computes dx.
func (d *direct) gradX(dx, dy, w []float32) {
	window, taps := d.KH*d.KW, len(d.backTaps)
	d.weights = resize(d.weights, panels(d.C)*taps*lanes)
	for c := 0; c < d.C; c += lanes {
		for k := range d.K {
			transpose(d.weights[c*taps+k*window*lanes:], lanes, w[(k*d.C+c)*window:], window, min(lanes, d.C-c), window)
		}
	}
	d.eachSample(func(b, n int) {
		d.outs[b] = resize(d.outs[b], d.out.size()) // its border stays zero
		q := d.OutH() * d.OutW()
		d.out.fill(d.outs[b], dy[n*d.K*q:], d.OutH(), d.OutW(), d.KH-1-d.Pad, d.KW-1-d.Pad, d.Stride)
		d.correlate(dx[n*d.C*d.H*d.W:], d.C, nil, d.outs[b], d.backGrid, d.backTaps, d.tile[b])
	})
}

// gradW computes dw.
func (d *direct) gradW(dw, dy, x []float32) {
	taps, q := len(d.taps), len(d.pixels)
	for b := range d.partial {
		d.partial[b] = resize(d.partial[b], panels(d.K)*taps*lanes)
		clear(d.partial[b])
	}
	d.eachSample(func(b, n int) {
		image, tile := d.padded(b, n, x), d.tile[b]
		for k := 0; k < d.K; k += lanes {
			part := d.partial[b][k*taps:]
			parts(q, panelRows, 8, func(lo, hi int) {
				transpose(tile, lanes, dy[(n*d.K+k)*q+lo:], q, min(lanes, d.K-k), hi-lo)
				panel(part, lanes, part, lanes, image, d.taps, d.pixels[lo:hi], tile)
			})
		}
	})
	for b := 1; b < blocks; b++ {
		add(d.partial[0], d.partial[b])
	}
	for k := 0; k < d.K; k += lanes {
		transpose(dw[k*taps:], taps, d.partial[0][k*taps:], lanes, taps, min(lanes, d.K-k))
	}
}

// padded returns sample n of x with its border of zeros.
func (d *direct) padded(b, n int, x []float32) []float32 {
	d.images[b] = resize(d.images[b], d.in.size()) // its border stays zero
	d.in.fill(d.images[b], x[n*d.C*d.H*d.W:], d.H, d.W, d.Pad, d.Pad, 1)
	return d.images[b]
}

// zeros is the bias of dx.
var zeros [lanes]float32

// correlate computes, for k < maps and every pixel p,
//
//	y[k,p] = bias[k] + Σ_t x[pixels[p]+taps[t]] · weights[k/16, t, k%16]
//
// where no bias is 0.
func (d *direct) correlate(y []float32, maps int, bias, x []float32, pixels, taps []int32, tile []float32) {
	for k := 0; k < maps; k += lanes {
		weights, start := d.weights[k*len(taps):], zeros[:]
		if bias != nil {
			start = bias[k:]
		}
		parts(len(pixels), panelRows, 24, func(lo, hi int) {
			init, ldi := start, 0
			parts(len(taps), panelSteps, 1, func(first, last int) {
				panel(tile, lanes, init, ldi, x, pixels[lo:hi], taps[first:last], weights[first*lanes:])
				init, ldi = tile, lanes
			})
			transpose(y[k*len(pixels)+lo:], len(pixels), tile, lanes, hi-lo, min(lanes, maps-k))
		})
	}
}
