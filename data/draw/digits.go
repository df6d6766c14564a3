package draw

import "cnnlab/data/internal/exact"

// DigitSide is the height and the width of a generated digit, as in MNIST.
const DigitSide = 28

// Digits returns n images in the manner of MNIST, n×1×28×28, with their labels, n:
// typeset digits in many faces, white on black, each rotated, slanted, scaled, shifted,
// distorted, thickened or thinned, faded and covered with noise at random. Image i shows
// the digit i mod 10.
func Digits(seed uint64, split string, n int) (pixels, labels []byte) {
	drawn, err := glyphs()
	if err != nil {
		panic("draw: the built-in typefaces cannot be read: " + err.Error())
	}
	return images(seed, "digits "+split, n, 10, DigitSide*DigitSide, func(image []byte, digit int, random *exact.Stream) {
		drawDigit(image, &drawn[random.IntN(len(drawn))][digit], random)
	})
}

// drawDigit writes the image, 28×28 bytes, of a glyph in a random pose. Rotations stay
// below 23° so that a 6 does not become a 9. It goes backwards: every pixel looks up
// where it lies in the glyph.
func drawDigit(image []byte, g *glyph, random *exact.Stream) {
	cos, sin := exact.Rotation(random.Between(-0.2, 0.2))
	height := random.Between(16, 22)     // pixels per height of the glyph; width likewise
	slant := random.Between(-0.35, 0.35) // pixels to the left per pixel down
	width := float32(height * random.Between(0.8, 1.3))
	centre := point{DigitSide/2 + random.Between(-2, 2), DigitSide/2 + random.Between(-2, 2)}
	reach := random.Between(1, 4)                                // of the distortion, in pixels
	stroke := random.Between(-0.3, 0.5)                          // pixels that the outline grows, or shrinks if below 0
	edge := random.Between(1, 2)                                 // pixels from black to white across the outline
	paper, ink := random.Between(0, 0.1), random.Between(0.6, 1) // grey, 0 to 1
	deviation := random.Between(0.01, 0.1)                       // of the noise, in grey
	var bend warp
	bend.draw(random, reach)

	narrow, low := 1/width, 1/height
	steep, level := height/edge, stroke/edge+0.5
	var noise uint64
	for i := range image {
		x := float32(i%DigitSide) + 0.5 - centre.x - bend[i].x
		y := float32(i/DigitSide) + 0.5 - centre.y - bend[i].y
		at := point{x, y}.unrotated(cos, sin)
		at.x += float32(slant * at.y)
		cover := float32(g.at(point{float32(at.x * narrow), float32(at.y * low)})*steep) + level
		if i%2 == 0 {
			noise = random.Uint64()
		}
		grey := paper + float32((ink-paper)*clamp(cover)) + float32(deviation*bell(uint32(noise)))
		noise >>= 32
		image[i] = quantized(grey)
	}
}

// warpKnots is the number of knots per side of an elastic distortion. They are 7 pixels
// apart, the outer ones beyond the border.
const warpKnots = 7

// warp is a smooth displacement of each pixel of an image, row by row.
type warp [DigitSide * DigitSide]point

// knots holds for each pixel of a row the first of the four knots around it and
// their cubic B-spline weights.
var knots = func() (w [DigitSide]struct {
	first  int
	weight [4]float32
}) {
	for i := range w {
		at := (float32(i) + 0.5) * (warpKnots - 3) / DigitSide
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

// draw makes w a smooth surface over knots that are each displaced at random, by up to
// reach pixels.
func (w *warp) draw(random *exact.Stream, reach float32) {
	var knot [warpKnots][warpKnots]point
	for i := range knot {
		for j := range knot[i] {
			knot[i][j] = point{random.Between(-reach, reach), random.Between(-reach, reach)}
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
			w[y*DigitSide+x] = blend(&knots[x].weight, four[0], four[1], four[2], four[3])
		}
	}
}

func blend(w *[4]float32, a, b, c, d point) point {
	return point{
		float32(w[0]*a.x) + float32(w[1]*b.x) + float32(w[2]*c.x) + float32(w[3]*d.x),
		float32(w[0]*a.y) + float32(w[1]*b.y) + float32(w[2]*c.y) + float32(w[3]*d.y),
	}
}
