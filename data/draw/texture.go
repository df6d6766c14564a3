package draw

import "cnnlab/data/internal/exact"

// colour is red, green and blue, 0 to 1.
type colour [3]float32

func newColour(random *exact.Stream) (c colour) {
	for k := range c {
		c[k] = random.Between(0, 1)
	}
	return c
}

// near draws a colour that differs from c by up to reach in each channel.
func (c colour) near(random *exact.Stream, reach float32) colour {
	for k := range c {
		c[k] = clamp(c[k] + random.Between(-reach, reach))
	}
	return c
}

// light returns the lightness of a colour to the eye, 0 to 1, by ITU-R BT.601.
func (c colour) light() float32 {
	return float32(0.299*c[0]) + float32(0.587*c[1]) + float32(0.114*c[2])
}

// mixed returns c mixed with a part of o, 0 to 1.
func (c colour) mixed(o colour, part float32) colour {
	for k := range c {
		c[k] += float32((o[k] - c[k]) * part)
	}
	return c
}

// pattern is how a texture changes from one colour to the other.
type pattern int

const (
	plain pattern = iota
	stripes
	checks
	dots
	clouds
	patterns // their number
)

const cloudKnots = 6

// texture covers the plane with two colours.
type texture struct {
	pattern pattern
	first   colour
	second  colour
	step    point // periods per pixel to the right; downwards it is step rotated by 90°
	start   point // where the first period begins
	knots   [cloudKnots * cloudKnots]float32
}

// newTexture draws a texture of colours that are near to base.
func newTexture(random *exact.Stream, base colour) *texture {
	t := &texture{
		pattern: pattern(random.IntN(int(patterns))),
		first:   base.near(random, 0.1), second: base.near(random, 0.25),
	}
	cos, sin := exact.Rotation(random.Between(-1, 1))
	period := random.Between(4, 9)
	t.step = point{cos / period, sin / period}
	// A start far to the left and above keeps the coordinates positive.
	t.start = point{64 + random.Between(0, 1), 64 + random.Between(0, 1)}
	if t.pattern == clouds {
		for i := range t.knots {
			t.knots[i] = random.Between(0, 1)
		}
	}
	return t
}

func (t *texture) at(x, y float32) colour {
	if t.pattern == plain {
		return t.first
	}
	if t.pattern == clouds {
		const scale = float32(cloudKnots-1) / ShapeSide // the knots span the image
		return t.first.mixed(t.second, interpolated(t.knots[:], cloudKnots, float32(x*scale), float32(y*scale)))
	}
	u := float32(t.step.x*x) + float32(t.step.y*y) + t.start.x
	v := float32(t.step.x*y) - float32(t.step.y*x) + t.start.y
	u, v = u-float32(int(u)), v-float32(int(v)) // within the period
	part := float32(0)
	switch t.pattern {
	case stripes:
		part = half(u)
	case checks:
		a, b := half(u), half(v)
		part = a + b - float32(2*float32(a*b))
	case dots:
		u, v = u-0.5, v-0.5
		part = clamp(float32((0.1-float32(u*u)-float32(v*v))*10) + 0.5)
	}
	return t.first.mixed(t.second, part)
}

// half is a wave of period 1 that is 0 for one half and 1 for the other, with soft
// slopes between.
func half(u float32) float32 {
	if u > 0.5 {
		u = 1 - u
	}
	return clamp(float32((u-0.25)*8) + 0.5)
}
