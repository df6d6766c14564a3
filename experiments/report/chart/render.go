// Package chart draws curves and matrices as PNG and SVG. It builds on gonum/plot but
// has its own axes, curves and legends where gonum's would panic or lose something:
// gonum's logarithmic axis panics on values ≤ 0, its lines do not break at NaN and are
// not thinned, and its legend covers the curves. The package knows nothing of runs or
// files.
package chart

import (
	"bytes"
	"image/color"
	"slices"

	"cnnlab/experiments/report/text"

	"github.com/pkg/errors"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The size of a picture: 1100 × 700 pixels at 120 dots per inch.
const (
	dpi           = 120
	figureWidth   = vg.Length(1100) * vg.Inch / dpi
	figureHeight  = vg.Length(700) * vg.Inch / dpi
	figureMargin  = vg.Length(10)
	titleSize     = 14
	labelSize     = 12
	tickSize      = 11
	footnoteSize  = 9.5
	svgFontFamily = "font-family:Liberation Sans"
)

// Drawing fills a picture: a Figure or a Matrix.
type Drawing interface{ draw(c draw.Canvas) }

// PNG renders d as a PNG file. Equal drawings give equal bytes.
func PNG(d Drawing) ([]byte, error) {
	c := vgimg.NewWith(vgimg.UseWH(figureWidth, figureHeight), vgimg.UseDPI(dpi))
	return render(d, vgimg.PngCanvas{Canvas: c})
}

// SVG renders d as an SVG file. Equal drawings give equal bytes. Besides gonum's font,
// which few systems have, the file names others with the same widths.
func SVG(d Drawing) ([]byte, error) {
	content, err := render(d, vgsvg.New(figureWidth, figureHeight))
	return bytes.ReplaceAll(content, []byte(svgFontFamily), []byte(svgFontFamily+",Arial,Helvetica,sans-serif")), err
}

// render draws d on white and returns the file. A panic in the plotting library becomes
// an error: no picture is worth losing a run for.
func render(d Drawing, file vg.CanvasWriterTo) (content []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.Errorf("cannot draw: %v", p)
		}
	}()
	c := draw.NewCanvas(file, figureWidth, figureHeight)
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	d.draw(draw.Crop(c, figureMargin, -figureMargin, figureMargin, -figureMargin))
	var b bytes.Buffer
	_, err = file.WriteTo(&b)
	return b.Bytes(), err
}

// draw lays the figure out: title and axes on the left, legend on the right,
// footnote below.
func (f Figure) draw(c draw.Canvas) {
	x, y := f.xScale(), f.yScale()
	curves := f.curves(x, y)
	c = drawFootnote(c, footnote(f, curves, y))
	legend := newLegend(f, curves)
	left := draw.Crop(c, 0, -legend.width(c), 0, 0)

	xTicks, yTicks := x.ticks(f.XPercent), y.ticks(f.Percent)
	if f.XTicks != nil {
		xTicks = x.ticksAt(f.XTicks)
	}
	p := f.axes(left.Max.X - left.Min.X)
	p.X.Min, p.X.Max, p.X.Tick.Marker = x.min, x.max, plot.ConstantTicks(xTicks)
	p.Y.Min, p.Y.Max, p.Y.Tick.Marker = y.min, y.max, plot.ConstantTicks(yTicks)
	p.Draw(left)

	data := area{Canvas: p.DataCanvas(left)}
	data.x, data.y = p.Transforms(&data.Canvas)
	data.drawGrid(xTicks, yTicks)
	for _, c := range curves {
		c.drawBehind(data)
	}
	for _, strong := range []bool{false, true} {
		for _, c := range curves {
			if c.series.Strong == strong {
				c.drawFront(data)
			}
		}
	}
	f.drawNotes(data, curves, x, y)
	if !slices.ContainsFunc(curves, func(c *curve) bool { return c.last >= 0 }) {
		drawNoData(data.Canvas)
	}
	legend.draw(draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
		Min: vg.Point{X: left.Max.X, Y: c.Min.Y},
		Max: vg.Point{X: c.Max.X, Y: data.Max.Y},
	}})
}

func (f Figure) axes(width vg.Length) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.Title.TextStyle = textStyle(titleSize, black)
	p.Title.TextStyle.XAlign, p.Title.TextStyle.YAlign = draw.XCenter, draw.YTop
	p.Title.Text = ellipsize(p.Title.TextStyle, f.Title, width)
	p.Title.Padding = 8
	label, tick := textStyle(labelSize, black), textStyle(tickSize, black)
	p.X.Label.Text = ellipsize(label, f.XLabel, width)
	p.Y.Label.Text = ellipsize(label, f.YLabel, 0.8*figureHeight)
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Label.TextStyle.Font = label.Font
		axis.Label.Padding = 5
		axis.Padding = 0
		axis.Tick.Label.Font = tick.Font
	}
	return p
}

// textStyle returns a style that places text by its lower left corner.
func textStyle(size vg.Length, c color.Color) draw.TextStyle {
	return draw.TextStyle{Color: c, Font: font.Font{Typeface: "Liberation", Variant: "Sans", Size: size},
		Handler: plot.DefaultTextHandler, XAlign: draw.XLeft, YAlign: draw.YBottom}
}

// textLimit is the most runes of a text that are measured.
const textLimit = 200

// ellipsize returns s on one line, without characters that cannot be drawn, and cut with
// an ellipsis if it is wider than width.
func ellipsize(sty draw.TextStyle, s string, width vg.Length) string {
	runes := []rune(text.Line(s))
	if len(runes) > textLimit {
		runes = append(runes[:textLimit], '…')
	}
	if sty.Width(string(runes)) <= width {
		return string(runes)
	}
	for len(runes) > 0 && sty.Width(string(runes)+"…") > width {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}
