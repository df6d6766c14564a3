package kernel

// patches computes a convolution by matrix products, in plain Go.
type patches struct {
	*Conv
	of      [blocks][]float32 // one sample's patches for each block of the batch
	maps    [blocks][]float32 // one sample's maps before they are pooled
	partial [blocks][]float32 // the weight gradient of each block
}

// byPatches returns c.patches, made at the first call.
func (c *Conv) byPatches() *patches {
	if c.patches == nil {
		c.patches = &patches{Conv: c}
	}
	return c.patches
}

// forward computes y: each sample becomes a matrix of patches (C·KH·KW ×
// OH·OW) and the sum a matrix product.
func (c *patches) forward(y, x, w, bias []float32) {
	p, q := c.taps(), c.mapH()*c.mapW()
	c.eachPatch(func(b, n int) {
		c.im2col(c.of[b], x[n*c.C*c.H*c.W:])
		out := y[n*c.K*c.outs():]
		if c.Pool {
			out = c.maps[b]
		}
		for k := range c.K {
			fill(out[k*q:(k+1)*q], bias[k])
		}
		gemm(c.K, q, p, matrix{data: w, stride: p}, matrix{data: c.of[b], stride: q}, matrix{data: out, stride: q}, true)
		if c.Pool {
			c.poolMaps(y, n, out)
		}
	})
}

// gradX computes the gradient of each patch and adds up the entries of each pixel.
func (c *patches) gradX(dx, dy, w, _ []float32) {
	p, q, size := c.taps(), c.mapH()*c.mapW(), c.C*c.H*c.W
	c.eachPatch(func(b, n int) {
		gemm(p, q, c.K, matrix{data: w, stride: p, trans: true}, matrix{data: c.unpoolMaps(b, n, dy), stride: q},
			matrix{data: c.of[b], stride: q}, false)
		out := dx[n*size : (n+1)*size]
		clear(out)
		c.col2im(out, c.of[b])
	})
}

// gradW multiplies the maps' gradient by the transposed patches.
func (c *patches) gradW(dw, dy, x []float32) {
	p, q := c.taps(), c.mapH()*c.mapW()
	clearParts(&c.partial, c.K*p)
	c.clearSums(dy)
	c.eachPatch(func(b, n int) {
		c.sumMaps(n, dy)
		c.im2col(c.of[b], x[n*c.C*c.H*c.W:])
		gemm(c.K, p, q, matrix{data: c.unpoolMaps(b, n, dy), stride: q}, matrix{data: c.of[b], stride: q, trans: true},
			matrix{data: c.partial[b], stride: p}, true)
	})
	reduce(dw, c.partial[:])
}

// sumMaps sums dy of sample n, rounded to float32 at each step, as plain Go always has.
func (c *patches) sumMaps(n int, dy []float32) {
	for k := range c.K {
		sum, first := float32(0), (n*c.K+k)*c.outs()
		for i, v := range dy[first:][:c.outs()] {
			if !c.Pool || c.choice[first+i] < 4 {
				sum += v
			}
		}
		c.mapSums(n, k/lanes)[k%lanes] = float64(sum)
	}
}

// eachPatch is eachSample with room for the patches.
func (c *patches) eachPatch(f func(b, n int)) {
	q := c.mapH() * c.mapW()
	for b := range c.of {
		c.of[b] = resize(c.of[b], c.taps()*q)
		if c.Pool {
			c.maps[b] = resize(c.maps[b], c.K*q)
		}
	}
	c.eachSample(f)
}

// poolMaps rectifies and pools the maps of sample n.
func (c *patches) poolMaps(y []float32, n int, maps []float32) {
	w := c.mapW()
	c.eachWindow(n, func(out, first int) {
		best := 0
		for s := 1; s < 4; s++ {
			if v := maps[first+s/2*w+s%2]; v > maps[first+best/2*w+best%2] || v != v {
				best = s
			}
		}
		v := maps[first+best/2*w+best%2]
		if v <= 0 {
			best = 4
		}
		if v < 0 {
			v = 0
		}
		y[out], c.choice[out] = v, byte(best)
	})
}

// unpoolMaps returns the gradient of the maps of sample n, K×OH×OW.
func (c *patches) unpoolMaps(b, n int, dy []float32) []float32 {
	if !c.Pool {
		return dy[n*c.K*c.outs():]
	}
	maps, w := c.maps[b], c.mapW()
	clear(maps)
	c.eachWindow(n, func(out, first int) {
		if s := int(c.choice[out]); s < 4 {
			maps[first+s/2*w+s%2] = dy[out]
		}
	})
	return maps
}

// eachWindow calls f for every window of sample n, with its index in y and choice and
// the index of its first pixel in the sample's maps.
func (c *patches) eachWindow(n int, f func(out, first int)) {
	oh, ow := c.OutH(), c.OutW()
	for k := range c.K {
		for i := range oh {
			for j := range ow {
				out := ((n*c.K+k)*oh+i)*ow + j
				f(out, (k*c.mapH()+2*i)*c.mapW()+2*j)
			}
		}
	}
}

// im2col copies the patches of one sample x (C×H×W): row (c,r,s) of p holds,
// for every output pixel, the input pixel that w[·,c,r,s] meets there.
func (c *patches) im2col(p, x []float32) {
	c.eachRun(func(patch, source, n int) {
		dst, src := p[patch:patch+n], x[source:]
		for j := range dst {
			dst[j] = src[j*c.Stride[1]]
		}
	}, func(patch, n int) { clear(p[patch : patch+n]) })
}

// col2im adds patches back to the pixels of x (C×H×W) they were taken from.
func (c *patches) col2im(x, p []float32) {
	c.eachRun(func(patch, source, n int) {
		src, dst := p[patch:patch+n], x[source:]
		for j, v := range src {
			dst[j*c.Stride[1]] += v
		}
	}, func(patch, n int) {})
}

// eachRun walks the patch matrix of one sample in runs of n entries that start at patch.
// It calls unseen for a run in the padding, and seen for a run whose pixels lie in the
// image, Stride[1] apart from source on.
func (c *patches) eachRun(seen func(patch, source, n int), unseen func(patch, n int)) {
	oh, ow := c.mapH(), c.mapW()
	at := 0
	for ch := range c.C {
		for r := range c.KH {
			for s := range c.KW {
				// output columns lo … hi-1 see a pixel of the image
				left := s*c.Dilation[1] - c.Pad[2] // of what the first column sees
				lo, hi := inside(ow, c.W, left, c.Stride[1])
				for i := range oh {
					row := i*c.Stride[0] + r*c.Dilation[0] - c.Pad[0]
					if row < 0 || row >= c.H || lo == hi {
						unseen(at, ow)
					} else {
						unseen(at, lo)
						seen(at+lo, (ch*c.H+row)*c.W+lo*c.Stride[1]+left, hi-lo)
						unseen(at+hi, ow-hi)
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
