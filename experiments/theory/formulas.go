package theory

// formulas are the results of theory.md for y = x ∗ w, as plain float64 loops.
type formulas struct {
	// The four-index Jacobians: ∂y at (n,m,i,j) by w at (m,c,a,b), and by x at
	// (n,c,u,v).
	yByW func(c conv, x array, y, w [4]int) float64
	yByX func(c conv, w array, y, x [4]int) float64
	// Their products with an upstream gradient g = ∂L/∂y, as convolutions.
	gradW func(c conv, x, g array) array
	gradX func(c conv, w, g array) array
}

// derived are the formulas of theory.md, section 1.5.
var derived = formulas{
	yByW: func(c conv, x array, y, w [4]int) float64 {
		if y[1] != w[0] { // the kernel of another map
			return 0
		}
		return x.plane(y[0], w[1]).at(c.tap(y[2], w[2]), c.tap(y[3], w[3]))
	},
	yByX: func(c conv, w array, y, x [4]int) float64 {
		if y[0] != x[0] { // another image
			return 0
		}
		a, b := x[2]+c.pad-c.stride*y[2], x[3]+c.pad-c.stride*y[3]
		return w.plane(y[1], x[1]).at(c.mirror(a), c.mirror(b))
	},
	gradW: gradW,
	gradX: gradX,
}

// gradW returns ∂L/∂w[m,c] = Σ_n pad(x[n,c]) ⋆ dilate(g[n,m]), a valid correlation. Only
// its first k×k entries count (a stride may leave more). It is flipped if ∗ is the
// convolution.
func gradW(c conv, x, g array) array {
	dw := c.zerosW()
	for m := range c.maps {
		for ch := range c.channels {
			for n := range c.batch {
				part := x.plane(n, ch).padded(c.pad).correlate(g.plane(n, m).dilated(c.stride))
				p := dw.plane(m, ch)
				p.fill(func(a, b int) float64 { return p.at(a, b) + part.at(c.mirror(a), c.mirror(b)) })
			}
		}
	}
	return dw
}

// gradX returns ∂L/∂x[n,c] = Σ_m dilate(g[n,m]) ∗ w[m,c], the full convolution (g
// surrounded by k-1 zeros) with the padding cut off; a full correlation if ∗ is the
// convolution. The rows that the stride leaves over at the end of x have gradient 0.
func gradX(c conv, w, g array) array {
	dx := c.zerosX()
	for n := range c.batch {
		for ch := range c.channels {
			for m := range c.maps {
				kernel := w.plane(m, ch)
				if !c.flipped {
					kernel = kernel.rotated()
				}
				part := g.plane(n, m).dilated(c.stride).padded(c.k - 1).correlate(kernel)
				p := dx.plane(n, ch)
				p.fill(func(u, v int) float64 { return p.at(u, v) + part.at(u+c.pad, v+c.pad) })
			}
		}
	}
	return dx
}

// jacobian returns ∂y by w and by x, with the rows, one for each entry of y, one after
// another.
func (f formulas) jacobian(c conv, x, w array) (j pair) {
	y := c.zerosY()
	for e := range y.v {
		for i := range w.v {
			j.byW = append(j.byW, f.yByW(c, x, y.index(e), w.index(i)))
		}
		for i := range x.v {
			j.byX = append(j.byX, f.yByX(c, w, y.index(e), x.index(i)))
		}
	}
	return j
}

// differences computes the Jacobians by central differences. y is linear in w and in
// x, so the difference is exact up to rounding, whatever the step.
func differences(c conv, x, w array) pair {
	const h = 1.0 / 1024
	vary := func(v []float64) []float64 {
		j := make([]float64, len(c.zerosY().v)*len(v))
		for i, was := range v {
			v[i] = was + h
			above := c.forward(x, w)
			v[i] = was - h
			below := c.forward(x, w)
			v[i] = was
			for e := range above.v {
				j[e*len(v)+i] = (above.v[e] - below.v[e]) / (2 * h)
			}
		}
		return j
	}
	return pair{vary(w.v), vary(x.v)}
}

// contract contracts the Jacobians with the upstream gradient g: Σ g·∂y.
func (j pair) contract(g array) (pair, error) {
	sum := func(j []float64) []float64 {
		sums := make([]float64, len(j)/len(g.v))
		for i, v := range j {
			sums[i%len(sums)] += g.v[i/len(sums)] * v
		}
		return sums
	}
	return pair{sum(j.byW), sum(j.byX)}, nil
}
