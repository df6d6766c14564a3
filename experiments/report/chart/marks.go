package chart

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	frontWidth  = vg.Length(1.8)
	behindWidth = vg.Length(0.6)
	markRadius  = vg.Length(3.6)
	crossRadius = vg.Length(5)
	ringRadius  = vg.Length(8)
)

// rimColour separates a curve from what lies behind it.
var rimColour = color.NRGBA{0xFF, 0xFF, 0xFF, 0xB0}

// grid draws lines at the ticks: light ones where they are labelled, lighter ones
// elsewhere.
type grid struct{ x, y []plot.Tick }

// Plot implements plot.Plotter.
func (g grid) Plot(dc draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&dc)
	for _, minor := range []bool{true, false} {
		sty := draw.LineStyle{Color: color.Gray{0xD8}, Width: 0.7}
		if minor {
			sty = draw.LineStyle{Color: color.Gray{0xF0}, Width: 0.5}
		}
		for _, t := range g.x {
			if x := tx(t.Value); t.IsMinor() == minor && dc.ContainsX(x) {
				dc.StrokeLine2(sty, x, dc.Min.Y, x, dc.Max.Y)
			}
		}
		for _, t := range g.y {
			if y := ty(t.Value); t.IsMinor() == minor && dc.ContainsY(y) {
				dc.StrokeLine2(sty, dc.Min.X, y, dc.Max.X, y)
			}
		}
	}
}

// behind draws the band of a curve and its raw values, thin and pale.
type behind struct{ *curve }

// Plot implements plot.Plotter.
func (b behind) Plot(dc draw.Canvas, p *plot.Plot) {
	b.band(dc, p)
	if b.raw != nil {
		sty := draw.LineStyle{Color: pale(b.colour), Width: behindWidth}
		dc.StrokeLines(sty, b.lines(dc, p, b.raw)...)
	}
}

// front draws a curve with its points, its error bars and the cross at its end.
type front struct{ *curve }

// Plot implements plot.Plotter.
func (f front) Plot(dc draw.Canvas, p *plot.Plot) {
	f.bars(dc, p)
	if lines := f.lines(dc, p, f.front); !f.series.NoLine {
		if !f.series.Dashed {
			dc.StrokeLines(draw.LineStyle{Color: rimColour, Width: frontWidth + 1.6}, lines...)
		}
		dc.StrokeLines(f.lineStyle(), lines...)
	}
	tx, ty := p.Transforms(&dc)
	for i, y := range f.front {
		alone := (i == 0 || math.IsNaN(f.front[i-1])) && (i+1 == len(f.front) || math.IsNaN(f.front[i+1]))
		if !math.IsNaN(y) && (f.series.Points || alone) {
			drawMark(dc, f.shape, f.colour, vg.Point{X: tx(f.xs[i]), Y: ty(y)})
		}
	}
	if f.series.EndMark != "" && f.last >= 0 {
		at := vg.Point{X: tx(f.xs[f.last]), Y: ty(f.front[f.last])}
		at.Y = max(dc.Min.Y, min(at.Y, dc.Max.Y))
		drawCross(dc, f.colour, at)
	}
}

func (c *curve) lineStyle() draw.LineStyle {
	sty := draw.LineStyle{Color: c.colour, Width: frontWidth}
	if c.series.Dashed {
		sty.Dashes = []vg.Length{6, 4}
	}
	return sty
}

func drawMark(dc draw.Canvas, shape draw.GlyphDrawer, c color.Color, at vg.Point) {
	dc.DrawGlyph(draw.GlyphStyle{Color: color.White, Radius: markRadius + 1, Shape: shape}, at)
	dc.DrawGlyph(draw.GlyphStyle{Color: c, Radius: markRadius, Shape: shape}, at)
}

func drawCross(dc draw.Canvas, c color.Color, at vg.Point) {
	r := crossRadius
	rim := draw.LineStyle{Color: color.White, Width: 5}
	arms := draw.LineStyle{Color: c, Width: 2.4}
	for _, sty := range []draw.LineStyle{rim, arms} {
		dc.StrokeLine2(sty, at.X-r, at.Y-r, at.X+r, at.Y+r)
		dc.StrokeLine2(sty, at.X-r, at.Y+r, at.X+r, at.Y-r)
	}
}

type noData struct{}

// Plot implements plot.Plotter.
func (noData) Plot(dc draw.Canvas, _ *plot.Plot) {
	sty := textStyle(2*titleSize, grey)
	sty.XAlign, sty.YAlign = draw.XCenter, draw.YCenter
	dc.FillText(sty, dc.Center(), "no data")
}

// shapes are the marks of series, few enough to tell apart at a glance. With the seven
// colours of the palette, no two of the first 35 series look alike.
var shapes = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{},
	polygon{{X: 0, Y: 1.3}, {X: 1.3, Y: 0}, {X: 0, Y: -1.3}, {X: -1.3, Y: 0}}, // diamond
	polygon{{X: -1.1, Y: 0.8}, {X: 1.1, Y: 0.8}, {X: 0, Y: -1.2}},             // triangle on its tip
}

// shape returns the mark of series i. Series set to share a colour share the mark.
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

// span returns the interval of half on either side of point i on the canvas, cut at the
// edges; ok is false if there is nothing to draw.
func (c *curve) span(dc draw.Canvas, p *plot.Plot, i int, half float64) (x, low, high vg.Length, ok bool) {
	if i >= len(c.front) || !drawable(half) || math.IsNaN(c.front[i]) {
		return 0, 0, 0, false
	}
	tx, ty := p.Transforms(&dc)
	middle := c.y.value(c.front[i])
	ends := (&curve{y: c.y}).place([]float64{middle - math.Abs(half), middle + math.Abs(half)}) // on a scratch curve, so that no footnote counts them
	low, high = max(ty(ends[0]), dc.Min.Y), min(ty(ends[1]), dc.Max.Y)
	return tx(c.xs[i]), low, high, low <= dc.Max.Y && high >= dc.Min.Y
}

func (f front) bars(dc draw.Canvas, p *plot.Plot) {
	sty := draw.LineStyle{Color: f.colour, Width: 1}
	for i, half := range f.series.ErrorBars {
		if x, low, high, ok := f.span(dc, p, i, half); ok && half != 0 {
			dc.StrokeLine2(sty, x, low, x, high)
			dc.StrokeLine2(sty, x-3, low, x+3, low)
			dc.StrokeLine2(sty, x-3, high, x+3, high)
		}
	}
}

// band fills the area within the half heights around the curve, piece by piece
// where the curve breaks.
func (b behind) band(dc draw.Canvas, p *plot.Plot) {
	var upper, lower []vg.Point
	fill := func() {
		for i := len(lower) - 1; i >= 0; i-- {
			upper = append(upper, lower[i])
		}
		if len(lower) > 1 {
			dc.FillPolygon(faint(b.colour), dc.ClipPolygonXY(upper))
		}
		upper, lower = nil, nil
	}
	for i, half := range b.series.Band {
		x, low, high, ok := b.span(dc, p, i, half)
		if !ok {
			fill()
			continue
		}
		upper, lower = append(upper, vg.Point{X: x, Y: high}), append(lower, vg.Point{X: x, Y: low})
	}
	fill()
}

func faint(c color.NRGBA) color.NRGBA {
	c.A = 0x20
	return c
}
