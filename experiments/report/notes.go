package report

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// noteSize is the height of the letters of a note, in points.
const noteSize = 10.5

// notes draws the notes of a figure.
type notes struct {
	notes []Note
	x, y  scale
}

// Plot implements plot.Plotter.
func (n notes) Plot(dc draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&dc)
	for _, note := range n.notes {
		if !drawable(note.X) || n.x.log && note.X <= 0 {
			continue
		}
		at := vg.Point{X: tx(n.x.at(note.X)), Y: dc.Max.Y - 2*crossRadius}
		missing := !drawable(note.Y)
		if missing {
			drawCross(dc, grey, at)
		} else {
			at.Y = max(dc.Min.Y, min(ty(n.y.at(note.Y)), dc.Max.Y))
		}
		if note.Ring {
			dc.SetLineStyle(draw.LineStyle{Color: black, Width: 1.8})
			var ring vg.Path
			ring.Move(vg.Point{X: at.X + ringRadius, Y: at.Y})
			ring.Arc(at, ringRadius, 0, 2*math.Pi)
			dc.Stroke(ring)
		}
		if missing {
			at.Y -= noteSize / 2
		}
		writeNote(dc, at, note.Text)
	}
}

// writeNote sets text beside at: towards the middle, and below the point where
// there is no room above.
func writeNote(dc draw.Canvas, at vg.Point, text string) {
	if text == "" {
		return
	}
	sty := textStyle(noteSize, black)
	text = fit(sty, text, (dc.Max.X-dc.Min.X)/2)
	corner := vg.Point{X: at.X + ringRadius + 3, Y: at.Y + 4}
	width, height := sty.Width(text), sty.Height(text)
	if at.X > dc.Center().X {
		corner.X = at.X - ringRadius - 3 - width
	}
	if corner.Y+height > dc.Max.Y {
		corner.Y = at.Y - height - 4
	}
	box := []vg.Point{{X: corner.X - 2, Y: corner.Y - 1}, {X: corner.X + width + 2, Y: corner.Y - 1},
		{X: corner.X + width + 2, Y: corner.Y + height + 1}, {X: corner.X - 2, Y: corner.Y + height + 1}}
	dc.FillPolygon(color.NRGBA{0xFF, 0xFF, 0xFF, 0xD8}, box)
	dc.FillText(sty, corner, text)
}

// footnote says what the axes do not show as it is.
func footnote(f Figure, curves []*curve, y scale) string {
	floored, cut := 0, 0
	for _, c := range curves {
		floored += c.floored
		cut += c.cut
	}
	var said []string
	for _, s := range f.Series {
		if s.Raw && s.Smooth > 1 {
			said = append(said, fmt.Sprintf("in front: moving average over about %d points", s.Smooth))
			break
		}
	}
	if floored > 0 {
		edge := y.value(y.min)
		unit := ""
		if f.Percent {
			edge, unit = 100*edge, " %"
		}
		said = append(said, fmt.Sprintf("values of 0 are drawn at the lower edge (%.2g%s)", edge, unit))
	}
	if cut > 0 {
		said = append(said, "values beyond the axis are cut off")
	}
	return strings.Join(said, "; ")
}
