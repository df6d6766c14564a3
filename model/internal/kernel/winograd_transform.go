package kernel

// products computes the results of a strip from its windows v, and calls emit with the sample,
// the panel, the rows lo to hi of the result and their pixels. With direct, the results of
// sample i and panel p begin at direct(i, p), one row behind another, and nothing is emitted.
func (s *windowScratch) products(a strip, v []float32, vPlace int, weights, bias []float32, direct func(sample, p int) []float32, emit func(sample, p, lo, hi int, rows []float32)) {
	tiles := a.tiles()
	a.eachPlaces(func(place, count, lo, hi int) {
		products(s.m[place*a.mPlace+lo*a.mTile:], a.mPlace, tiles*a.mTile, a.mTile, v[place*vPlace+lo*a.vTile:], vPlace, a.vTile,
			weights[place*a.ldw:], a.ldw, a.c*lanes, count, panels(a.k), hi-lo, a.c)
	})
	for p := range panels(a.k) {
		a.eachSample(func(i, first, last, lo, hi int) {
			rows, ld := s.y, a.ldy()
			if direct != nil {
				ld = a.ow * lanes
				rows = direct(i, p)[lo*ld:]
			}
			a.eachRow(first, last, func(r, kind, at, n int) {
				results(kind, rows[(r-first)*tileSide*ld+a.column(kind):], ld, s.m[(p*tiles+at)*a.mTile:], a.mPlace, a.mTile, bias[p*lanes:], n)
			})
			if direct == nil {
				emit(i, p, lo, hi, rows)
			}
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

// windows computes v of a strip of a group's images.
func (s *windowScratch) windows(a strip, v []float32, vPlace int, images []float32) {
	a.eachRow(a.first, a.last, func(r, kind, at, n int) {
		x := images[r/a.th*a.size()+r%a.th*tileSide*a.row()+a.column(kind):]
		windows(kind, v[at*a.vTile:], vPlace, a.vTile, x, a.row(), a.plane(), n, panels(a.c))
	})
}

// column returns where the first tile of a kind begins in a row of pixels.
func (s strip) column(kind int) int {
	if kind&rightTile == 0 {
		return 0
	}
	return s.columns() * tileSide * lanes
}

// The transforms of each kind of tile, with AVX2 and with AVX-512.
var (
	windowsOf = [2][4]func(v *float32, ldv, ldt int, x *float32, ldx, panel, tiles, panels int){
		{windowsAVX2, windowsRightAVX2, windowsBelowAVX2, windowsCornerAVX2},
		{windowsAVX512, windowsRightAVX512, windowsBelowAVX512, windowsCornerAVX512},
	}
	resultsOf = [2][4]func(y *float32, ldy int, m *float32, ldm, ldt int, bias *float32, tiles int){
		{resultsAVX2, resultsRightAVX2, resultsBelowAVX2, resultsCornerAVX2},
		{resultsAVX512, resultsRightAVX512, resultsBelowAVX512, resultsCornerAVX512},
	}
	spreadOf = [2][4]func(m *float32, ldm int, d *float32, ldd, tiles int){
		{spreadAVX2, spreadRightAVX2, spreadBelowAVX2, spreadCornerAVX2},
		{spreadAVX512, spreadRightAVX512, spreadBelowAVX512, spreadCornerAVX512},
	}
)

// wide is 1 with AVX-512, else 0.
func wide() int {
	if using >= avx512 {
		return 1
	}
	return 0
}

// sizeOf returns the rows and columns of results of a tile.
func sizeOf(kind int) (rows, columns int) {
	rows, columns = tileSide, tileSide
	if kind&belowTile != 0 {
		rows = 2
	}
	if kind&rightTile != 0 {
		columns = 2
	}
	return rows, columns
}

// windows computes V for a row of tiles.
func windows(kind int, v []float32, ldv, ldt int, x []float32, ldx, panel, tiles, panels int) {
	rows, columns := sizeOf(kind)
	_ = v[35*ldv+(tiles-1)*ldt+panels*lanes-1]
	_ = x[(panels-1)*panel+(rows+1)*ldx+(4*(tiles-1)+columns+2)*lanes-1]
	windowsOf[wide()][kind](&v[0], ldv, ldt, &x[0], ldx, panel, tiles, panels)
}

// results computes Aᵀ[m]A + bias for a row of tiles: rows of pixels, ldy apart.
func results(kind int, y []float32, ldy int, m []float32, ldm, ldt int, bias []float32, tiles int) {
	rows, columns := sizeOf(kind)
	_, _, _ = y[(rows-1)*ldy+(4*(tiles-1)+columns)*lanes-1], m[35*ldm+(tiles-1)*ldt+lanes-1], bias[lanes-1]
	resultsOf[wide()][kind](&y[0], ldy, &m[0], ldm, ldt, &bias[0], tiles)
}

// spread computes AxAᵀ for a row of tiles.
func spread(kind int, m []float32, ldm int, x []float32, ldx, tiles int) {
	rows, columns := sizeOf(kind)
	_, _ = m[35*ldm+tiles*lanes-1], x[(rows-1)*ldx+(4*(tiles-1)+columns)*lanes-1]
	spreadOf[wide()][kind](&m[0], ldm, &x[0], ldx, tiles)
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

// products computes the sums of some places: c is place × panel × row × 16, the rows of x
// m × n, and w place × panel × n × 16.
func products(c []float32, cPlace, cPanel, cRow int, x []float32, xPlace, xRow int, w []float32, wPlace, wPanel, places, panels, m, n int) {
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
