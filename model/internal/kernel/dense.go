package kernel

// Dense is a fully connected layer: x N×In, w Out×In, bias Out, y N×Out,
//
//	y = x·wᵀ + bias
type Dense struct{ N, In, Out int }

// Forward computes y.
func (d Dense) Forward(y, x, w, bias []float32) {
	d.eachBlock(d.N, func(lo, hi int) {
		for n := lo; n < hi; n++ {
			copy(y[n*d.Out:(n+1)*d.Out], bias)
		}
		gemm(hi-lo, d.Out, d.In, matrix{data: x[lo*d.In:], stride: d.In}, matrix{data: w, stride: d.In, trans: true},
			matrix{data: y[lo*d.Out:], stride: d.Out}, true)
	})
}

// GradX computes dx = dy·w.
func (d Dense) GradX(dx, dy, w []float32) {
	d.eachBlock(d.N, func(lo, hi int) {
		gemm(hi-lo, d.In, d.Out, matrix{data: dy[lo*d.Out:], stride: d.Out}, matrix{data: w, stride: d.In},
			matrix{data: dx[lo*d.In:], stride: d.In}, false)
	})
}

// GradW computes dw = dyᵀ·x.
func (d Dense) GradW(dw, dy, x []float32) {
	d.eachBlock(d.Out, func(lo, hi int) {
		gemm(hi-lo, d.In, d.N, matrix{data: dy[lo:], stride: d.Out, trans: true}, matrix{data: x, stride: d.In},
			matrix{data: dw[lo*d.In:], stride: d.In}, false)
	})
}

// GradBias computes db, the sum of the rows of dy.
func (d Dense) GradBias(db, dy []float32) {
	clear(db)
	for n := range d.N {
		for o, v := range dy[n*d.Out:][:d.Out] {
			db[o] += v
		}
	}
}

// eachBlock cuts n rows of the result into blocks.
func (d Dense) eachBlock(n int, f func(lo, hi int)) {
	Parallel(blocks, func(b int) {
		if lo, hi := block(b, n); lo < hi {
			f(lo, hi)
		}
	})
}
