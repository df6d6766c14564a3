package data

import (
	"math"
	"sync"
)

// form is a figure by its signed distance, positive inside. The origin is its
// middle, y grows downwards, and the disc has a diameter of 1.
type form struct {
	name     string
	distance func(p point) float32
}

// forms are the classes of the shapes, in the order of their labels. Another
// one, or another order, changes the data set.
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

// circle is a disc about (x, y).
func circle(x, y, radius float32) func(point) float32 {
	return func(p point) float32 {
		dx, dy := p.x-x, p.y-y
		return radius - float32(math.Sqrt(float64(float32(dx*dx)+float32(dy*dy))))
	}
}

// polygon is the area within corners, given as x, y, x, y and so on.
func polygon(corners ...float32) func(point) float32 {
	var edges []edge
	from := point{corners[len(corners)-2], corners[len(corners)-1]}
	for i := 0; i < len(corners); i += 2 {
		to := point{corners[i], corners[i+1]}
		edges = append(edges, newEdge(from, to))
		from = to
	}
	return func(p point) float32 { return distance(edges, p) }
}

// union is what any of the parts covers. Deep inside, its distance may be too
// small; at the outline it is right.
func union(parts ...func(point) float32) func(point) float32 {
	return func(p point) float32 {
		most := parts[0](p)
		for _, part := range parts[1:] {
			most = max(most, part(p))
		}
		return most
	}
}

// without is what all covers and hole does not.
func without(all, hole func(point) float32) func(point) float32 {
	return func(p point) float32 { return min(all(p), -hole(p)) }
}
