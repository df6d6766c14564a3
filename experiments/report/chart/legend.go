package chart

import (
	"fmt"
	"slices"
	"strings"

	"cnnlab/experiments/report/text"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	legendSize   = 11
	legendGap    = vg.Length(16) // between axes and legend
	legendSwatch = vg.Length(24)
	legendLine   = vg.Length(17)
	legendShare  = 0.36 // of the width, at most
)

// legend names the series, right of the axes where it covers no curve.
type legend struct {
	title  string
	curves []*curve
}

// newLegend returns an empty legend for a single series without a name and end mark.
// Reference lines have no entry; dashed series without a name share one, and
// so do the solid lines.
func newLegend(f Figure, curves []*curve) legend {
	if len(curves) == 1 && f.Series[0].Name == "" && f.Series[0].EndMark == "" {
		curves = nil
	}
	l := legend{title: f.Legend}
	together := false
	for _, c := range curves {
		switch {
		case c.series.Reference:
		case f.Dashes != "" && c.series.Dashed && c.series.Name == "":
			together = true
		default:
			l.curves = append(l.curves, c)
		}
	}
	if together {
		for _, kind := range []Series{{Name: f.Solid}, {Name: f.Dashes, Dashed: true}} {
			if kind.Name == "" {
				continue
			}
			kind.Points = f.Series[0].Points
			l.curves = append(l.curves, &curve{series: kind, colour: grey, shape: draw.CircleGlyph{}, width: frontWidth})
		}
	}
	return l
}

// remark is the second line of an entry; empty: none.
func (c *curve) remark() string {
	parts := []string{c.series.Remark, c.series.EndMark}
	if c.last < 0 {
		parts = append(parts, "no data")
	}
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), ", ")
}

func (l legend) width(c draw.Canvas) vg.Length {
	if len(l.curves) == 0 {
		return 0
	}
	name, remark := textStyle(legendSize, black), textStyle(footnoteSize, grey)
	widest := name.Width(text.Line(l.title))
	for _, entry := range l.curves {
		widest = max(widest, legendSwatch+6+name.Width(text.Line(entry.series.Name)),
			legendSwatch+6+remark.Width(text.Line(entry.remark())))
	}
	return min(legendGap+widest+2, legendShare*(c.Max.X-c.Min.X))
}

// draw fills c from the top; the last line counts the entries that do not fit.
func (l legend) draw(c draw.Canvas) {
	if len(l.curves) == 0 {
		return
	}
	c.Min.X += legendGap
	name, remark := textStyle(legendSize, black), textStyle(footnoteSize, grey)
	y := c.Max.Y - legendLine
	if l.title != "" {
		c.FillText(name, vg.Point{X: c.Min.X, Y: y}, ellipsize(name, l.title, c.Max.X-c.Min.X))
		y -= legendLine + 4
	}
	textX := c.Min.X + legendSwatch + 6
	for i, entry := range l.curves {
		if y < c.Min.Y+2*legendLine {
			c.FillText(remark, vg.Point{X: c.Min.X, Y: y}, fmt.Sprintf("… and %d more", len(l.curves)-i))
			return
		}
		middle := vg.Point{X: c.Min.X + legendSwatch/2, Y: y + name.Height("x")/2}
		if !entry.series.NoLine {
			c.StrokeLine2(entry.lineStyle(), c.Min.X, middle.Y, c.Min.X+legendSwatch, middle.Y)
		}
		switch {
		case entry.series.EndMark != "":
			drawCross(c, entry.colour, middle)
		case entry.series.Points:
			entry.drawMark(c, middle)
		}
		c.FillText(name, vg.Point{X: textX, Y: y}, ellipsize(name, entry.series.Name, c.Max.X-textX))
		if second := entry.remark(); second != "" {
			y -= 0.8 * legendLine
			c.FillText(remark, vg.Point{X: textX, Y: y}, ellipsize(remark, second, c.Max.X-textX))
		}
		y -= legendLine + 3
	}
}
