package kernel

// multiply computes y, one sample of the result of a side, from x.
func (s *windowScratch) multiply(a *side, i int, y, x, weights, bias []float32) {
	s.border(a, i, x)
	q := a.oh * a.ow
	parts(a.th, a.strip, 1, func(lo, hi int) {
		s.windows(a, i, lo, hi)
		tiles := (hi - lo) * a.tw
		for place := range 16 {
			for k := range panels(a.k) {
				panel(s.m[place*a.ldm+k*tiles*lanes:], lanes, zeros[:], 0, s.v[place*a.ldv:], a.tiles[:tiles], a.channels,
					weights[(place*panels(a.k)+k)*a.c*lanes:])
			}
		}
		first, rows := 2*lo, min(a.oh, 2*hi)-2*lo
		for k := range panels(a.k) {
			for r := range hi - lo {
				resultsAVX2(&s.y[2*r*2*a.tw*lanes], 2*a.tw*lanes, &s.m[(k*tiles+r*a.tw)*lanes], a.ldm, &bias[k*lanes], a.tw)
			}
			out, n := y[k*lanes*q+first*a.ow:], min(lanes, a.k-k*lanes)
			if a.ow == 2*a.tw {
				transpose(out, q, s.y, lanes, rows*a.ow, n)
				continue
			}
			for r := range rows {
				transpose(out[r*a.ow:], q, s.y[r*2*a.tw*lanes:], lanes, a.ow, n)
			}
		}
	})
}

// correlate adds Σ V⊙M of one sample to sum (place × panel × c × 16).
func (s *windowScratch) correlate(a *side, sum, x, dy []float32) {
	s.border(a, 0, x)
	q := a.oh * a.ow
	parts(a.th, a.strip, 1, func(lo, hi int) {
		s.windows(a, 0, lo, hi)
		tiles := (hi - lo) * a.tw
		first, rows := 2*lo, min(a.oh, 2*hi)-2*lo
		for k := range panels(a.k) {
			in, n := dy[k*lanes*q+first*a.ow:], min(lanes, a.k-k*lanes)
			if a.ow == 2*a.tw {
				transpose(s.dy, lanes, in, q, n, rows*a.ow)
			} else {
				for r := range rows {
					transpose(s.dy[r*2*a.tw*lanes:], lanes, in[r*a.ow:], q, n, a.ow)
				}
			}
			clear(s.dy[rows*2*a.tw*lanes : 2*(hi-lo)*2*a.tw*lanes]) // the row behind an odd number
			for r := range hi - lo {
				spreadAVX2(&s.m[(k*tiles+r*a.tw)*lanes], a.ldm, &s.dy[2*r*2*a.tw*lanes], 2*a.tw*lanes, a.tw)
			}
		}
		for place := range 16 {
			for k := range panels(a.k) {
				part := sum[(place*panels(a.k)+k)*a.c*lanes:]
				panel(part, lanes, part, lanes, s.v[place*a.ldv:], a.channels, a.tiles[:tiles], s.m[place*a.ldm+k*tiles*lanes:])
			}
		}
	})
}

// border puts x, channels of h×w, into the image of side i, pixel by pixel. What
// lies outside x stays zero. The sample is copied first: memory is read fastest
// in its order.
func (s *windowScratch) border(a *side, i int, x []float32) {
	x = s.near[:copy(s.near, x[:a.c*a.h*a.w])]
	for r := range a.h {
		at := (r+a.pad)*(2*a.tw+2) + a.pad
		transpose(s.image[i][at*a.depth:], a.depth, x[r*a.w:], a.h*a.w, a.c, a.w)
	}
}

// windows computes v of the rows lo to hi of tiles.
func (s *windowScratch) windows(a *side, i, lo, hi int) {
	row := (2*a.tw + 2) * a.depth
	for r := lo; r < hi; r++ {
		windowsAVX2(&s.v[(r-lo)*a.tw*a.depth], a.ldv, &s.image[i][2*r*row], row, a.depth, a.tw, a.depth)
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
