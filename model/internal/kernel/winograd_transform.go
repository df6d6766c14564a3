package kernel

// products computes a side's results for rows first to last of tiles of a group from their
// windows v, and calls emit with the sample, the panel, the rows lo to hi of the result and their
// pixels.
func (s *windowScratch) products(a *side, first, last int, v []float32, vPlace int, weights, bias []float32, emit func(sample, p, lo, hi int, rows []float32)) {
	tiles := (last - first) * a.tw
	products(s.m, a.mPlace, tiles*a.mTile, a.mTile, v, vPlace, a.vTile, weights, a.ldw, a.c*lanes, panels(a.k), tiles, a.c)
	for p := range panels(a.k) {
		for r := range last - first {
			results(s.y[r*tileSide*a.ldy():], a.ldy(), s.m[(p*tiles+r*a.tw)*a.mTile:], a.mPlace, a.mTile, bias[p*lanes:], a.tw)
		}
		a.eachRun(first, last, func(sample, first, last, at int) {
			emit(sample, p, tileSide*first, min(a.oh, tileSide*last), s.y[at*tileSide*a.ldy():])
		})
	}
}

// border puts a sample of x, channels or panels of h×w, into an image of side a. What lies
// outside x stays zero. It copies channels first, because memory is read fastest in order.
func (s *windowScratch) border(a *side, image, x []float32, inPanels bool) {
	if !inPanels {
		x = s.near[:copy(s.near, x[:a.c*a.h*a.w])]
	}
	rows, columns := a.seen()
	for p := range panels(a.c) {
		x := x[p*lanes*a.h*a.w:]
		if inPanels {
			a.copy(image[a.at(p, 0):], x)
			continue
		}
		for r := range rows {
			transpose(image[a.at(p, r):], lanes, x[r*a.w:], a.h*a.w, width(a.c, p), columns)
		}
	}
}

// copy copies a panel of x to where it begins in an image.
func (a *side) copy(image, x []float32) {
	rows, columns := a.seen()
	copyRows(image, a.row(), x, a.w*lanes, rows, columns*lanes)
}

// seen returns how many rows and columns of x are in an image; the others meet no kernel.
func (a *side) seen() (rows, columns int) {
	return min(a.h, tileSide*a.th+2-a.top), min(a.w, tileSide*a.tw+2-a.left)
}

// windows computes v for rows first to last of tiles of a group's images.
func (s *windowScratch) windows(a *side, v []float32, vPlace int, images []float32, first, last int) {
	for r := first; r < last; r++ {
		v, x := &v[(r-first)*a.tw*a.vTile], &images[r/a.th*a.size()+r%a.th*tileSide*a.row()]
		if using >= avx512 {
			windowsAVX512(v, vPlace, a.vTile, x, a.row(), a.plane(), a.tw, panels(a.c))
		} else {
			windowsAVX2(v, vPlace, a.vTile, x, a.row(), a.plane(), a.tw, panels(a.c))
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

// toFlipped computes GᵀuG, the gradient of n kernels in each of 16 lanes, turned by half a
// turn.
func toFlipped(w, u []float32, ld, n int) {
	_, _ = u[35*ld+n*lanes-1], w[n*9*lanes-1]
	if using >= avx512 {
		toFlippedAVX512(&w[0], &u[0], ld, n)
	} else {
		toFlippedAVX2(&w[0], &u[0], ld, n)
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
