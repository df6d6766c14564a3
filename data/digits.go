package data

// Digits returns a generated set in the manner of MNIST: typeset digits of many
// faces, white on black, 28×28, each turned, slanted, scaled, shifted, distorted,
// thickened or thinned, faded and covered with noise at random. Image i of train
// shows the digit i mod 10 and depends on (seed, i) alone, so that a smaller set
// is the beginning of a larger one; test images come from streams of their own.
// Val is the last min(5000, train/10) of the train images. The same seed gives
// the same bytes on every architecture, on any number of cores.
func Digits(seed uint64, train, test int) *Dataset {
	d := &Dataset{
		Name:     "digits",
		Classes:  append([]string(nil), mnist.classes...),
		Channels: 1, Height: digitSide, Width: digitSide,
		varied: mnist.varied,
	}
	drawn, err := glyphs()
	if err != nil {
		panic("data: the built-in typefaces cannot be read: " + err.Error())
	}
	d.generate(seed, train, test, func(image []byte, digit int, random *stream) {
		face := &drawn[random.intN(len(drawn))]
		var bend warp
		newPose(random).draw(image, &face[digit], &bend, random)
	})
	return d
}

// pose is how a digit stands in its image.
type pose struct {
	cos, sin      float32 // of the turn, clockwise
	slant         float32 // pixels to the left per pixel down
	width, height float32 // pixels per height of the glyph
	centre        point   // in pixels
	bend          float32 // elastic distortion: the reach of its knots in pixels
	stroke        float32 // pixels that the outline grows, or shrinks if below 0
	edge          float32 // pixels from black to white across the outline
	paper, ink    float32 // grey, 0 to 1
	noise         float32 // standard deviation, in grey
}

// newPose draws a pose. Turns stay below 23° so that a 6 does not become a 9.
func newPose(random *stream) pose {
	cos, sin := turned(random.between(-0.2, 0.2))
	height := random.between(16, 22)
	return pose{
		cos: cos, sin: sin,
		slant:  random.between(-0.35, 0.35),
		height: height, width: float32(height * random.between(0.8, 1.3)),
		centre: point{
			digitSide/2 + random.between(-2, 2),
			digitSide/2 + random.between(-2, 2),
		},
		bend:   random.between(1, 4),
		stroke: random.between(-0.3, 0.5),
		edge:   random.between(1, 2),
		paper:  random.between(0, 0.1), ink: random.between(0.6, 1),
		noise: random.between(0.01, 0.1),
	}
}

// draw writes the image, 28×28 bytes, of a glyph in this pose. Every pixel looks
// up its own place within the glyph: the way back from the image.
func (p pose) draw(image []byte, g *glyph, bend *warp, random *stream) {
	bend.draw(random, p.bend)
	narrow, low := 1/p.width, 1/p.height
	steep, level := p.height/p.edge, p.stroke/p.edge+0.5
	var noise uint64
	for i := range image {
		x := float32(i%digitSide) + 0.5 - p.centre.x - bend[i].x
		y := float32(i/digitSide) + 0.5 - p.centre.y - bend[i].y
		at := point{x, y}.unturned(p.cos, p.sin)
		at.x += float32(p.slant * at.y)
		cover := float32(g.at(point{float32(at.x * narrow), float32(at.y * low)})*steep) + level
		if i%2 == 0 {
			noise = random.pcg.Uint64()
		}
		grey := p.paper + float32((p.ink-p.paper)*clamp(cover)) + float32(p.noise*bell(uint32(noise)))
		noise >>= 32
		image[i] = quantised(grey)
	}
}

// clamp is x, but 0 below 0 and 1 above 1; faster than min and max, which mind
// what is not a number.
func clamp(x float32) float32 {
	if x < 0 {
		return 0
	}
	if x > 1 {
		return 1
	}
	return x
}

// bell is nearly normal, with mean 0 and standard deviation 1: the sum of the
// four bytes of random bits.
func bell(bits uint32) float32 {
	sum := bits&255 + bits>>8&255 + bits>>16&255 + bits>>24
	return (float32(sum) - 510) * (1 / 147.799) // 510 is 4×127.5, 147.799² is 4×(256²-1)/12
}
