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
	for y, down := range knots {
		var row [warpKnots]point // the knots of this row of pixels
		for j := range row {
			for k, weight := range down.weight {
				p := knot[down.first+k][j]
				row[j].x += float32(weight * p.x)
				row[j].y += float32(weight * p.y)
			}
		}
		for x, across := range knots {
			var sum point
			for k, weight := range across.weight {
				p := row[across.first+k]
				sum.x += float32(weight * p.x)
				sum.y += float32(weight * p.y)
			}
			w[y*digitSide+x] = sum
		}
	}
}
