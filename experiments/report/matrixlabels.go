package report

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	nameLimit = vg.Length(90) // the width of a class's name, on either axis
	smallest  = vg.Length(5)  // the height of letters that are still drawn
)

// lettering is the height of letters on lines of the given height, and how
// many lines apart the next can stand.
func lettering(line vg.Length) (size vg.Length, every int) {
	return min(tickSize, max(smallest, 0.8*line)), max(1, int(math.Ceil(float64(smallest/(0.8*line)))))
}

// drawNames draws the names of the classes, left and below, and of the axes.
// Where there are too many, every k-th.
func (m matrix) drawNames(c draw.Canvas, l layout) {
	size, everyRow := lettering(l.height)
	left := textStyle(size, black)
	left.XAlign, left.YAlign = draw.XRight, draw.YCenter
	size, everyColumn := lettering(l.width)
	below := textStyle(size, black)
	below.XAlign, below.YAlign = draw.XCenter, draw.YTop
	shift := vg.Length(0)
	if l.slanted {
		below.Rotation, below.XAlign, below.YAlign = math.Pi/4, draw.XRight, draw.YCenter
		shift = 0.35 * size // the middle of the last letter, not its end, is below the cell
	}
	for i, class := range m.Classes {
		box := l.cell(i, i)
		middle := box.Min.Add(box.Max).Scale(0.5)
		if i%everyRow == 0 {
			c.FillText(left, vg.Point{X: l.grid.Min.X - matrixGap, Y: middle.Y}, fit(left, class, nameLimit))
		}
		if i%everyColumn == 0 {
			c.FillText(below, vg.Point{X: middle.X + shift, Y: l.grid.Min.Y - matrixGap}, fit(below, class, nameLimit))
		}
	}
	axis := textStyle(labelSize, black)
	axis.XAlign = draw.XCenter
	c.FillText(axis, vg.Point{X: (l.grid.Min.X + l.grid.Max.X) / 2, Y: c.Min.Y}, "predicted class")
	axis.Rotation, axis.YAlign = math.Pi/2, draw.YTop
	c.FillText(axis, vg.Point{X: c.Min.X, Y: (l.grid.Min.Y + l.grid.Max.Y) / 2}, "actual class")
}

// drawAccuracies draws the column at the right.
func (m matrix) drawAccuracies(c draw.Canvas, l layout) {
	size, every := lettering(l.height)
	value, interval := textStyle(size, black), textStyle(size*footnoteSize/tickSize, grey)
	value.XAlign, value.YAlign, interval.YAlign = draw.XRight, draw.YCenter, draw.YCenter
	right, start := l.grid.Max.X+50, l.grid.Max.X+57
	heading := textStyle(footnoteSize, grey)
	c.FillText(heading, vg.Point{X: start, Y: l.grid.Max.Y + 3}, "95 % interval")
	heading.XAlign = draw.XRight
	c.FillText(heading, vg.Point{X: right, Y: l.grid.Max.Y + 3}, "accuracy")
	for row, class := range m.ClassRows("") {
		if row%every != 0 {
			continue
		}
		y := (l.cell(row, 0).Min.Y + l.cell(row, 0).Max.Y) / 2
		if class.Accuracy == nil || class.Low == nil {
			c.FillText(value, vg.Point{X: right, Y: y}, "–")
			continue
		}
		c.FillText(value, vg.Point{X: right, Y: y}, fmt.Sprintf("%.1f %%", 100**class.Accuracy))
		c.FillText(interval, vg.Point{X: start, Y: y}, fmt.Sprintf("%.1f–%.1f", 100**class.Low, 100**class.High))
	}
}
