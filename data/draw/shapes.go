package draw

import (
	"math"
	"slices"
	"sync"

	"cnnlab/data/internal/exact"
)

// ShapeSide is the height and the width of a generated shape, as in CIFAR-10.
const ShapeSide = 32

// Shapes returns n images in the manner of CIFAR-10, n×3×32×32, with their labels, n:
// figures of ten forms on a darker background. The class is the form, which size, place,
// rotation, stretch, colours, textures, light and noise, all random, do not reveal.
// Image i shows the form i mod 10.
func Shapes(seed uint64, split string, n int) (pixels, labels []byte) {
	drawn := figures()
	return images(seed, "shapes "+split, n, len(forms), 3*ShapeSide*ShapeSide, func(image []byte, class int, random *exact.Stream) {
		drawShape(image, &drawn[class], random)
	})
}

// ShapeNames returns the names of the forms, in the order of their labels.
func ShapeNames() (names []string) {
	for _, f := range forms {
		names = append(names, f.name)
	}
	return names
}

// contrast is how much lighter the figure is than the background at least, where 1 is
// the difference between black and white. Textures come on top.
const contrast = 0.25

// drawShape writes the image, 3×32×32 bytes, of a form in a random scene. The form is
// rotated by up to 44° and stays within the image, except for a corner. As with digits,
// every pixel looks up where it lies in the form.
func drawShape(image []byte, g *glyph, random *exact.Stream) {
	cos, sin := exact.Rotation(random.Between(-0.4, 0.4))
	size := random.Between(15, 23)
	stretch := random.Between(0.87, 1.15)
	width, height := float32(size*stretch), size/stretch // pixels per unit of the form
	free := (ShapeSide - size) / 2
	centre := point{ShapeSide/2 + random.Between(-free, free), ShapeSide/2 + random.Between(-free, free)}
	edge := random.Between(1, 2) // pixels from background to figure across the outline
	// The change of the brightness per pixel to the right and down.
	light := point{random.Between(-0.012, 0.012), random.Between(-0.012, 0.012)}
	deviation := random.Between(0.01, 0.06) // of the noise, in brightness
	dark, bright := newColour(random), newColour(random)
	for bright.light()-dark.light() < contrast {
		dark, bright = newColour(random), newColour(random)
	}
	back, front := newTexture(random, dark), newTexture(random, bright)

	const plane = ShapeSide * ShapeSide
	narrow, low := 1/width, 1/height
	steep := min(width, height) / edge
	for i := range plane {
		px, py := float32(i%ShapeSide)+0.5, float32(i/ShapeSide)+0.5
		at := point{px - centre.x, py - centre.y}.unrotated(cos, sin)
		cover := clamp(float32(g.at(point{float32(at.x * narrow), float32(at.y * low)})*steep) + 0.5)
		var c colour
		switch cover {
		case 0:
			c = back.at(px, py)
		case 1:
			c = front.at(px, py)
		default:
			c = back.at(px, py).mixed(front.at(px, py), cover)
		}
		lit := 1 + float32(light.x*(px-ShapeSide/2)) + float32(light.y*(py-ShapeSide/2))
		bits := [2]uint64{random.Uint64(), random.Uint64()}
		for k := range c {
			noise := bell(uint32(bits[k/2] >> (k % 2 * 32)))
			image[k*plane+i] = quantized(float32(c[k]*lit) + float32(deviation*noise))
		}
	}
}

// form is a figure, given by the signed distance to its outline, positive inside. The
// origin is its centre, y grows downwards, and the disc has a diameter of 1.
type form struct {
	name     string
	distance func(p point) float32
}

// forms are the classes of the shapes, in the order of their labels. Another one, or
// another order, would change the data set.
var forms = []form{
	{"disc", circle(0, 0, 0.5)},
	{"ring", without(circle(0, 0, 0.55), circle(0, 0, 0.3))},
	{"crescent", without(circle(0.15, 0, 0.55), circle(0.4, 0, 0.45))},
	{"heart", union(circle(-0.24, -0.2, 0.27), circle(0.24, -0.2, 0.27),
		polygon(0, -0.3, 0.455, -0.04, 0, 0.5, -0.455, -0.04))},
	{"triangle", polygon(0, -0.6, 0.6, 0.45, -0.6, 0.45)},
	{"square", polygon(-0.45, -0.45, 0.45, -0.45, 0.45, 0.45, -0.45, 0.45)},
	{"bar", polygon(-0.7, -0.2, 0.7, -0.2, 0.7, 0.2, -0.7, 0.2)},
	{"cross", union(
		polygon(-0.6, -0.17, 0.6, -0.17, 0.6, 0.17, -0.6, 0.17),
		polygon(-0.17, -0.6, 0.17, -0.6, 0.17, 0.6, -0.17, 0.6))},
	// The outer corners on a circle of 0.65, the inner ones on one of 0.27.
	{"star", polygon(0, -0.65, 0.159, -0.218, 0.618, -0.201, 0.257, 0.083, 0.382, 0.526,
		0, 0.27, -0.382, 0.526, -0.257, 0.083, -0.618, -0.201, -0.159, -0.218)},
	{"arrow", polygon(-0.65, -0.14, 0.05, -0.14, 0.05, -0.45, 0.65, 0,
		0.05, 0.45, 0.05, 0.14, -0.65, 0.14)},
}

// figures draws every form, once per process.
var figures = sync.OnceValue(func() []glyph {
	drawn := make([]glyph, len(forms))
	for i, f := range forms {
		drawn[i].sample(f.distance)
	}
	return drawn
})

func circle(x, y, radius float32) func(point) float32 {
	return func(p point) float32 {
		dx, dy := p.x-x, p.y-y
		return radius - float32(math.Sqrt(float64(float32(dx*dx)+float32(dy*dy))))
	}
}

// polygon is the area within corners, given as x, y, x, y and so on.
func polygon(corners ...float32) func(point) float32 {
	var contour []point
	for corner := range slices.Chunk(corners, 2) {
		contour = append(contour, point{corner[0], corner[1]})
	}
	all := edges(contour)
	return func(p point) float32 { return distance(all, p) }
}

// union covers what any of the parts covers. Its distance is right at the outline and may
// be too small deep inside.
func union(parts ...func(point) float32) func(point) float32 {
	return func(p point) float32 {
		most := parts[0](p)
		for _, part := range parts[1:] {
			most = max(most, part(p))
		}
		return most
	}
}

// without covers what all covers and hole does not.
func without(all, hole func(point) float32) func(point) float32 {
	return func(p point) float32 { return min(all(p), -hole(p)) }
}
