package kernel

import "math"

// Conv is a two-dimensional convolution in the sense of neural networks (a
// cross-correlation). It owns the scratch that its methods need, so one Conv serves one
// goroutine at a time.
//
//	x  N×C×H×W, w K×C×KH×KW, bias K, maps N×K×OH×OW
//	maps[n,k,i,j] = bias[k] + Σ_{c,r,s} w[k,c,r,s] · x[n, c, i·Stride[0]+r·Dilation[0]-Pad[0], j·Stride[1]+s·Dilation[1]-Pad[2]]
//
// where pixels outside x are zero. y is the maps or, if Pool is set, the maps after
// the rectifier and max-pooling with 2×2 windows, 2 apart. With Pool, y is computed
// while part of the maps is in the cache, and the maps of a batch are never stored.
//
// Two convolutions can exchange arrays in panels, N×⌈C/16⌉×H×W×16, which spares both a
// transposition: y and dy of one that PoolsPanels, x and dx of one that TakesPanels. What is in
// the lanes beyond the last channel means nothing.
type Conv struct {
	N, C, H, W int
	K, KH, KW  int
	Stride     [2]int // down and across, at least 1
	Dilation   [2]int // at least 1
	Pad        [4]int // rows above and below, columns left and right
	Pool       bool
	PanelX     bool // x and dx are in panels
	PanelY     bool // y and dy are in panels

	choice   []byte    // with Pool: which pixel of its window each y of the last Forward is; 4 if y is 0
	sums     []float64 // of dy, with Pool only where y is not 0, for each map: N × panels of K × 16
	sumsOf   *float32  // the dy that sums are of
	patches  *patches  // nil until first used, like the next three
	direct   *direct
	winograd *winograd
	chosen   *chosen
}

// Pooled returns the same convolution, pooled, with scratch of its own.
func (c *Conv) Pooled() *Conv {
	return &Conv{N: c.N, C: c.C, H: c.H, W: c.W, K: c.K, KH: c.KH, KW: c.KW, Stride: c.Stride, Dilation: c.Dilation, Pad: c.Pad, Pool: true, PanelX: c.PanelX}
}

// mapH returns the height of the maps.
func (c *Conv) mapH() int { return (c.paddedH()-c.spanH())/c.Stride[0] + 1 }

// mapW returns the width of the maps.
func (c *Conv) mapW() int { return (c.paddedW()-c.spanW())/c.Stride[1] + 1 }

func (c *Conv) paddedH() int { return c.H + c.Pad[0] + c.Pad[1] }
func (c *Conv) paddedW() int { return c.W + c.Pad[2] + c.Pad[3] }

// spanH and spanW are the size of what a kernel covers.
func (c *Conv) spanH() int { return (c.KH-1)*c.Dilation[0] + 1 }
func (c *Conv) spanW() int { return (c.KW-1)*c.Dilation[1] + 1 }

// dense reports whether neighbouring windows overlap by all but one row or column, and have
// no holes.
func (c *Conv) dense() bool { return c.Stride == [2]int{1, 1} && c.Dilation == [2]int{1, 1} }

// pools3x3 reports whether there are functions for the pixels that a pooled 3×3 convolution of
// stride 1 chooses.
func (c *Conv) pools3x3() bool {
	return using >= avx2 && c.Pool && c.KH == 3 && c.KW == 3 && c.dense()
}

// Fits reports whether the kernel fits into the padded x.
func (c *Conv) Fits() bool { return c.spanH() <= c.paddedH() && c.spanW() <= c.paddedW() }

// OutH returns the height of y.
func (c *Conv) OutH() int {
	if c.Pool {
		return c.mapH() / 2
	}
	return c.mapH()
}

// OutW returns the width of y.
func (c *Conv) OutW() int {
	if c.Pool {
		return c.mapW() / 2
	}
	return c.mapW()
}

// Shape returns the shape of y.
func (c *Conv) Shape() []int {
	if c.PanelY {
		return []int{c.N, panels(c.K), c.OutH(), c.OutW(), lanes}
	}
	return []int{c.N, c.K, c.OutH(), c.OutW()}
}

// Unpack copies y, in panels, to maps, N×K×OH×OW.
func (c *Conv) Unpack(maps, y []float32) {
	q := c.outs()
	for n := range c.N {
		for p := range panels(c.K) {
			transpose(maps[(n*c.K+p*lanes)*q:], q, y[c.outAt(n, p):], lanes, q, width(c.K, p))
		}
	}
}

// usedH returns the number of rows of the maps that y depends on.
func (c *Conv) usedH() int {
	if c.Pool {
		return 2 * c.OutH()
	}
	return c.OutH()
}

// usedW returns the number of columns of the maps that y depends on.
func (c *Conv) usedW() int {
	if c.Pool {
		return 2 * c.OutW()
	}
	return c.OutW()
}

func (c *Conv) taps() int { return c.C * c.KH * c.KW }

// outs returns the number of entries of one map of y.
func (c *Conv) outs() int { return c.OutH() * c.OutW() }

// algorithm is a way to compute a convolution and its gradients.
type algorithm interface {
	forward(y, x, w, bias []float32)
	gradX(dx, dy, w, x []float32)
	gradW(dw, dy, x []float32)
}

// algorithm returns the algorithm for this shape and processor.
func (c *Conv) algorithm() algorithm {
	switch {
	case using < neon:
		return c.byPatches()
	case c.suitsChosen():
		return c.byChosen()
	case c.TakesPanels():
		return c.byWinograd()
	}
	return c.directly()
}

// Forward computes y.
func (c *Conv) Forward(y, x, w, bias []float32) {
	if size := c.N * panels(c.K) * lanes * c.outs(); c.Pool && len(c.choice) < size {
		c.choice = make([]byte, size)
	}
	c.sumsOf = nil
	c.algorithm().forward(y, x, w, bias)
}

// GradX computes dx, the gradient with respect to x, from dy: the full convolution of
// the maps' gradient with the flipped w. All gradients refer to the last Forward, and x is
// that of it.
func (c *Conv) GradX(dx, dy, w, x []float32) { c.algorithm().gradX(dx, dy, w, x) }

// TakesPanels reports whether PanelX may be set.
func (c *Conv) TakesPanels() bool { return using >= avx2 && c.suitsWinograd() }

// PoolsPanels reports whether PanelY may be set.
func (c *Conv) PoolsPanels() bool { return using >= avx2 && c.Pool }

// GradientsTogether reports whether GradX does some or most of the work of GradW, so that
// GradW should come after it.
func (c *Conv) GradientsTogether() bool { return c.TakesPanels() || c.suitsChosen() }

// GradW computes dw, the gradient with respect to w, from dy: the correlation of x
// with the maps' gradient, summed over the batch.
func (c *Conv) GradW(dw, dy, x []float32) { c.algorithm().gradW(dw, dy, x) }

// Addressable reports whether the offsets within a sample and within the gradient of
// its maps, both with their borders, fit in 32 bits, as the loops require.
func (c *Conv) Addressable() bool {
	floats := func(channels, h, w int) float64 { return float64(channels) * (float64(h)*float64(w) + 32) }
	return max(floats(c.C, c.paddedH(), c.paddedW()), floats(c.K, c.H+c.spanH()-1, c.W+c.spanW()-1)) <= math.MaxInt32
}

// GradBias computes db[k] = Σ dy[n,k,i,j] over n, i and j; with Pool, only where y is not 0.
// It is quick after GradW of the same dy.
func (c *Conv) GradBias(db, dy []float32) {
	if c.sumsOf != &dy[0] {
		c.sum(dy)
	}
	c.sumsOf = nil
	for k := range db {
		var total float64
		for b := range blocks {
			var sum float64
			for n, hi := block(b, c.N); n < hi; n++ {
				sum = rounded(sum + c.mapSums(n, k/lanes)[k%lanes])
			}
			total = rounded(total + sum)
		}
		db[k] = float32(total)
	}
}

// sum sums dy.
func (c *Conv) sum(dy []float32) {
	c.clearSums(dy)
	if using < neon {
		p := c.byPatches()
		c.eachSample(func(_, n int) { p.sumMaps(n, dy) })
		return
	}
	ld := c.usedW() * lanes
	rows, pooled := make([]float32, c.usedH()*ld), make([]float32, c.outs()*lanes)
	for n := range c.N {
		for p := range panels(c.K) {
			c.take(rows, ld, dy, n, p, 0, c.usedH(), pooled, c.mapSums(n, p))
		}
	}
}

// mapSums returns the sums of panel p and sample n.
func (c *Conv) mapSums(n, p int) []float64 {
	return c.sums[(n*panels(c.K)+p)*lanes:][:lanes]
}

// clearSums begins the sums of dy.
func (c *Conv) clearSums(dy []float32) {
	c.sumsOf = &dy[0]
	c.sums = append(c.sums[:0], make([]float64, c.N*panels(c.K)*lanes)...)
}

// eachSample calls f(block, sample) for every sample. The calls for one block come one
// after another.
func (c *Conv) eachSample(f func(b, n int)) {
	parallel(blocks, func(b int) {
		for n, hi := block(b, c.N); n < hi; n++ {
			f(b, n)
		}
	})
}
