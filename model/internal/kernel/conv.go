package kernel

// Conv is a two-dimensional convolution as networks use the word (a
// cross-correlation) and owns the scratch its methods need, so one Conv serves
// one goroutine at a time.
//
//	x  N×C×H×W, w K×C×KH×KW, bias K, y N×K×OH×OW
//	y[n,k,i,j] = bias[k] + Σ_{c,r,s} w[k,c,r,s] · x[n, c, i·Stride+r-Pad, j·Stride+s-Pad]
//
// where pixels outside x are zero. Each sample becomes a matrix of patches
// (C·KH·KW × OH·OW) and the sum a matrix product.
type Conv struct {
	N, C, H, W  int
	K, KH, KW   int
	Stride, Pad int

	patches [blocks][]float32 // one sample's patches for each block of the batch
	partial [blocks][]float32 // the weight gradient of each block
}

// OutH is the height of y.
func (c *Conv) OutH() int { return (c.H+2*c.Pad-c.KH)/c.Stride + 1 }

// OutW is the width of y.
func (c *Conv) OutW() int { return (c.W+2*c.Pad-c.KW)/c.Stride + 1 }

func (c *Conv) patchSize() int { return c.C * c.KH * c.KW }
func (c *Conv) pixels() int    { return c.OutH() * c.OutW() }

// Forward computes y.
func (c *Conv) Forward(y, x, w, bias []float32) {
	p, q := c.patchSize(), c.pixels()
	c.eachSample(func(b, n int) {
		c.gather(c.patches[b], x[n*c.C*c.H*c.W:])
		out := y[n*c.K*q : (n+1)*c.K*q]
		for k := range c.K {
			fill(out[k*q:(k+1)*q], bias[k])
		}
		gemm(c.K, q, p, matrix{data: w, stride: p}, matrix{data: c.patches[b], stride: q}, matrix{data: out, stride: q}, true)
	})
}

// GradX computes dx, the gradient with respect to x, from dy: the full
// convolution of dy with the flipped w.
func (c *Conv) GradX(dx, dy, w []float32) {
	p, q, size := c.patchSize(), c.pixels(), c.C*c.H*c.W
	c.eachSample(func(b, n int) {
		gemm(p, q, c.K, matrix{data: w, stride: p, trans: true}, matrix{data: dy[n*c.K*q:], stride: q},
			matrix{data: c.patches[b], stride: q}, false)
		out := dx[n*size : (n+1)*size]
		clear(out)
		c.scatter(out, c.patches[b])
	})
}

// GradW computes dw, the gradient with respect to w, from dy: the correlation
// of x with dy, summed over the batch.
func (c *Conv) GradW(dw, dy, x []float32) {
	p, q := c.patchSize(), c.pixels()
	for b := range c.partial {
		c.partial[b] = resize(c.partial[b], c.K*p)
		clear(c.partial[b])
	}
	c.eachSample(func(b, n int) {
		c.gather(c.patches[b], x[n*c.C*c.H*c.W:])
		gemm(c.K, p, q, matrix{data: dy[n*c.K*q:], stride: q}, matrix{data: c.patches[b], stride: q, trans: true},
			matrix{data: c.partial[b], stride: p}, true)
	})
	reduce(dw, c.partial[:])
}

// GradBias computes db[k] = Σ dy[n,k,i,j] over n, i and j.
func (c *Conv) GradBias(db, dy []float32) {
	q := c.pixels()
	for k := range c.K {
		var sum float32
		for n := range c.N {
			var part float32
			for _, v := range dy[(n*c.K+k)*q:][:q] {
				part += v
			}
			sum += part
		}
		db[k] = sum
	}
}

// eachSample calls f(block, sample) for every sample, those of one block one
// after another.
func (c *Conv) eachSample(f func(b, n int)) {
	for b := range c.patches {
		c.patches[b] = resize(c.patches[b], c.patchSize()*c.pixels())
	}
	Parallel(blocks, func(b int) {
		for n, hi := block(b, c.N); n < hi; n++ {
			f(b, n)
		}
	})
}

// gather copies the patches of one sample x (C×H×W): row (c,r,s) of p holds,
// for every output pixel, the input pixel that w[·,c,r,s] meets there.
func (c *Conv) gather(p, x []float32) {
	c.eachRun(func(patch, source, n int) {
		dst, src := p[patch:patch+n], x[source:]
		for j := range dst {
			dst[j] = src[j*c.Stride]
		}
	}, func(patch, n int) { clear(p[patch : patch+n]) })
}

// scatter adds patches back to the pixels of x (C×H×W) they were taken from.
func (c *Conv) scatter(x, p []float32) {
	c.eachRun(func(patch, source, n int) {
		src, dst := p[patch:patch+n], x[source:]
		for j, v := range src {
			dst[j*c.Stride] += v
		}
	}, func(patch, n int) {})
}

// eachRun walks the patch matrix of one sample. It calls inside for each run of
// n entries, at patch, whose pixels lie in the image from source on, Stride
// apart, and outside for each run that lies in the padding.
func (c *Conv) eachRun(inside func(patch, source, n int), outside func(patch, n int)) {
	oh, ow := c.OutH(), c.OutW()
	at := 0
	for ch := range c.C {
		for r := range c.KH {
			for s := range c.KW {
				// output columns lo … hi-1 see a pixel of the image
				lo := min(ow, max(0, (c.Pad-s+c.Stride-1)/c.Stride))
				hi := max(lo, min(ow, (c.W-1+c.Pad-s+c.Stride)/c.Stride))
				for i := range oh {
					row := i*c.Stride + r - c.Pad
					if row < 0 || row >= c.H || lo == hi {
						outside(at, ow)
					} else {
						outside(at, lo)
						inside(at+lo, (ch*c.H+row)*c.W+lo*c.Stride+s-c.Pad, hi-lo)
						outside(at+hi, ow-hi)
					}
					at += ow
				}
			}
		}
	}
}

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}

// reduce sets dst to the sum of the parts, added in their order.
func reduce(dst []float32, parts [][]float32) {
	copy(dst, parts[0])
	for _, part := range parts[1:] {
		for i, v := range part {
			dst[i] += v
		}
	}
}

// resize returns a slice of length n, x itself if it is large enough.
func resize(x []float32, n int) []float32 {
	if cap(x) < n {
		return make([]float32, n)
	}
	return x[:n]
}
