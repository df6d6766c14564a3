package kernel

// patches is the scratch of a convolution by matrix products.
type patches struct {
	of      [blocks][]float32 // one sample's patches for each block of the batch
	partial [blocks][]float32 // the weight gradient of each block
}

// patchForward computes y: each sample becomes a matrix of patches (C·KH·KW ×
// OH·OW) and the sum a matrix product.
func (c *Conv) patchForward(y, x, w, bias []float32) {
	p, q := c.taps(), c.pixels()
	c.eachPatch(func(b, n int) {
		c.gather(c.patches.of[b], x[n*c.C*c.H*c.W:])
		out := y[n*c.K*q : (n+1)*c.K*q]
		for k := range c.K {
			fill(out[k*q:(k+1)*q], bias[k])
		}
		gemm(c.K, q, p, matrix{data: w, stride: p}, matrix{data: c.patches.of[b], stride: q}, matrix{data: out, stride: q}, true)
	})
}

// patchGradX computes the gradient of each patch and adds up those of a pixel.
func (c *Conv) patchGradX(dx, dy, w []float32) {
	p, q, size := c.taps(), c.pixels(), c.C*c.H*c.W
	c.eachPatch(func(b, n int) {
		gemm(p, q, c.K, matrix{data: w, stride: p, trans: true}, matrix{data: dy[n*c.K*q:], stride: q},
			matrix{data: c.patches.of[b], stride: q}, false)
		out := dx[n*size : (n+1)*size]
		clear(out)
		c.scatter(out, c.patches.of[b])
	})
}

// patchGradW multiplies dy with the patches, transposed.
func (c *Conv) patchGradW(dw, dy, x []float32) {
	p, q := c.taps(), c.pixels()
	for b := range c.patches.partial {
		c.patches.partial[b] = resize(c.patches.partial[b], c.K*p)
		clear(c.patches.partial[b])
	}
	c.eachPatch(func(b, n int) {
		c.gather(c.patches.of[b], x[n*c.C*c.H*c.W:])
		gemm(c.K, p, q, matrix{data: dy[n*c.K*q:], stride: q}, matrix{data: c.patches.of[b], stride: q, trans: true},
			matrix{data: c.patches.partial[b], stride: p}, true)
	})
	reduce(dw, c.patches.partial[:])
}

// eachPatch is eachSample with room for the patches.
func (c *Conv) eachPatch(f func(b, n int)) {
	for b := range c.patches.of {
		c.patches.of[b] = resize(c.patches.of[b], c.taps()*c.pixels())
	}
	c.eachSample(f)
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
