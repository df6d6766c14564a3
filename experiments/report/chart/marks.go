package chart

import (
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	frontWidth  = vg.Length(1.8)
	strongWidth = vg.Length(3)
	weakWidth   = vg.Length(1.2) // beside a strong one
	behindWidth = vg.Length(0.6)
	markRadius  = vg.Length(3.6)
	crossRadius = vg.Length(5)
	ringRadius  = vg.Length(8)
)

// rimColour separates a curve from what lies behind it.
var rimColour = color.NRGBA{0xFF, 0xFF, 0xFF, 0xB0}

// area is the canvas inside the axes of a figure. x and y turn coordinates on the axes
// into those of the canvas.
type area struct {
	draw.Canvas
	x, y func(float64) vg.Length
}

func (a area) at(x, y float64) vg.Point { return vg.Point{X: a.x(x), Y: a.y(y)} }

// drawGrid draws lines at the ticks: light ones where they are labelled, lighter ones
// elsewhere.
func (a area) drawGrid(xTicks, yTicks []plot.Tick) {
	for _, minor := range []bool{true, false} {
		sty := draw.LineStyle{Color: color.Gray{0xD8}, Width: 0.7}
		if minor {
			sty = draw.LineStyle{Color: color.Gray{0xF0}, Width: 0.5}
		}
		for _, t := range xTicks {
			if x := a.x(t.Value); t.IsMinor() == minor && a.ContainsX(x) {
				a.StrokeLine2(sty, x, a.Min.Y, x, a.Max.Y)
			}
		}
		for _, t := range yTicks {
			if y := a.y(t.Value); t.IsMinor() == minor && a.ContainsY(y) {
				a.StrokeLine2(sty, a.Min.X, y, a.Max.X, y)
			}
		}
	}
}

// drawBehind draws the band of a curve and its raw values, thin and pale.
func (c *curve) drawBehind(a area) {
	c.drawBand(a)
	if c.raw != nil {
		sty := draw.LineStyle{Color: translucent(c.colour, 0x30), Width: behindWidth}
		a.StrokeLines(sty, c.lines(a, c.raw)...)
	}
}

// drawFront draws a curve with its points, its error bars and the cross at its end.
func (c *curve) drawFront(a area) {
	c.drawBars(a)
	if lines := c.lines(a, c.front); !c.series.NoLine {
		if !c.series.Dashed {
			a.StrokeLines(draw.LineStyle{Color: rimColour, Width: c.width + 1.6}, lines...)
		}
		a.StrokeLines(c.lineStyle(), lines...)
	}
	marked := vg.Length(math.Inf(-1)) // where the last mark is
	for i, y := range c.front {
		alone := (i == 0 || math.IsNaN(c.front[i-1])) && (i+1 == len(c.front) || math.IsNaN(c.front[i+1]))
		if math.IsNaN(y) || !c.series.Points && !alone {
			continue
		}
		at := a.at(c.xs[i], y)
		if !c.series.NoLine && i != c.last && at.X >= marked && at.X-marked < 3*markRadius {
			continue // too close to the mark before it
		}
		marked = at.X
		c.drawMark(a.Canvas, at)
	}
	if c.series.EndMark != "" && c.last >= 0 {
		at := a.at(c.xs[c.last], c.front[c.last])
		at.Y = max(a.Min.Y, min(at.Y, a.Max.Y))
		drawCross(a.Canvas, c.colour, at)
	}
}

func (c *curve) lineStyle() draw.LineStyle {
	sty := draw.LineStyle{Color: c.colour, Width: c.width}
	if c.series.Dashed {
		sty.Dashes = []vg.Length{6, 4}
	}
	return sty
}

// drawMark draws the mark of a curve; a hollow one if the line is dashed.
func (c *curve) drawMark(dc draw.Canvas, at vg.Point) {
	dc.DrawGlyph(draw.GlyphStyle{Color: color.White, Radius: markRadius + 1, Shape: c.shape}, at)
	dc.DrawGlyph(draw.GlyphStyle{Color: c.colour, Radius: markRadius, Shape: c.shape}, at)
	if c.series.Dashed {
		dc.DrawGlyph(draw.GlyphStyle{Color: color.White, Radius: 0.55 * markRadius, Shape: c.shape}, at)
	}
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

func drawNoData(c draw.Canvas) {
	sty := textStyle(2*titleSize, grey)
	sty.XAlign, sty.YAlign = draw.XCenter, draw.YCenter
	c.FillText(sty, c.Center(), "no data")
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
	corners := make([]vg.Point, len(p))
	for i, corner := range p {
		corners[i] = at.Add(corner.Scale(sty.Radius))
	}
	c.FillPolygon(sty.Color, corners)
}

// span returns the interval of half on either side of point i on the canvas, cut at the
// edges; ok is false if there is nothing to draw.
func (c *curve) span(a area, i int, half float64) (x, low, high vg.Length, ok bool) {
	if i >= len(c.front) || !drawable(half) || math.IsNaN(c.front[i]) {
		return 0, 0, 0, false
	}
	middle := c.y.value(c.front[i])
	low = max(a.y(c.y.closer(middle-math.Abs(half))), a.Min.Y)
	high = min(a.y(c.y.closer(middle+math.Abs(half))), a.Max.Y)
	return a.x(c.xs[i]), low, high, low <= a.Max.Y && high >= a.Min.Y
}

func (c *curve) drawBars(a area) {
	sty := draw.LineStyle{Color: c.colour, Width: 1}
	for i, half := range c.series.ErrorBars {
		if x, low, high, ok := c.span(a, i, half); ok && half != 0 {
			a.StrokeLine2(sty, x, low, x, high)
			a.StrokeLine2(sty, x-3, low, x+3, low)
			a.StrokeLine2(sty, x-3, high, x+3, high)
		}
	}
}

// drawBand fills the area within the half heights around the curve, piece by piece
// where the curve breaks.
func (c *curve) drawBand(a area) {
	var upper, lower []vg.Point
	fill := func() {
		if len(lower) > 1 {
			slices.Reverse(lower)
			a.FillPolygon(translucent(c.colour, 0x20), a.ClipPolygonXY(append(upper, lower...)))
		}
		upper, lower = nil, nil
	}
	for i, half := range c.series.Band {
		x, low, high, ok := c.span(a, i, half)
		if !ok {
			fill()
			continue
		}
		upper, lower = append(upper, vg.Point{X: x, Y: high}), append(lower, vg.Point{X: x, Y: low})
	}
	fill()
}
