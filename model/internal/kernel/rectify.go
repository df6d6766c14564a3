package kernel

// Rectify computes y = max(x, 0) element by element; NaN stays NaN.
func Rectify(y, x []float32) {
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
