package kernel

// Conv is a two-dimensional convolution as networks use the word (a
// cross-correlation) and owns the scratch its methods need, so one Conv serves
// one goroutine at a time.
//
//	x  N×C×H×W, w K×C×KH×KW, bias K, y N×K×OH×OW
//	y[n,k,i,j] = bias[k] + Σ_{c,r,s} w[k,c,r,s] · x[n, c, i·Stride+r-Pad, j·Stride+s-Pad]
//
// where pixels outside x are zero.
type Conv struct {
	N, C, H, W  int
	K, KH, KW   int
	Stride, Pad int

	sums    [blocks][]float32 // of dy, for each block of the batch
	patches patches
	direct  *direct   // nil until it is used
	tiles   *winograd // likewise
}

// OutH is the height of y.
func (c *Conv) OutH() int { return (c.H+2*c.Pad-c.KH)/c.Stride + 1 }

// OutW is the width of y.
func (c *Conv) OutW() int { return (c.W+2*c.Pad-c.KW)/c.Stride + 1 }

func (c *Conv) taps() int   { return c.C * c.KH * c.KW }
func (c *Conv) pixels() int { return c.OutH() * c.OutW() }

// Forward computes y.
func (c *Conv) Forward(y, x, w, bias []float32) {
	switch {
	case avx2 && c.tiled():
		c.byTiles().forward(y, x, w, bias)
	case avx2:
		c.directly().forward(y, x, w, bias)
	default:
		c.patchForward(y, x, w, bias)
	}
}

// GradX computes dx, the gradient with respect to x, from dy: the full
// convolution of dy with the flipped w.
func (c *Conv) GradX(dx, dy, w []float32) {
	switch {
	case avx2 && c.tiled():
		c.byTiles().gradX(dx, dy, w)
	case avx2:
		c.directly().gradX(dx, dy, w)
	default:
		c.patchGradX(dx, dy, w)
	}
}

// GradW computes dw, the gradient with respect to w, from dy: the correlation
// of x with dy, summed over the batch.
func (c *Conv) GradW(dw, dy, x []float32) {
	switch {
	case avx2 && c.tiled():
		c.byTiles().gradW(dw, dy, x)
	case avx2:
		c.directly().gradW(dw, dy, x)
	default:
		c.patchGradW(dw, dy, x)
	}
}

// GradBias computes db[k] = Σ dy[n,k,i,j] over n, i and j.
func (c *Conv) GradBias(db, dy []float32) {
	q := c.pixels()
	for b := range c.sums {
		c.sums[b] = resize(c.sums[b], c.K)
		clear(c.sums[b])
	}
	c.eachSample(func(b, n int) {
		for k := range c.K {
			c.sums[b][k] += sum(dy[(n*c.K+k)*q:][:q])
		}
	})
	reduce(db, c.sums[:])
}

// eachSample calls f(block, sample) for every sample, those of one block one
// after another.
func (c *Conv) eachSample(f func(b, n int)) {
	Parallel(blocks, func(b int) {
		for n, hi := block(b, c.N); n < hi; n++ {
			f(b, n)
		}
	})
}
