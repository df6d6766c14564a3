package report

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

// rimColour sets a curve off from what lies behind it.
var rimColour = color.NRGBA{0xFF, 0xFF, 0xFF, 0xB0}

// grid draws lines at the ticks: light ones at the labelled, lighter ones at
// the others.
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

// behind draws the band of a curve, and the curve as it is, thin and pale.
type behind struct{ *curve }

// Plot implements plot.Plotter.
func (b behind) Plot(dc draw.Canvas, p *plot.Plot) {
	b.band(dc, p)
	if b.raw != nil {
		sty := draw.LineStyle{Color: pale(b.colour), Width: behindWidth}
		dc.StrokeLines(sty, b.lines(dc, p, b.raw)...)
	}
}

// front draws a curve, its points, error bars and the cross at its end.
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

// drawMark draws a point with a white rim, where it is inside the axes.
func drawMark(dc draw.Canvas, shape draw.GlyphDrawer, c color.Color, at vg.Point) {
	dc.DrawGlyph(draw.GlyphStyle{Color: color.White, Radius: markRadius + 1, Shape: shape}, at)
	dc.DrawGlyph(draw.GlyphStyle{Color: c, Radius: markRadius, Shape: shape}, at)
}

// drawCross draws a cross with a white rim.
func drawCross(dc draw.Canvas, c color.Color, at vg.Point) {
	r := crossRadius
	rim := draw.LineStyle{Color: color.White, Width: 5}
	arms := draw.LineStyle{Color: c, Width: 2.4}
	for _, sty := range []draw.LineStyle{rim, arms} {
		dc.StrokeLine2(sty, at.X-r, at.Y-r, at.X+r, at.Y+r)
		dc.StrokeLine2(sty, at.X-r, at.Y+r, at.X+r, at.Y-r)
	}
}

// noData says that there is nothing to see.
type noData struct{}

// Plot implements plot.Plotter.
func (noData) Plot(dc draw.Canvas, _ *plot.Plot) {
	sty := textStyle(2*titleSize, grey)
	sty.XAlign, sty.YAlign = draw.XCenter, draw.YCenter
	dc.FillText(sty, dc.Center(), "no data")
}
