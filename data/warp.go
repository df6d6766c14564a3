package data

// digitSide is the height and width of a generated digit, as in MNIST.
const digitSide = 28

// warpKnots is the number of knots per side of an elastic distortion. They stand
// 7 pixels apart, the outer ones beyond the border.
const warpKnots = 7

// warp is a smooth displacement of each pixel of an image, row by row.
type warp [digitSide * digitSide]point

// knots holds for each pixel of a row the first of the four knots around it and
// their cubic B-spline weights.
var knots = func() (w [digitSide]struct {
	first  int
	weight [4]float32
}) {
	for i := range w {
		at := (float32(i) + 0.5) * (warpKnots - 3) / digitSide
		w[i].first = int(at)
		t := at - float32(w[i].first)
		s := 1 - t
		tt, ss := float32(t*t), float32(s*s)
		w[i].weight = [4]float32{
			float32(ss*s) / 6,
			(float32(3*float32(tt*t)) - float32(6*tt) + 4) / 6,
			(float32(3*float32(ss*s)) - float32(6*ss) + 4) / 6,
			float32(tt*t) / 6,
		}
	}
	return w
}()

// draw makes w a surface over knots that are displaced at random, by up to
// reach pixels each.
func (w *warp) draw(random *stream, reach float32) {
	var knot [warpKnots][warpKnots]point
	for i := range knot {
		for j := range knot[i] {
			knot[i][j] = point{random.between(-reach, reach), random.between(-reach, reach)}
		}
	}
	for y := range knots {
		var row [warpKnots]point // the knots of this row of pixels
		four := knot[knots[y].first:][:4]
		for j := range row {
			row[j] = blend(&knots[y].weight, four[0][j], four[1][j], four[2][j], four[3][j])
		}
		for x := range knots {
			four := row[knots[x].first:][:4]
			w[y*digitSide+x] = blend(&knots[x].weight, four[0], four[1], four[2], four[3])
		}
	}
}

// blend is the sum of four points by their weights.
func blend(w *[4]float32, a, b, c, d point) point {
	return point{
		float32(w[0]*a.x) + float32(w[1]*b.x) + float32(w[2]*c.x) + float32(w[3]*d.x),
		float32(w[0]*a.y) + float32(w[1]*b.y) + float32(w[2]*c.y) + float32(w[3]*d.y),
	}
}
