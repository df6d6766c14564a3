package kernel

import "runtime"

// winograd computes a 3×3 convolution of stride 1 by the minimal filtering F(4×4, 3×3)
// of Lavin and Gray (2016): 36 products per channel for a tile of 4×4 results instead
// of 144. With the matrices that the program in gen describes, for each tile
//
//	y = Aᵀ[ΣU⊙V]A   U = GwGᵀ, V = BᵀxB over windows of 6×6, four pixels apart
//
// and, without pooling, dx is computed like y, from windows of dy and the flipped w. The gradient
// of the flipped w comes from the same windows,
//
//	Gᵀ[ΣV⊙M]G  V = Bᵀ·dy·B, M = AxAᵀ over tiles of x
//
// so both are computed together. The sums are 36 matrix products by panels, one for each
// place in a window. Where a row or column ends with one or two results, F(2, 3) computes them,
// which has 4 of the 6 points.
//
// All results of a tile read the same 6×6 window, three pixels more than a single
// result needs. So NaN reaches results up to five pixels away, and infinity becomes NaN.
// Rounding errors are two to three times those of direct sums;
// TestWinogradLosesLittleToRounding bounds them.
type winograd struct {
	*Conv
	there, back side // y from x, dx from dy

	packed  []float32 // w: panel × step × 9 × 16
	weights []float32 // U: place × panel × step × 16
	bias    []float32
	partial [blocks][]float32 // Σ V⊙M of each block: place × panel of C × K × 16
	total   []float32         // of all blocks, and
	of      *float32          // the dy that gradX has computed it from; nil if it has not
	v, m    []float32         // of several samples, for sumPlaces
	free    pool[windowScratch]
}

// windowScratch is the working memory of one goroutine. The arrays indexed first by place
// hold 36 matrices each.
type windowScratch struct {
	there, back []float32 // images of both sides: sample × panel × pixels with their border × 16
	v           []float32 // place × tile × depth
	m           []float32 // place × panel × tile × 16
	y, x        []float32 // pixels of a strip × 16
	near        []float32 // a copy of one sample
	pooled      []float32 // entries of a map of y × 16
}

// suitsWinograd reports whether winograd can compute c, and c has enough channels to
// make the transforms worthwhile.
func (c *Conv) suitsWinograd() bool {
	return c.KH == 3 && c.KW == 3 && c.dense() && max(c.Pad[0], c.Pad[2]) <= 2 && c.C >= 12 && c.K >= 12
}

// byWinograd returns c.winograd, made at the first call.
func (c *Conv) byWinograd() *winograd {
	if c.winograd != nil {
		return c.winograd
	}
	c.winograd = &winograd{
		Conv:  c,
		there: newSide(c.C, c.H, c.W, c.Pad[0], c.Pad[2], c.K, c.usedH(), c.usedW(), c.N),
		back:  newSide(c.K, c.mapH(), c.mapW(), 2-c.Pad[0], 2-c.Pad[2], c.C, c.H, c.W, c.N),
	}
	c.winograd.free.make = c.winograd.newScratch
	return c.winograd
}

// forward computes y.
func (g *winograd) forward(y, x, w, bias []float32) {
	a := &g.there
	g.of = nil
	g.bias = resize(g.bias, panels(g.K)*lanes)
	copy(g.bias, bias)
	g.packed = resize(g.packed, panels(g.K)*g.C*9*lanes)
	parallel(panels(g.K), func(p int) {
		transpose(g.packed[p*g.C*9*lanes:], lanes, w[p*lanes*g.C*9:], g.C*9, width(g.K, p), g.C*9)
	})
	g.transform(a, false)
	g.eachGroup(a, func(s *windowScratch, n, samples int) {
		for i := range samples {
			s.border(a, s.there[i*a.size():], x[g.inAt(n+i):], g.PanelX)
		}
		a.eachStrip(samples, func(a strip) {
			s.windows(a, s.v, a.vPlace, s.there)
			s.products(a, s.v, a.vPlace, g.weights, g.bias, nil, func(i, p, lo, hi int, rows []float32) {
				g.put(y, n+i, p, lo, hi, rows, a.ldy(), s.pooled)
			})
		})
	})
}

// gradX computes dx, and the sums for gradW on the way.
func (g *winograd) gradX(dx, dy, w, x []float32) {
	a := &g.back
	g.bias = resize(g.bias, panels(g.C)*lanes)
	clear(g.bias)
	g.packed = resize(g.packed, panels(g.C)*g.K*9*lanes)
	parallel(panels(g.C), func(p int) {
		for k := range g.K {
			transpose(g.packed[(p*g.K+k)*9*lanes:], lanes, w[(k*g.C+p*lanes)*9:], 9, width(g.C, p), 9)
		}
	})
	g.transform(a, true)
	g.total, g.of = g.backward(dx, dy, x), &dy[0]
}

// gradW computes dw.
func (g *winograd) gradW(dw, dy, x []float32) {
	a, total := &g.back, g.total
	if g.of != &dy[0] {
		total = g.backward(nil, dy, x)
	}
	g.of = nil
	g.packed = resize(g.packed, panels(g.C)*g.K*9*lanes)
	parallel(panels(g.C), func(p int) {
		packed := g.packed[p*g.K*9*lanes:]
		toFlipped(packed, total[p*g.K*lanes:], a.ldw, g.K)
		for k := range g.K {
			transpose(dw[(k*g.C+p*lanes)*9:], 9, packed[k*9*lanes:], lanes, 9, width(g.C, p))
		}
	})
}

// backward returns Σ V⊙M and computes dx unless it is nil. It adds up each block of the batch and
// then the blocks, in one of two ways: a core takes whole blocks or, if there are more cores
// than blocks or the sums are large, all cores take places of one block after another.
func (g *winograd) backward(dx, dy, x []float32) []float32 {
	g.clearSums(dy)
	if 4*places*g.back.ldw > largeSums || min(g.N, blocks) < runtime.GOMAXPROCS(0) {
		return g.sumPlaces(dx, dy, x)
	}
	return g.sumBlocks(dx, dy, x)
}

// largeSums is the number of bytes from which the sums of several blocks are too large to be
// kept, and read again, at once.
const largeSums = 2 << 20

// sumBlocks does what backward says, each block summed by one core.
func (g *winograd) sumBlocks(dx, dy, x []float32) []float32 {
	a := &g.back
	var all [][]float32
	for b := range g.partial {
		if lo, hi := block(b, g.N); lo < hi {
			g.partial[b] = resize(g.partial[b], places*a.ldw)
			all = append(all, g.partial[b])
		}
	}
	g.free.each(blocks, func(s *windowScratch, b int) {
		lo, hi := block(b, g.N)
		for n := lo; n < hi; n += a.group {
			samples := min(a.group, hi-n)
			g.takeGroup(s, dy, n, samples)
			a.eachStrip(samples, func(a strip) {
				s.windows(a, s.v, a.vPlace, s.back)
				g.dx(s, dx, n, a, s.v, a.vPlace)
				g.spread(s, s.m, a.mPlace, a.tiles(), x, n, a)
				a.eachPlaces(func(place, count, first, last int) {
					sums(g.partial[b][place*a.ldw:], a.ldw, a.c*lanes, s.v[place*a.vPlace+first*a.vTile:], a.vPlace, a.vTile,
						s.m[place*a.mPlace+first*lanes:], a.mPlace, a.tiles()*lanes, count, panels(a.k), a.c, last-first, n > lo || a.first > 0)
				})
			})
		}
	})
	reduce(all[0], all)
	return all[0]
}

// sumPlaces does the same, with the same bits. All cores compute V and M of some samples, and
// then the products, place by place.
func (g *winograd) sumPlaces(dx, dy, x []float32) []float32 {
	a := &g.back
	total, sum := resize(g.partial[0], places*a.ldw), resize(g.partial[1], places*a.ldw)
	g.partial[0], g.partial[1] = total, sum
	each := a.th * a.tw                                 // tiles of a sample
	most := max(a.group, manySums/each/a.group*a.group) // samples at a time
	tiles := min(most, (g.N+blocks-1)/blocks) * each
	vPlace, mPlace := spaced(tiles*a.depth), spaced(tiles*lanes*panels(a.k))
	g.v, g.m = resize(g.v, places*vPlace), resize(g.m, places*mPlace)
	begun := false
	for b := range blocks {
		lo, hi := block(b, g.N)
		for n := lo; n < hi; n += most {
			samples := min(most, hi-n)
			tiles := samples * each
			g.free.each((samples+a.group-1)/a.group, func(s *windowScratch, i int) {
				i *= a.group
				count := min(a.group, samples-i)
				g.takeGroup(s, dy, n+i, count)
				a.eachStrip(count, func(a strip) {
					at := i*each + a.first*a.tw
					v := g.v[at*a.depth:]
					s.windows(a, v, vPlace, s.back)
					g.dx(s, dx, n+i, a, v, vPlace)
					g.spread(s, g.m[at*lanes:], mPlace, tiles, x, n+i, a)
				})
			})
			pairs := (panels(a.k) + panelsOnce - 1) / panelsOnce
			parallel(places*pairs, func(unit int) {
				place, p := unit/pairs, unit%pairs*panelsOnce
				count, size := min(panelsOnce, panels(a.k)-p), a.c*lanes
				at, more := place*a.ldw+p*size, n > lo
				for i := 0; i < samples; i += a.group {
					a.eachStrip(min(a.group, samples-i), func(a strip) {
						first, last := a.having(place)
						first, last = first+i*each+a.first*a.tw, last+i*each+a.first*a.tw
						if first == last {
							return
						}
						sums(sum[at:], 0, size, g.v[place*vPlace+first*a.depth:], 0, a.depth,
							g.m[place*mPlace+(p*tiles+first)*lanes:], 0, tiles*lanes, 1, count, a.c, last-first, more)
						more = true
					})
				}
				switch {
				case n+samples < hi:
				case begun:
					add(total[at:], sum[at:at+count*size])
				default:
					copy(total[at:], sum[at:at+count*size])
				}
			})
		}
		begun = begun || lo < hi
	}
	return total
}

// takeGroup puts the maps' gradient of a group of samples into images.
func (g *winograd) takeGroup(s *windowScratch, dy []float32, n, samples int) {
	a := &g.back
	for i := range samples {
		for p := range panels(g.K) {
			g.take(s.pooled, g.OutW()*lanes, dy, n+i, p, 0, g.OutH(), nil, g.mapSums(n+i, p))
			a.copy(s.back[i*a.size()+a.at(p, 0):], s.pooled)
		}
	}
}

// dx computes a strip of the samples from n on, from its windows v.
func (g *winograd) dx(s *windowScratch, dx []float32, n int, a strip, v []float32, vPlace int) {
	if dx == nil {
		return
	}
	var direct func(i, p int) []float32
	size := g.H * g.W
	if g.PanelX && a.exact() {
		direct = func(i, p int) []float32 { return dx[g.inAt(n+i)+p*lanes*size:] }
	}
	s.products(a, v, vPlace, g.weights, g.bias, direct, func(i, p, lo, hi int, rows []float32) {
		if g.PanelX {
			copyRows(dx[g.inAt(n+i)+(p*size+lo*g.W)*lanes:], g.W*lanes, rows, a.ldy(), hi-lo, g.W*lanes)
			return
		}
		out, width := dx[((n+i)*g.C+p*lanes)*size+lo*g.W:], width(g.C, p)
		if g.W*lanes == a.ldy() {
			transpose(out, size, rows, lanes, (hi-lo)*g.W, width)
			return
		}
		for r := range hi - lo {
			transpose(out[r*g.W:], size, rows[r*a.ldy():], lanes, g.W, width)
		}
	})
}

// spread computes M of a strip of the samples from n on. The panels of m are tiles apart.
func (g *winograd) spread(s *windowScratch, m []float32, ldm, tiles int, x []float32, n int, a strip) {
	size := g.H * g.W
	for p := range panels(a.k) {
		a.eachSample(func(i, first, last, lo, hi int) {
			rows, ld, width := s.x, a.ldy(), width(g.C, p)
			switch in := x[g.inAt(n+i)+p*lanes*size:]; {
			case g.PanelX && a.exact():
				ld = g.W * lanes
				rows = in[lo*ld:]
			case g.PanelX:
				copyRows(rows, ld, in[lo*g.W*lanes:], g.W*lanes, hi-lo, g.W*lanes)
			case g.W*lanes == ld:
				transpose(rows, lanes, in[lo*g.W:], size, width, (hi-lo)*g.W)
			default:
				for r := range hi - lo {
					transpose(rows[r*ld:], lanes, in[(lo+r)*g.W:], size, width, g.W)
				}
			}
			if !a.exact() {
				clear(s.x[(hi-lo)*ld : (last-first)*tileSide*ld]) // of the last tiles
			}
			a.eachRow(first, last, func(r, kind, at, n int) {
				spread(kind, m[(p*tiles+at)*lanes:], ldm, rows[(r-first)*tileSide*ld+a.column(kind):], ld, n)
			})
		})
	}
}

// manySums is the number of tiles whose V and M are kept at a time.
const manySums = 256

// inAt returns where sample n begins in x.
func (g *winograd) inAt(n int) int {
	if g.PanelX {
		return n * panels(g.C) * lanes * g.H * g.W
	}
	return n * g.C * g.H * g.W
}

// transform computes the weights of a side, U, from packed.
func (g *winograd) transform(a *side, flip bool) {
	g.weights = resize(g.weights, places*a.ldw)
	eachBlock(panels(a.k)*a.c, func(lo, hi int) {
		fromWeights(g.weights[lo*lanes:], a.ldw, g.packed[lo*9*lanes:], flip, hi-lo)
	})
}

// eachGroup calls f for a few samples at a time, n and those after it, with scratch for
// the goroutine.
func (g *winograd) eachGroup(a *side, f func(s *windowScratch, n, samples int)) {
	g.free.each((g.N+a.group-1)/a.group, func(s *windowScratch, i int) {
		f(s, i*a.group, min(a.group, g.N-i*a.group))
	})
}

func (g *winograd) newScratch() *windowScratch {
	s := &windowScratch{pooled: resize(nil, g.outs()*lanes), there: resize(nil, g.there.group*g.there.size())}
	sides := []*side{&g.there}
	if !g.suitsChosen() { // which needs no way back
		sides = append(sides, &g.back)
		s.back = resize(nil, g.back.group*g.back.size())
		s.x = resize(nil, g.back.rows*tileSide*g.back.ldy())
	}
	for _, a := range sides {
		s.near = resize(s.near, max(len(s.near), a.c*a.h*a.w))
		s.v = resize(s.v, max(len(s.v), places*a.vPlace))
		s.m = resize(s.m, max(len(s.m), places*a.mPlace))
		s.y = resize(s.y, max(len(s.y), a.rows*tileSide*a.ldy()))
	}
	return s
}
