package kernel

import "sync"

// winograd computes a 3×3 convolution of stride 1 by the minimal filtering F(4×4, 3×3)
// of Lavin and Gray (2016): 36 products per channel for a tile of 4×4 results instead
// of 144. With the matrices that the program in gen describes, for each tile
//
//	y = Aᵀ[ΣU⊙V]A   U = GwGᵀ, V = BᵀxB over windows of 6×6, four pixels apart
//	dw = Gᵀ[ΣV⊙M]G  M = A·dy·Aᵀ
//
// and dx is computed like y, from dy and the flipped w. The sums are 36 matrix products
// by panels, one for each place in a window.
//
// All results of a tile read the same 6×6 window, three pixels more than a single
// result needs. So NaN reaches results up to five pixels away, and infinity becomes NaN.
// Rounding costs about twice what it costs a sum of products, which
// TestWinogradLosesLittleToRounding bounds.
type winograd struct {
	*Conv
	there, back side // y from x, dx from dy

	packed  []float32 // w: panel × step × 9 × 16
	weights []float32 // U: place × panel × step × 16
	bias    []float32
	partial [blocks][]float32 // Σ V⊙M of each block
	mu      sync.Mutex
	free    []*windowScratch // not in use
}

// windowScratch is what one goroutine works on. Arrays indexed first by place hold 36
// matrices, ldv or ldm apart.
type windowScratch struct {
	there, back []float32 // images of both sides: sample × pixels with their border × depth
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
		there: newSide(c.C, c.H, c.W, c.Pad, c.K, c.usedH(), c.usedW(), c.N),
		back:  newSide(c.K, c.mapH(), c.mapW(), 2-c.Pad, c.C, c.H, c.W, c.N),
	}
	return c.winograd
}

// forward computes y.
func (g *winograd) forward(y, x, w, bias []float32) {
	a := &g.there
	g.bias = resize(g.bias, panels(g.K)*lanes)
	copy(g.bias, bias)
	g.packed = resize(g.packed, panels(g.K)*g.C*9*lanes)
	parallel(panels(g.K), func(p int) {
		transpose(g.packed[p*g.C*9*lanes:], lanes, w[p*lanes*g.C*9:], g.C*9, width(g.K, p), g.C*9)
	})
	g.transform(a, false)
	g.eachGroup(a, func(s *windowScratch, _, n, samples int) {
		for i := range samples {
			s.border(a, s.there[i*a.size():], x[(n+i)*g.C*g.H*g.W:])
		}
		s.multiply(a, samples, s.there, g.weights, g.bias, func(i, p, lo, hi int, rows []float32) {
			g.put(y, n+i, p, lo, hi, rows, a.ldy(), s.pooled)
		})
	})
}

// gradX computes dx.
func (g *winograd) gradX(dx, dy, w []float32) {
	a, size := &g.back, g.H*g.W
	g.bias = resize(g.bias, panels(g.C)*lanes)
	clear(g.bias)
	g.packed = resize(g.packed, panels(g.C)*g.K*9*lanes)
	parallel(panels(g.C), func(p int) {
		for k := range g.K {
			transpose(g.packed[(p*g.K+k)*9*lanes:], lanes, w[(k*g.C+p*lanes)*9:], 9, width(g.C, p), 9)
		}
	})
	g.transform(a, true)
	g.eachGroup(a, func(s *windowScratch, _, n, samples int) {
		for i := range samples {
			image := s.back[i*a.size():]
			if g.Pool {
				for p := range panels(g.K) {
					g.take(image[a.at(0)+p*lanes:], a.row(), a.depth, dy, n+i, p, 0, g.usedH(), s.pooled)
				}
			} else {
				s.border(a, image, dy[(n+i)*g.K*g.outs():])
			}
		}
		s.multiply(a, samples, s.back, g.weights, g.bias, func(i, p, lo, hi int, rows []float32) {
			out, width := dx[((n+i)*g.C+p*lanes)*size+lo*g.W:], width(g.C, p)
			if g.W*lanes == a.ldy() {
				transpose(out, size, rows, lanes, (hi-lo)*g.W, width)
				return
			}
			for r := range hi - lo {
				transpose(out[r*g.W:], size, rows[r*a.ldy():], lanes, g.W, width)
			}
		})
	})
}

// gradW computes dw.
func (g *winograd) gradW(dw, dy, x []float32) {
	a := &g.there
	for b := range g.partial {
		g.partial[b] = resize(g.partial[b], places*a.ldw)
		if lo, hi := block(b, g.N); lo == hi {
			clear(g.partial[b])
		}
	}
	g.eachGroup(a, func(s *windowScratch, b, n, samples int) {
		first, _ := block(b, g.N)
		for i := range samples {
			s.border(a, s.there[i*a.size():], x[(n+i)*g.C*g.H*g.W:])
		}
		s.correlate(a, samples, s.there, g.partial[b], n == first, func(i, p, lo, hi int, rows []float32) {
			g.take(rows, a.ldy(), lanes, dy, n+i, p, lo, hi, s.pooled)
		})
	})
	reduce(g.partial[0], g.partial[:])
	g.packed = resize(g.packed, panels(g.K)*g.C*9*lanes)
	parallel(panels(g.K), func(p int) {
		dwp := g.packed[p*g.C*9*lanes:]
		toWeights(dwp, g.partial[0][p*g.C*lanes:], a.ldw, g.C)
		transpose(dw[p*lanes*g.C*9:], g.C*9, dwp, lanes, g.C*9, width(g.K, p))
	})
}

// transform computes the weights of a side, U, from packed.
func (g *winograd) transform(a *side, flip bool) {
	g.weights = resize(g.weights, places*a.ldw)
	eachBlock(panels(a.k)*a.c, func(lo, hi int) {
		fromWeights(g.weights[lo*lanes:], a.ldw, g.packed[lo*9*lanes:], flip, hi-lo)
	})
}

// eachGroup calls f for a few samples at a time, n and those after it, with the block that
// they belong to and scratch for the goroutine. The calls for one block come one after
// another.
func (g *winograd) eachGroup(a *side, f func(s *windowScratch, b, n, samples int)) {
	parallel(blocks, func(b int) {
		g.mu.Lock()
		var s *windowScratch
		if last := len(g.free) - 1; last >= 0 {
			s, g.free = g.free[last], g.free[:last]
		} else {
			s = g.newScratch()
		}
		g.mu.Unlock()
		for n, hi := block(b, g.N); n < hi; n += a.group {
			f(s, b, n, min(a.group, hi-n))
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
		s.v = resize(s.v, max(len(s.v), places*a.vPlace))
		s.m = resize(s.m, max(len(s.m), places*a.ldm))
		s.y = resize(s.y, max(len(s.y), a.strip*tileSide*a.ldy()))
	}
	s.there = resize(nil, g.there.group*g.there.size())
	s.back = resize(nil, g.back.group*g.back.size())
	s.dy = resize(nil, g.there.strip*tileSide*g.there.ldy())
	return s
}
