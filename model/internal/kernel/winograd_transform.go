package kernel

// multiply computes a side's sums for a group of samples from their images, and calls
// emit with the sample, the panel, the rows lo to hi of the result and their pixels.
func (s *windowScratch) multiply(a *side, samples int, images, weights, bias []float32, emit func(sample, p, lo, hi int, rows []float32)) {
	parts(samples*a.th, a.strip, 1, func(lo, hi int) {
		tiles := (hi - lo) * a.tw
		s.windows(a, images, lo, hi)
		products(s.m, a.mPlace, tiles*a.mTile, a.mTile, s.v, a.vPlace, a.vTile, weights, a.ldw, a.c*lanes, panels(a.k), tiles, a.c)
		for p := range panels(a.k) {
			for r := range hi - lo {
				results(s.y[r*tileSide*a.ldy():], a.ldy(), s.m[(p*tiles+r*a.tw)*a.mTile:], a.mPlace, a.mTile, bias[p*lanes:], a.tw)
			}
			a.eachRun(lo, hi, func(sample, first, last, at int) {
				emit(sample, p, tileSide*first, min(a.oh, tileSide*last), s.y[at*tileSide*a.ldy():])
			})
		}
	})
}

// correlate adds Σ V⊙M of a group of samples to sum (place × panel × c × 16), or sets sum
// to it if it is the first. It calls take for the gradient of a panel's rows lo to hi.
func (s *windowScratch) correlate(a *side, samples int, images, sum []float32, first bool, take func(sample, p, lo, hi int, rows []float32)) {
	parts(samples*a.th, a.strip, 1, func(lo, hi int) {
		tiles := (hi - lo) * a.tw
		s.windows(a, images, lo, hi)
		for p := range panels(a.k) {
			a.eachRun(lo, hi, func(sample, first, last, at int) {
				s.spreadInto(a, s.m[(p*tiles+at*a.tw)*lanes:], a.ldm, first, last, func(lo, hi int, rows []float32) { take(sample, p, lo, hi, rows) })
			})
		}
		sums(sum, a.ldw, a.c*lanes, s.v, a.vPlace, a.vTile, s.m, a.ldm, tiles*lanes, places, panels(a.k), a.c, tiles, !first || lo > 0)
	})
}

// spreadInto computes M of one panel for rows first to last of tiles, whose gradients take
// sets: of rows lo to hi.
func (s *windowScratch) spreadInto(a *side, m []float32, ldm, first, last int, take func(lo, hi int, rows []float32)) {
	end := min(a.oh, tileSide*last)
	take(tileSide*first, end, s.dy)
	clear(s.dy[(end-tileSide*first)*a.ldy() : tileSide*(last-first)*a.ldy()]) // of the last tiles
	for r := range last - first {
		spread(m[r*a.tw*lanes:], ldm, s.dy[r*tileSide*a.ldy():], a.ldy(), a.tw)
	}
}

// border puts x, channels of h×w, into an image of side a, pixel by pixel. What lies
// outside x stays zero. It copies the sample first, because memory is read fastest in
// order.
func (s *windowScratch) border(a *side, image, x []float32) {
	x = s.near[:copy(s.near, x[:a.c*a.h*a.w])]
	rows, columns := min(a.h, tileSide*a.th+2-a.top), min(a.w, tileSide*a.tw+2-a.left)
	for r := range rows {
		transpose(image[a.at(r):], a.depth, x[r*a.w:], a.h*a.w, a.c, columns)
	}
}

// windows computes v for rows lo to hi of tiles of a group's samples.
func (s *windowScratch) windows(a *side, images []float32, lo, hi int) {
	s.windowsInto(a, s.v, a.vPlace, images, lo, hi)
}

func (s *windowScratch) windowsInto(a *side, all []float32, vPlace int, images []float32, lo, hi int) {
	for r := lo; r < hi; r++ {
		v, x := &all[(r-lo)*a.tw*a.vTile], &images[r/a.th*a.size()+r%a.th*tileSide*a.row()]
		if using >= avx512 {
			windowsAVX512(v, vPlace, a.vTile, x, a.row(), a.depth, a.tw, a.depth)
		} else {
			windowsAVX2(v, vPlace, a.vTile, x, a.row(), a.depth, a.tw, a.depth)
		}
	}
}

// results computes Aᵀ[m]A + bias for a row of tiles: four rows of pixels, ldy apart.
func results(y []float32, ldy int, m []float32, ldm, ldt int, bias []float32, tiles int) {
	_, _, _ = y[3*ldy+4*tiles*lanes-1], m[35*ldm+(tiles-1)*ldt+lanes-1], bias[lanes-1]
	if using >= avx512 {
		resultsAVX512(&y[0], ldy, &m[0], ldm, ldt, &bias[0], tiles)
	} else {
		resultsAVX2(&y[0], ldy, &m[0], ldm, ldt, &bias[0], tiles)
	}
}

// spread computes A·dy·Aᵀ for a row of tiles.
func spread(m []float32, ldm int, dy []float32, ldd, tiles int) {
	_, _ = m[35*ldm+tiles*lanes-1], dy[3*ldd+4*tiles*lanes-1]
	if using >= avx512 {
		spreadAVX512(&m[0], ldm, &dy[0], ldd, tiles)
	} else {
		spreadAVX2(&m[0], ldm, &dy[0], ldd, tiles)
	}
}

// fromWeights computes GwGᵀ of n kernels in each of 16 lanes, turned by half a turn if
// flip is set; the places are ld apart.
func fromWeights(u []float32, ld int, w []float32, flip bool, n int) {
	if n == 0 {
		return
	}
	_, _ = u[35*ld+n*lanes-1], w[n*9*lanes-1]
	first, next := &w[0], lanes
	if flip {
		first, next = &w[8*lanes], -lanes
	}
	if using >= avx512 {
		fromWeightsAVX512(&u[0], ld, first, next, n)
	} else {
		fromWeightsAVX2(&u[0], ld, first, next, n)
	}
}

// toWeights computes GᵀuG, the gradient of n kernels in each of 16 lanes.
func toWeights(w, u []float32, ld, n int) {
	_, _ = u[35*ld+n*lanes-1], w[n*9*lanes-1]
	if using >= avx512 {
		toWeightsAVX512(&w[0], &u[0], ld, n)
	} else {
		toWeightsAVX2(&w[0], &u[0], ld, n)
	}
}

// products computes the sums of all places: c is place × panel × row × 16, the rows of x
// m × n, and w place × panel × n × 16.
func products(c []float32, cPlace, cPanel, cRow int, x []float32, xPlace, xRow int, w []float32, wPlace, wPanel, panels, m, n int) {
	_ = c[(places-1)*cPlace+(panels-1)*cPanel+(m-1)*cRow+lanes-1]
	_, _ = x[(places-1)*xPlace+(m-1)*xRow+n-1], w[(places-1)*wPlace+(panels-1)*wPanel+n*lanes-1]
	if using >= avx512 {
		productsAVX512(&c[0], cPlace, cPanel, cRow, &x[0], xPlace, xRow, &w[0], wPlace, wPanel, places, panels, m, n)
	} else {
		productsAVX2(&c[0], cPlace, cPanel, cRow, &x[0], xPlace, xRow, &w[0], wPlace, wPanel, places, panels, m, n)
	}
}

// sums computes the sums over n tiles for all places: c is place × panel × m × 16, x has n
// rows of m, w is place × panel × n × 16. With more, it adds to c.
func sums(c []float32, cPlace, cPanel int, x []float32, xPlace, xStep int, w []float32, wPlace, wPanel, places, panels, m, n int, more bool) {
	_ = c[(places-1)*cPlace+(panels-1)*cPanel+m*lanes-1]
	_, _ = x[(places-1)*xPlace+(n-1)*xStep+m-1], w[(places-1)*wPlace+(panels-1)*wPanel+n*lanes-1]
	if using >= avx512 {
		sumsAVX512(&c[0], cPlace, cPanel, lanes, &x[0], xPlace, xStep, &w[0], wPlace, wPanel, lanes, places, panels, m, n, more)
	} else {
		sumsAVX2(&c[0], cPlace, cPanel, lanes, &x[0], xPlace, xStep, &w[0], wPlace, wPanel, lanes, places, panels, m, n, more)
	}
}
