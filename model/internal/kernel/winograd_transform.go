package kernel

// multiply computes a side's sums for one sample from its image, and calls emit with the
// panel, the rows lo to hi of the result and their pixels.
func (s *windowScratch) multiply(a *side, image, weights, bias []float32, emit func(p, lo, hi int, rows []float32)) {
	parts(a.th, a.strip, 1, func(lo, hi int) {
		tiles := (hi - lo) * a.tw
		s.windows(a, image, lo, hi)
		for place := range 16 {
			v, w := s.v[place*a.ldv:], weights[place*panels(a.k)*a.c*lanes:]
			eachPanels(a.k, func(first, count int) {
				m := grid{s.m[place*a.ldm+first*tiles*lanes:], lanes, tiles * lanes}
				multiply(count, m, grid{data: zeros[:]}, v, a.tiles[:tiles], a.channels, grid{data: w[first*a.c*lanes:], panel: a.c * lanes})
			})
		}
		for p := range panels(a.k) {
			for r := range hi - lo {
				results(s.y[2*r*2*a.tw*lanes:], 2*a.tw*lanes, s.m[(p*tiles+r*a.tw)*lanes:], a.ldm, bias[p*lanes:], a.tw)
			}
			emit(p, 2*lo, min(a.oh, 2*hi), s.y)
		}
	})
}

// correlate adds Σ V⊙M of one sample to sum (place × panel × c × 16). It calls
// take for the gradient of a panel's rows lo to hi.
func (s *windowScratch) correlate(a *side, image, sum []float32, take func(p, lo, hi int, rows []float32)) {
	parts(a.th, a.strip, 1, func(lo, hi int) {
		tiles := (hi - lo) * a.tw
		s.windows(a, image, lo, hi)
		last := min(a.oh, 2*hi)
		for p := range panels(a.k) {
			take(p, 2*lo, last, s.dy)
			clear(s.dy[(last-2*lo)*2*a.tw*lanes : 2*(hi-lo)*2*a.tw*lanes]) // the extra row if their number is odd
			for r := range hi - lo {
				spread(s.m[(p*tiles+r*a.tw)*lanes:], a.ldm, s.dy[2*r*2*a.tw*lanes:], 2*a.tw*lanes, a.tw)
			}
		}
		for place := range 16 {
			eachPanels(a.k, func(first, count int) {
				part := grid{sum[(place*panels(a.k)+first)*a.c*lanes:], lanes, a.c * lanes}
				m := grid{data: s.m[place*a.ldm+first*tiles*lanes:], panel: tiles * lanes}
				multiply(count, part, part, s.v[place*a.ldv:], a.channels, a.tiles[:tiles], m)
			})
		}
	})
}

// border puts x, channels of h×w, into an image of side a, pixel by pixel. What lies
// outside x stays zero. It copies the sample first, because memory is read fastest in
// order.
func (s *windowScratch) border(a *side, image, x []float32) {
	x = s.near[:copy(s.near, x[:a.c*a.h*a.w])]
	rows, columns := min(a.h, 2*a.th+2-a.pad), min(a.w, 2*a.tw+2-a.pad)
	for r := range rows {
		transpose(image[a.at(r):], a.depth, x[r*a.w:], a.h*a.w, a.c, columns)
	}
}

// windows computes v for rows lo to hi of tiles.
func (s *windowScratch) windows(a *side, image []float32, lo, hi int) {
	for r := lo; r < hi; r++ {
		v, x := &s.v[(r-lo)*a.tw*a.depth], &image[2*r*a.row()]
		if using >= avx512 {
			windowsAVX512(v, a.ldv, x, a.row(), a.depth, a.tw, a.depth)
		} else {
			windowsAVX2(v, a.ldv, x, a.row(), a.depth, a.tw, a.depth)
		}
	}
}

// results computes Aᵀ[m]A + bias for a row of tiles: two rows of pixels, ldy apart.
func results(y []float32, ldy int, m []float32, ldm int, bias []float32, tiles int) {
	_, _, _ = y[ldy+2*tiles*lanes-1], m[15*ldm+tiles*lanes-1], bias[lanes-1]
	if using >= avx512 {
		resultsAVX512(&y[0], ldy, &m[0], ldm, &bias[0], tiles)
	} else {
		resultsAVX2(&y[0], ldy, &m[0], ldm, &bias[0], tiles)
	}
}

// spread computes A·dy·Aᵀ for a row of tiles.
func spread(m []float32, ldm int, dy []float32, ldd, tiles int) {
	_, _ = m[15*ldm+tiles*lanes-1], dy[ldd+2*tiles*lanes-1]
	if using >= avx512 {
		spreadAVX512(&m[0], ldm, &dy[0], ldd, tiles)
	} else {
		spreadAVX2(&m[0], ldm, &dy[0], ldd, tiles)
	}
}

// fromWeight computes GwGᵀ of one 3×3 kernel; the places are ld apart.
func fromWeight(u []float32, ld int, w *[9]float32) {
	var a [4][3]float32
	for j := range 3 {
		both, middle := w[j]+w[6+j], w[3+j]
		a[0][j], a[1][j], a[2][j], a[3][j] = w[j], 0.5*(both+middle), 0.5*(both-middle), w[6+j]
	}
	for i := range 4 {
		both, middle := a[i][0]+a[i][2], a[i][1]
		u[4*i*ld], u[(4*i+1)*ld], u[(4*i+2)*ld], u[(4*i+3)*ld] = a[i][0], 0.5*(both+middle), 0.5*(both-middle), a[i][2]
	}
}

// toWeight computes GᵀuG, the gradient of one 3×3 kernel.
func toWeight(w *[9]float32, u []float32, ld int) {
	var a [3][4]float32
	for j := range 4 {
		u0, u1, u2, u3 := u[j*ld], u[(4+j)*ld], u[(8+j)*ld], u[(12+j)*ld]
		a[0][j], a[1][j], a[2][j] = u0+0.5*(u1+u2), 0.5*(u1-u2), 0.5*(u1+u2)+u3
	}
	for i := range 3 {
		b := &a[i]
		w[3*i], w[3*i+1], w[3*i+2] = b[0]+0.5*(b[1]+b[2]), 0.5*(b[1]-b[2]), 0.5*(b[1]+b[2])+b[3]
	}
}
