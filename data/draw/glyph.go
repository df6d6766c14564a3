package draw

import (
	"sync"

	"codeberg.org/go-fonts/liberation/liberationmonobold"
	"codeberg.org/go-fonts/liberation/liberationmonoregular"
	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansitalic"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"codeberg.org/go-fonts/liberation/liberationserifbold"
	"codeberg.org/go-fonts/liberation/liberationserifbolditalic"
	"codeberg.org/go-fonts/liberation/liberationserifitalic"
	"codeberg.org/go-fonts/liberation/liberationserifregular"
	"github.com/pkg/errors"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/sync/errgroup"

	"cnnlab/data/internal/exact"
)

// faces are the typefaces that digits are set in, as TrueType fonts: serif, sans and
// mono, upright and slanted, light and bold. Another one, or another order, would change
// the data set.
var faces = [][]byte{
	goregular.TTF, gobold.TTF, goitalic.TTF, gomono.TTF, gomonobold.TTF,
	liberationserifregular.TTF, liberationserifbold.TTF,
	liberationserifitalic.TTF, liberationserifbolditalic.TTF,
	liberationsansregular.TTF, liberationsansbold.TTF, liberationsansitalic.TTF,
	liberationmonoregular.TTF, liberationmonobold.TTF,
}

// A glyph is measured in heights of the digit 8 of its face. The origin is the
// centre of its own box; x grows to the right, y downwards.
const (
	glyphGrid  = 48   // points per side
	glyphReach = 0.85 // the grid spans -glyphReach to glyphReach
	glyphStep  = 2 * glyphReach / (glyphGrid - 1)
)

// glyph is the signed distance to the outline of a digit, positive inside, at
// the points of a grid, row by row.
type glyph [glyphGrid * glyphGrid]float32

// glyphs draws the ten digits of every face, once per process: [face][digit].
var glyphs = sync.OnceValues(func() ([][10]glyph, error) {
	drawn := make([][10]glyph, len(faces))
	var group errgroup.Group
	for i, ttf := range faces {
		group.Go(func() error { return errors.WithMessagef(drawFace(&drawn[i], ttf), "face %d", i) })
	}
	err := group.Wait()
	return drawn, err
})

func drawFace(digits *[10]glyph, ttf []byte) error {
	font, err := sfnt.Parse(ttf)
	if err != nil {
		return err
	}
	eight, err := outline(font, '8')
	if err != nil {
		return err
	}
	low, high := box(eight)
	for d := range digits {
		contours, err := outline(font, rune('0'+d))
		if err != nil {
			return err
		}
		digits[d].draw(contours, high.y-low.y)
	}
	return nil
}

// draw centres and scales the contours, so that height is 1, and fills g with the
// distances to them.
func (g *glyph) draw(contours [][]point, height float32) {
	low, high := box(contours)
	middle := point{float32((low.x + high.x) / 2), float32((low.y + high.y) / 2)}
	var all []edge
	for _, contour := range contours {
		for i, p := range contour {
			contour[i] = point{(p.x - middle.x) / height, (p.y - middle.y) / height}
		}
		all = append(all, edges(contour)...)
	}
	g.sample(func(p point) float32 { return distance(all, p) })
}

func (g *glyph) sample(distance func(point) float32) {
	for i := range g {
		x, y := i%glyphGrid, i/glyphGrid
		g[i] = distance(point{
			float32(float32(x)*glyphStep) - glyphReach,
			float32(float32(y)*glyphStep) - glyphReach,
		})
	}
}

// at returns the distance at p, interpolated between the points of the grid. Beyond the
// grid, far from any glyph, it is -glyphReach.
func (g *glyph) at(p point) float32 {
	u := float32((p.x + glyphReach) * (1 / glyphStep))
	v := float32((p.y + glyphReach) * (1 / glyphStep))
	if !(u >= 0 && u < glyphGrid-1 && v >= 0 && v < glyphGrid-1) {
		return -glyphReach
	}
	return interpolated(g[:], glyphGrid, u, v)
}

// interpolated returns the value at (u, v), 0 ≤ u, v < side-1, of a grid of side×side
// points, row by row.
func interpolated(grid []float32, side int, u, v float32) float32 {
	i, j := int(u), int(v)
	near := grid[j*side+i:][:side+2]
	return exact.Bilinear(u-float32(i), v-float32(j), near[0], near[1], near[side], near[side+1])
}
