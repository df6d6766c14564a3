package kernel

import "sync"

// winograd computes a 3×3 convolution of stride 1 by the minimal filtering F(2×2, 3×3)
// of Lavin and Gray (2016): 16 products per channel for a tile of 2×2 results instead
// of 36. With the matrices of that paper, for each tile
//
//	y = Aᵀ[ΣU⊙V]A   U = GwGᵀ, V = BᵀxB over windows of 4×4, two pixels apart
//	dw = Gᵀ[ΣV⊙M]G  M = A·dy·Aᵀ
//
// and dx is computed like y, from dy and the flipped w. The sums are 16 matrix products
// by panels, one for each place in a window.
//
// All four results of a tile read the same 4×4 window, one pixel more than a single
// result needs. So NaN reaches results up to two pixels away, and infinity becomes NaN.
type winograd struct {
	*Conv
	there, back side // y from x, dx from dy

	weights, bias []float32
	partial       [blocks][]float32 // Σ V⊙M of each block
	mu            sync.Mutex
	free          []*windowScratch // not in use
}

// windowScratch is what one goroutine works on. Arrays indexed first by place hold 16
// matrices, ldv or ldm apart.
type windowScratch struct {
	there, back []float32 // images of both sides: pixels with their border × depth
	v           []float32 // place × tile × depth
	m           []float32 // place × panel × tile × 16
	y, dy       []float32 // pixels of a strip × 16
	near        []float32 // a copy of one sample
	pooled      []float32 // entries of a map of y × 16
}

// suitsWinograd reports whether winograd can compute c, and c has enough channels to
// make the transforms worthwhile.
func (c *Conv) suitsWinograd() bool {
	return c.KH == 3 && c.KW == 3 && c.Stride == 1 && c.Pad <= 2 && c.C >= 12 && c.K >= 12
}

// byWinograd returns c.winograd, made at the first call.
func (c *Conv) byWinograd() *winograd {
	if c.winograd != nil {
		return c.winograd
	}
	c.winograd = &winograd{
		Conv:  c,
		there: newSide(c.C, c.H, c.W, c.Pad, c.K, c.usedH(), c.usedW()),
		back:  newSide(c.K, c.mapH(), c.mapW(), 2-c.Pad, c.C, c.H, c.W),
	}
	return c.winograd
}

// forward computes y.
func (g *winograd) forward(y, x, w, bias []float32) {
	g.bias = resize(g.bias, panels(g.K)*lanes)
	copy(g.bias, bias)
	g.weights = resize(g.weights, 16*panels(g.K)*lanes*g.C)
	g.eachKernel(func(k, c int) {
		p := (k/lanes*g.C+c)*lanes + k%lanes
		fromWeight(g.weights[p:], panels(g.K)*lanes*g.C, (*[9]float32)(w[(k*g.C+c)*9:]))
	})
	a := &g.there
	g.eachSampleWith(func(s *windowScratch, _, n int) {
		s.border(a, s.there, x[n*g.C*g.H*g.W:])
		s.multiply(a, s.there, g.weights, g.bias, func(p, lo, hi int, rows []float32) {
			g.put(y, n, p, lo, hi, rows, 2*a.tw*lanes, s.pooled)
		})
	})
}

// gradX computes dx.
func (g *winograd) gradX(dx, dy, w []float32) {
	g.bias = resize(g.bias, panels(g.C)*lanes)
	clear(g.bias)
	g.weights = resize(g.weights, 16*panels(g.C)*lanes*g.K)
	g.eachKernel(func(k, c int) {
		f := [9]float32(w[(k*g.C+c)*9:])
		flipped := [9]float32{f[8], f[7], f[6], f[5], f[4], f[3], f[2], f[1], f[0]}
		p := (c/lanes*g.K+k)*lanes + c%lanes
		fromWeight(g.weights[p:], panels(g.C)*lanes*g.K, &flipped)
	})
	a, size := &g.back, g.H*g.W
	g.eachSampleWith(func(s *windowScratch, _, n int) {
		if g.Pool {
			for p := range panels(g.K) {
				g.take(s.back[a.at(0)+p*lanes:], a.row(), a.depth, dy, n, p, 0, g.usedH(), s.pooled)
			}
		} else {
			s.border(a, s.back, dy[n*g.K*g.outs():])
		}
		s.multiply(a, s.back, g.weights, g.bias, func(p, lo, hi int, rows []float32) {
			out, width := dx[(n*g.C+p*lanes)*size+lo*g.W:], width(g.C, p)
			if g.W == 2*a.tw {
				transpose(out, size, rows, lanes, (hi-lo)*g.W, width)
				return
			}
			for r := range hi - lo {
				transpose(out[r*g.W:], size, rows[r*2*a.tw*lanes:], lanes, g.W, width)
			}
		})
	})
}

// gradW computes dw.
func (g *winograd) gradW(dw, dy, x []float32) {
	a, size := &g.there, panels(g.K)*lanes*g.C
	clearParts(&g.partial, 16*size)
	g.eachSampleWith(func(s *windowScratch, b, n int) {
		s.border(a, s.there, x[n*g.C*g.H*g.W:])
		s.correlate(a, s.there, g.partial[b], func(p, lo, hi int, rows []float32) {
			g.take(rows, 2*a.tw*lanes, lanes, dy, n, p, lo, hi, s.pooled)
		})
	})
	reduce(g.partial[0], g.partial[:])
	g.eachKernel(func(k, c int) {
		toWeight((*[9]float32)(dw[(k*g.C+c)*9:]), g.partial[0][(k/lanes*g.C+c)*lanes+k%lanes:], size)
	})
}

// eachKernel calls f for every kernel of w.
func (g *winograd) eachKernel(f func(k, c int)) {
	eachBlock(g.K, func(lo, hi int) {
		for k := lo; k < hi; k++ {
			for c := range g.C {
				f(k, c)
			}
		}
	})
}

// eachSampleWith is eachSample with scratch for the goroutine.
func (g *winograd) eachSampleWith(f func(s *windowScratch, b, n int)) {
	parallel(blocks, func(b int) {
		g.mu.Lock()
		var s *windowScratch
		if last := len(g.free) - 1; last >= 0 {
			s, g.free = g.free[last], g.free[:last]
		} else {
			s = g.newScratch()
		}
		g.mu.Unlock()
		for n, hi := block(b, g.N); n < hi; n++ {
			f(s, b, n)
		}
		g.mu.Lock()
		g.free = append(g.free, s)
		g.mu.Unlock()
	})
}

func (g *winograd) newScratch() *windowScratch {
	s := &windowScratch{pooled: resize(nil, g.outs()*lanes)}
	for _, a := range []*side{&g.there, &g.back} {
		s.near = resize(s.near, max(len(s.near), a.c*a.h*a.w))
		s.v = resize(s.v, max(len(s.v), 16*a.ldv))
		s.m = resize(s.m, max(len(s.m), 16*a.ldm))
		s.y = resize(s.y, max(len(s.y), 2*a.strip*2*a.tw*lanes))
	}
	s.there = resize(nil, (2*g.there.th+2)*g.there.row())
	s.back = resize(nil, (2*g.back.th+2)*g.back.row())
	s.dy = resize(nil, 2*g.there.strip*2*g.there.tw*lanes)
	return s
}
