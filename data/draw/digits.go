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
		face := &drawn[random.IntN(len(drawn))]
		var bend warp
		newPose(random).draw(image, &face[digit], &bend, random)
	})
}

// pose is how a digit is placed in its image, and how it looks.
type pose struct {
	cos, sin      float32 // of the rotation, clockwise
	slant         float32 // pixels to the left per pixel down
	width, height float32 // pixels per height of the glyph
	centre        point   // in pixels
	bend          float32 // elastic distortion: the greatest shift of its knots, in pixels
	stroke        float32 // pixels that the outline grows, or shrinks if below 0
	edge          float32 // pixels from black to white across the outline
	paper, ink    float32 // grey, 0 to 1
	noise         float32 // standard deviation, in grey
}

// newPose draws a pose. Rotations stay below 23° so that a 6 does not become a 9.
func newPose(random *exact.Stream) pose {
	cos, sin := exact.Rotation(random.Between(-0.2, 0.2))
	height := random.Between(16, 22)
	return pose{
		cos: cos, sin: sin,
		slant:  random.Between(-0.35, 0.35),
		height: height, width: float32(height * random.Between(0.8, 1.3)),
		centre: point{
			DigitSide/2 + random.Between(-2, 2),
			DigitSide/2 + random.Between(-2, 2),
		},
		bend:   random.Between(1, 4),
		stroke: random.Between(-0.3, 0.5),
		edge:   random.Between(1, 2),
		paper:  random.Between(0, 0.1), ink: random.Between(0.6, 1),
		noise: random.Between(0.01, 0.1),
	}
}

// draw writes the image, 28×28 bytes, of a glyph in this pose. It goes backwards: every
// pixel looks up where it lies in the glyph.
func (p pose) draw(image []byte, g *glyph, bend *warp, random *exact.Stream) {
	bend.draw(random, p.bend)
	narrow, low := 1/p.width, 1/p.height
	steep, level := p.height/p.edge, p.stroke/p.edge+0.5
	var noise uint64
	for i := range image {
		x := float32(i%DigitSide) + 0.5 - p.centre.x - bend[i].x
		y := float32(i/DigitSide) + 0.5 - p.centre.y - bend[i].y
		at := point{x, y}.unrotated(p.cos, p.sin)
		at.x += float32(p.slant * at.y)
		cover := float32(g.at(point{float32(at.x * narrow), float32(at.y * low)})*steep) + level
		if i%2 == 0 {
			noise = random.Uint64()
		}
		grey := p.paper + float32((p.ink-p.paper)*clamp(cover)) + float32(p.noise*bell(uint32(noise)))
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
