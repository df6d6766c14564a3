package chart

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"

	"cnnlab/experiments/report/text"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const noteSize = 10.5

// drawNotes draws the notes of f where they cover the least of the curves.
func (f Figure) drawNotes(a area, curves []*curve, x, y scale) {
	if len(f.Notes) == 0 {
		return
	}
	taken := linePoints(a, curves)
	for _, note := range f.Notes {
		if !drawable(note.X) || x.log && note.X <= 0 {
			continue
		}
		at := vg.Point{X: a.x(x.at(note.X)), Y: a.Min.Y + 2*crossRadius}
		if drawable(note.Y) {
			at.Y = max(a.Min.Y, min(a.y(y.at(note.Y)), a.Max.Y))
		} else {
			drawCross(a.Canvas, grey, at)
		}
		if note.Ring {
			drawRing(a.Canvas, at)
		}
		if note.Text != "" {
			box := writeNote(a.Canvas, at, note.Text, taken)
			taken = append(taken, outline(box.Min, box.Max)...)
		}
	}
}

func drawRing(dc draw.Canvas, at vg.Point) {
	dc.SetLineStyle(draw.LineStyle{Color: black, Width: 1.8})
	var ring vg.Path
	ring.Move(vg.Point{X: at.X + ringRadius, Y: at.Y})
	ring.Arc(at, ringRadius, 0, 2*math.Pi)
	dc.Stroke(ring)
}

// linePoints returns closely spaced points along the curves in front and their error
// bars.
func linePoints(a area, curves []*curve) []vg.Point {
	var points []vg.Point
	for _, c := range curves {
		for _, line := range c.lines(a, c.front) {
			for i := 1; i < len(line); i++ {
				points = append(points, between(line[i-1], line[i])...)
			}
		}
		for i, half := range c.series.ErrorBars {
			if x, low, high, ok := c.span(a, i, half); ok {
				points = append(points, between(vg.Point{X: x, Y: low}, vg.Point{X: x, Y: high})...)
			}
		}
	}
	return points
}

// between returns points at most 4 pt apart on the way from a to b.
func between(a, b vg.Point) []vg.Point {
	n := math.Ceil(math.Hypot(float64(b.X-a.X), float64(b.Y-a.Y))/4) + 1
	var points []vg.Point
	for i := range int(n) {
		points = append(points, a.Add(b.Sub(a).Scale(vg.Length(float64(i)/n))))
	}
	return points
}

// outline returns the four corners and the middle of a box, each many times over: it is
// better for a note to cover a curve than another note.
func outline(low, high vg.Point) []vg.Point {
	var points []vg.Point
	for range 100 {
		points = append(points, low, high, vg.Point{X: low.X, Y: high.Y}, vg.Point{X: high.X, Y: low.Y},
			low.Add(high).Scale(0.5))
	}
	return points
}

// writeNote writes s near at, inside the axes, where it covers the fewest of the points
// in taken, and returns its box.
func writeNote(dc draw.Canvas, at vg.Point, s string, taken []vg.Point) vg.Rectangle {
	sty := textStyle(noteSize, black)
	s = ellipsize(sty, s, (dc.Max.X-dc.Min.X)/2)
	size := vg.Point{X: sty.Width(s), Y: sty.Height(s)}
	edge := vg.Point{X: 2, Y: 1}
	room := vg.Rectangle{Min: dc.Min.Add(edge), Max: dc.Max.Sub(edge).Sub(size)} // for the lower left corner
	taken = append(taken, outline(at.Sub(edge), at.Add(edge))...)
	var best vg.Rectangle
	fewest := math.MaxInt
	for _, gap := range []vg.Length{ringRadius + 3, 2 * ringRadius, 3.5 * ringRadius} {
		for _, y := range []vg.Length{at.Y + gap, at.Y - gap - size.Y, at.Y - size.Y/2} {
			for _, x := range []vg.Length{at.X - size.X/2, at.X - gap - size.X, at.X + gap} {
				low := vg.Point{X: max(room.Min.X, min(x, room.Max.X)), Y: max(room.Min.Y, min(y, room.Max.Y))}
				box := vg.Rectangle{Min: low, Max: low.Add(size)}
				if covered := coverage(box, taken); covered < fewest {
					best, fewest = box, covered
				}
			}
		}
	}
	low, high := best.Min.Sub(edge), best.Max.Add(edge)
	dc.FillPolygon(color.NRGBA{0xFF, 0xFF, 0xFF, 0xD8},
		[]vg.Point{low, {X: high.X, Y: low.Y}, high, {X: low.X, Y: high.Y}})
	dc.FillText(sty, best.Min, s)
	return best
}

func coverage(box vg.Rectangle, points []vg.Point) int {
	const near = 3
	n := 0
	for _, p := range points {
		if p.X > box.Min.X-near && p.X < box.Max.X+near && p.Y > box.Min.Y-near && p.Y < box.Max.Y+near {
			n++
		}
	}
	return n
}

// footnote explains smoothing and the values that the axes cannot show.
func footnote(f Figure, curves []*curve, y scale) []string {
	floored, cut := 0, 0
	for _, c := range curves {
		floored += c.floored
		cut += c.cut
	}
	notes := []string{f.Footnote}
	if windows := f.windows(); windows != nil {
		notes = append(notes, fmt.Sprintf("in front: centred moving average over %s points, fewer at the ends", strings.Join(windows, ", ")))
	}
	if floored > 0 {
		edge := y.value(y.min)
		unit := ""
		if f.Percent {
			edge, unit = 100*edge, " %"
		}
		notes = append(notes, fmt.Sprintf("values of 0 are drawn at the lower edge (%.2g%s)", edge, unit))
	}
	if cut > 0 {
		notes = append(notes, "values beyond the axis are cut off")
	}
	return notes
}

// drawFootnote writes the notes that are not empty below a picture, in as many lines as
// it takes, and returns the canvas above them.
func drawFootnote(c draw.Canvas, notes []string) draw.Canvas {
	sty := textStyle(footnoteSize, grey)
	width := c.Max.X - c.Min.X
	var lines []string
	for _, note := range notes {
		switch last := len(lines) - 1; {
		case note == "":
		case last >= 0 && sty.Width(text.Line(lines[last]+"; "+note)) <= width:
			lines[last] += "; " + note
		default:
			lines = append(lines, note)
		}
	}
	for i := len(lines) - 1; i >= 0; i-- {
		c.FillText(sty, c.Min, ellipsize(sty, lines[i], width))
		c.Min.Y += 1.3 * footnoteSize
	}
	c.Min.Y += 0.3 * footnoteSize
	return c
}

// windows returns the lengths of the moving averages, shortest first.
func (f Figure) windows() []string {
	var all []int
	for _, s := range f.Series {
		if window := 2*(s.Smooth/2) + 1; s.Smooth > 1 && !slices.Contains(all, window) {
			all = append(all, window)
		}
	}
	slices.Sort(all)
	var names []string
	for _, window := range all {
		names = append(names, strconv.Itoa(window))
	}
	return names
}
