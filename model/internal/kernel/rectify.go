package kernel

// Rectify computes y = max(x, 0) element by element; NaN stays NaN.
func Rectify(y, x []float32) {
	eachChunk(len(x), func(lo, hi int) { rectify(y[lo:hi], x[lo:hi]) })
}

func rectify(y, x []float32) {
	if n := len(x) &^ 7; using >= avx2 && n > 0 {
		rectifyAVX2(&y[0], &x[0], n)
		y, x = y[n:], x[n:]
	} else if using == neon && n > 0 {
		rectifyNEON(&y[0], &x[0], n)
		y, x = y[n:], x[n:]
	}
	for i, v := range x {
		if v < 0 {
			v = 0
		}
		y[i] = v
	}
}

// RectifyGrad computes dx = dy where y = Rectify(x) is positive and 0
// elsewhere: the gradient at 0 is 0. Where y is NaN, so is dx.
func RectifyGrad(dx, dy, y []float32) {
	eachChunk(len(y), func(lo, hi int) { rectifyGrad(dx[lo:hi], dy[lo:hi], y[lo:hi]) })
}

func rectifyGrad(dx, dy, y []float32) {
	if n := len(y) &^ 7; using >= avx2 && n > 0 {
		rectifyGradAVX2(&dx[0], &dy[0], &y[0], n)
		dx, dy, y = dx[n:], dy[n:], y[n:]
	} else if using == neon && n > 0 {
		rectifyGradNEON(&dx[0], &dy[0], &y[0], n)
		dx, dy, y = dx[n:], dy[n:], y[n:]
	}
	for i, v := range y {
		switch {
		case v > 0:
			dx[i] = dy[i]
		case v != v:
			dx[i] = v
		default:
			dx[i] = 0
		}
	}
}
