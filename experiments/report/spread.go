package report

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// span are the places on the canvas of the value at point i less and plus half,
// cut at the edges; false where there is nothing to draw.
func (c *curve) span(dc draw.Canvas, p *plot.Plot, i int, half float64) (x, low, high vg.Length, ok bool) {
	if i >= len(c.front) || !drawable(half) || math.IsNaN(c.front[i]) {
		return 0, 0, 0, false
	}
	tx, ty := p.Transforms(&dc)
	middle := c.y.value(c.front[i])
	ends := (&curve{y: c.y}).place([]float64{middle - math.Abs(half), middle + math.Abs(half)}) // counts for no footnote
	low, high = max(ty(ends[0]), dc.Min.Y), min(ty(ends[1]), dc.Max.Y)
	return tx(c.xs[i]), low, high, low <= dc.Max.Y && high >= dc.Min.Y
}

// bars draws the error bars.
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

// band fills what lies within the half heights around the curve, piece by piece
// where it breaks.
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

// faint is c for a surface behind curves.
func faint(c color.NRGBA) color.NRGBA {
	c.A = 0x20
	return c
}
