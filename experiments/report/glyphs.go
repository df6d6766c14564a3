package report

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// shapes are the marks of series, as many as are told apart at a glance; with the
// seven colours of the palette no two of the first 35 series look alike.
var shapes = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{},
	polygon{{X: 0, Y: 1.3}, {X: 1.3, Y: 0}, {X: 0, Y: -1.3}, {X: -1.3, Y: 0}}, // diamond
	polygon{{X: -1.1, Y: 0.8}, {X: 1.1, Y: 0.8}, {X: 0, Y: -1.2}},             // triangle on its tip
}

// shape is that of series i, the same for those that share a colour.
func (f Figure) shape(i int) draw.GlyphDrawer {
	if f.Repeat > 0 {
		i %= f.Repeat
	}
	return shapes[i%len(shapes)]
}

// polygon is a filled mark; its corners are for a radius of 1.
type polygon []vg.Point

// DrawGlyph implements draw.GlyphDrawer.
func (p polygon) DrawGlyph(c *draw.Canvas, sty draw.GlyphStyle, at vg.Point) {
	var path vg.Path
	for i, corner := range p {
		corner = at.Add(corner.Scale(sty.Radius))
		if i == 0 {
			path.Move(corner)
		} else {
			path.Line(corner)
		}
	}
	path.Close()
	c.SetColor(sty.Color)
	c.Fill(path)
}
