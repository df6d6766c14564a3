package data

// shapeSide is the height and width of a generated shape, as in CIFAR-10.
const shapeSide = 32

// Shapes returns a generated set in the manner of CIFAR-10: figures of ten forms
// on a darker background, 32×32 RGB. The class is the form; size, place, turn,
// stretch, colours, textures, light and noise are random and tell nothing of it.
// Image i of train shows the form i mod 10 and depends on (seed, i) alone, so
// that a smaller set is the beginning of a larger one; test images come from
// streams of their own. Val is the last min(5000, train/10) of the train images. The same
// seed gives the same bytes on every architecture, on any number of cores.
func Shapes(seed uint64, train, test int) *Dataset {
	d := &Dataset{
		Name:     "shapes",
		Channels: 3, Height: shapeSide, Width: shapeSide,
		varied: cifar10.varied,
	}
	for _, f := range forms {
		d.Classes = append(d.Classes, f.name)
	}
	drawn := figures()
	d.generate(seed, train, test, func(image []byte, class int, random *stream) {
		newScene(random).draw(image, &drawn[class], random)
	})
	return d
}

// scene is what surrounds a form and how it stands in it.
type scene struct {
	cos, sin      float32 // of the turn, clockwise
	width, height float32 // pixels per unit of the form
	centre        point   // in pixels
	edge          float32 // pixels from background to figure across the outline
	back, front   *texture
	light         point   // of the brightness, per pixel to the right and down
	noise         float32 // standard deviation, in brightness
}

// contrast is by how much the figure is lighter than the background at least, of
// 1 between black and white, before their textures.
const contrast = 0.25

// newScene draws a scene. The figure turns by up to 44° and stays within the
// image but for a corner.
func newScene(random *stream) *scene {
	cos, sin := turned(random.between(-0.4, 0.4))
	size := random.between(15, 23)
	stretch := random.between(0.87, 1.15)
	free := (shapeSide - size) / 2
	s := &scene{
		cos: cos, sin: sin,
		width: float32(size * stretch), height: size / stretch,
		centre: point{
			shapeSide/2 + random.between(-free, free),
			shapeSide/2 + random.between(-free, free),
		},
		edge:  random.between(1, 2),
		light: point{random.between(-0.012, 0.012), random.between(-0.012, 0.012)},
		noise: random.between(0.01, 0.06),
	}
	back, front := newColour(random), newColour(random)
	for front.light()-back.light() < contrast {
		back, front = newColour(random), newColour(random)
	}
	s.back, s.front = newTexture(random, back), newTexture(random, front)
	return s
}

// draw writes the image, 3×32×32 bytes, of a form. As with digits, every pixel
// looks up its own place within it.
func (s *scene) draw(image []byte, g *glyph, random *stream) {
	const plane = shapeSide * shapeSide
	narrow, low := 1/s.width, 1/s.height
	steep := min(s.width, s.height) / s.edge
	for i := range plane {
		px, py := float32(i%shapeSide)+0.5, float32(i/shapeSide)+0.5
		at := point{px - s.centre.x, py - s.centre.y}.unturned(s.cos, s.sin)
		cover := clamp(float32(g.at(point{float32(at.x * narrow), float32(at.y * low)})*steep) + 0.5)
		var c colour
		switch cover {
		case 0:
			c = s.back.at(px, py)
		case 1:
			c = s.front.at(px, py)
		default:
			c = s.back.at(px, py).mixed(s.front.at(px, py), cover)
		}
		lit := 1 + float32(s.light.x*(px-shapeSide/2)) + float32(s.light.y*(py-shapeSide/2))
		bits := [2]uint64{random.pcg.Uint64(), random.pcg.Uint64()}
		for k := range c {
			noise := bell(uint32(bits[k/2] >> (k % 2 * 32)))
			level := float32(c[k]*lit) + float32(s.noise*noise)
			image[k*plane+i] = quantised(level)
		}
	}
}
