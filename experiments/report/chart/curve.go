package chart

import (
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// curve is a series ready to be drawn: coordinates on the axes' scales, NaN
// where its lines break.
type curve struct {
	series  Series
	colour  color.NRGBA
	shape   draw.GlyphDrawer
	width   vg.Length // of the line
	y       scale
	xs      []float64
	raw     []float64
	front   []float64
	last    int // index of the last point of front that can be drawn; -1: none
	floored int // values ≤ 0 drawn at the lower edge of a log axis
	cut     int // values beyond the upper or lower edge
}

func (f Figure) curves(x, y scale) []*curve {
	all := make([]*curve, len(f.Series))
	strong := slices.ContainsFunc(f.Series, func(s Series) bool { return s.Strong })
	for i, s := range f.Series {
		c := &curve{series: s, colour: f.colour(i), shape: f.shape(i), width: frontWidth, y: y, last: -1}
		switch {
		case s.Strong:
			c.width = strongWidth
		case strong:
			c.width = weakWidth
		}
		if s.Reference {
			c.colour = grey
		}
		xs, raw, front := s.clean(f.LogX)
		c.xs = make([]float64, len(xs))
		for j := range xs {
			c.xs[j] = x.at(xs[j])
			if !math.IsNaN(front[j]) {
				c.last = j
			}
		}
		c.front = c.place(front)
		if s.Smooth > 1 {
			c.raw = c.place(raw)
		}
		all[i] = c
	}
	return all
}

// place maps values to the y axis and counts those that the axis cannot show. NaN is not
// counted and stays NaN.
func (c *curve) place(values []float64) []float64 {
	span := c.y.max - c.y.min
	at := make([]float64, len(values))
	for i, v := range values {
		if c.y.log && v <= 0 {
			c.floored++
		} else if v < c.y.value(c.y.min)*(1-1e-9) || c.y.at(v) > c.y.max+1e-9*span {
			c.cut++
		}
		at[i] = c.y.closer(v)
	}
	return at
}

// columnWidth is the width of a pixel column, which gets at most four points of a
// line.
const columnWidth = vg.Inch / dpi

// lines returns the unbroken pieces of a curve on the canvas, thinned and clipped.
func (c *curve) lines(a area, ys []float64) [][]vg.Point {
	var lines [][]vg.Point
	var line []vg.Point
	for i, y := range ys {
		if math.IsNaN(y) {
			lines, line = append(lines, thin(line)), nil
			continue
		}
		line = append(line, a.at(c.xs[i], y))
	}
	return a.ClipLinesXY(append(lines, thin(line))...)
}

// thin keeps the first, lowest, highest and last point of each pixel column, in
// their order: the line looks the same, spikes included.
func thin(line []vg.Point) []vg.Point {
	kept := line[:0:0]
	for from := 0; from < len(line); {
		column := math.Floor(float64(line[from].X / columnWidth))
		low, high, to := from, from, from
		for to < len(line) && math.Floor(float64(line[to].X/columnWidth)) == column {
			if line[to].Y < line[low].Y {
				low = to
			}
			if line[to].Y > line[high].Y {
				high = to
			}
			to++
		}
		for _, i := range slices.Compact([]int{from, min(low, high), max(low, high), to - 1}) {
			kept = append(kept, line[i])
		}
		from = to
	}
	return kept
}
