package chart

import (
	"fmt"
	"math"
	"slices"

	"cnnlab/experiments/report/text"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Matrix is a picture of how the images of each class were classified: rows are the
// actual classes, columns the predicted ones. Every cell shows its count and is
// coloured by the cube root of its share of the row, so that one image in a thousand is
// still visible. To the right of each row is the accuracy of its class.
type Matrix struct {
	Title      string
	Classes    []string
	Counts     [][]int    // [actual][predicted]; cells that are missing are 0
	Accuracies []Interval // of the classes, fractions in 0..1
	Footnote   []string
}

// Interval is a value and the ends of its interval; NaN where there is none.
type Interval struct{ Value, Low, High float64 }

const (
	matrixGap   = vg.Length(6)
	matrixRight = vg.Length(116) // for the accuracies
)

type layout struct {
	grid          vg.Rectangle
	width, height vg.Length // of a cell
	slanted       bool      // the names below do not fit side by side and are slanted
}

func (m Matrix) draw(c draw.Canvas) {
	title := textStyle(titleSize, black)
	title.XAlign, title.YAlign = draw.XCenter, draw.YTop
	c.FillText(title, vg.Point{X: (c.Min.X + c.Max.X) / 2, Y: c.Max.Y}, ellipsize(title, m.Title, c.Max.X-c.Min.X))
	c.Max.Y -= 1.7 * titleSize

	total := 0
	for row := range m.Classes {
		total += m.rowSum(row)
	}
	if total <= 0 {
		drawNoData(c)
		return
	}
	c = drawFootnote(c, append(slices.Clone(m.Footnote),
		"blue: correct, orange: confused; the darker, the larger the share of the row (by its cube root)"))
	l := m.layout(c)
	m.drawCells(c, l)
	m.drawNames(c, l)
	m.drawAccuracies(c, l)
}

// count returns a cell of the matrix, or 0 if Counts is too small to hold it.
func (m Matrix) count(actual, predicted int) int {
	if actual >= len(m.Counts) || predicted >= len(m.Counts[actual]) {
		return 0
	}
	return m.Counts[actual][predicted]
}

func (m Matrix) rowSum(actual int) (sum int) {
	for predicted := range m.Classes {
		sum += m.count(actual, predicted)
	}
	return sum
}

func (m Matrix) layout(c draw.Canvas) layout {
	name := textStyle(tickSize, black)
	widest := vg.Length(0)
	for _, class := range m.Classes {
		widest = max(widest, name.Width(ellipsize(name, class, nameLimit)))
	}
	n := vg.Length(len(m.Classes))
	l := layout{grid: c.Rectangle}
	l.grid.Min.X += 1.6*labelSize + widest + matrixGap
	l.grid.Max.X -= matrixRight
	l.grid.Max.Y -= 1.6 * footnoteSize // the heading of the accuracies
	l.width = (l.grid.Max.X - l.grid.Min.X) / n
	l.slanted = widest > l.width-3
	below := vg.Length(tickSize)
	if l.slanted {
		below = (widest + tickSize) * math.Sqrt2 / 2
	}
	l.grid.Min.Y += 1.6*labelSize + below + matrixGap
	l.height = (l.grid.Max.Y - l.grid.Min.Y) / n
	return l
}

// cell returns the rectangle at a row, counted from the top, and a column.
func (l layout) cell(row, column int) vg.Rectangle {
	low := vg.Point{X: l.grid.Min.X + vg.Length(column)*l.width, Y: l.grid.Max.Y - vg.Length(row+1)*l.height}
	return vg.Rectangle{Min: low, Max: low.Add(vg.Point{X: l.width, Y: l.height})}
}

func (m Matrix) drawCells(c draw.Canvas, l layout) {
	size := m.countSize(l)
	gap := min(0.8, l.width/8, l.height/8)
	for row := range m.Classes {
		images := m.rowSum(row)
		for column := range m.Classes {
			count := m.count(row, column)
			share := 0.0
			if images > 0 {
				share = float64(count) / float64(images)
			}
			box, fill := l.cell(row, column), cellColour(share, row == column)
			low, high := box.Min, box.Max.Sub(vg.Point{X: gap, Y: gap})
			c.FillPolygon(fill, []vg.Point{low, {X: high.X, Y: low.Y}, high, {X: low.X, Y: high.Y}})
			if size >= smallest {
				sty := textStyle(size, inkOn(fill, count))
				sty.XAlign, sty.YAlign = draw.XCenter, draw.YCenter
				c.FillText(sty, vg.Point{X: (low.X + high.X) / 2, Y: (low.Y + high.Y) / 2}, text.Grouped(count))
			}
		}
	}
}

// countSize returns the font size at which every count fits into its cell.
func (m Matrix) countSize(l layout) vg.Length {
	sty := textStyle(tickSize, black)
	widest := vg.Length(1)
	for row := range m.Classes {
		for column := range m.Classes {
			widest = max(widest, sty.Width(text.Grouped(m.count(row, column))))
		}
	}
	return min(tickSize, 0.7*l.height, tickSize*(l.width-3)/widest)
}

const (
	nameLimit = vg.Length(90) // the largest width of a class's name, on either axis
	smallest  = vg.Length(5)  // the smallest height of letters
)

// lettering returns the font size for lines of the given height, and how many lines one
// label takes up.
func lettering(line vg.Length) (size vg.Length, every int) {
	return min(tickSize, max(smallest, 0.8*line)), max(1, int(math.Ceil(float64(smallest/(0.8*line)))))
}

// drawNames draws the names of the axes and of the classes, to the left and below; if
// there are too many, only every k-th.
func (m Matrix) drawNames(c draw.Canvas, l layout) {
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
			c.FillText(left, vg.Point{X: l.grid.Min.X - matrixGap, Y: middle.Y}, ellipsize(left, class, nameLimit))
		}
		if i%everyColumn == 0 {
			c.FillText(below, vg.Point{X: middle.X + shift, Y: l.grid.Min.Y - matrixGap}, ellipsize(below, class, nameLimit))
		}
	}
	axis := textStyle(labelSize, black)
	axis.XAlign = draw.XCenter
	c.FillText(axis, vg.Point{X: (l.grid.Min.X + l.grid.Max.X) / 2, Y: c.Min.Y}, "predicted class")
	axis.Rotation, axis.YAlign = math.Pi/2, draw.YTop
	c.FillText(axis, vg.Point{X: c.Min.X, Y: (l.grid.Min.Y + l.grid.Max.Y) / 2}, "actual class")
}

func (m Matrix) drawAccuracies(c draw.Canvas, l layout) {
	size, every := lettering(l.height)
	value, interval := textStyle(size, black), textStyle(size*footnoteSize/tickSize, grey)
	value.XAlign, value.YAlign, interval.YAlign = draw.XRight, draw.YCenter, draw.YCenter
	right, start := l.grid.Max.X+50, l.grid.Max.X+57
	heading := textStyle(footnoteSize, grey)
	c.FillText(heading, vg.Point{X: start, Y: l.grid.Max.Y + 3}, "95 % interval")
	heading.XAlign = draw.XRight
	c.FillText(heading, vg.Point{X: right, Y: l.grid.Max.Y + 3}, "accuracy")
	for row, a := range m.Accuracies {
		if row%every != 0 || row >= len(m.Classes) {
			continue
		}
		y := (l.cell(row, 0).Min.Y + l.cell(row, 0).Max.Y) / 2
		if math.IsNaN(a.Value) || math.IsNaN(a.Low) {
			c.FillText(value, vg.Point{X: right, Y: y}, "–")
			continue
		}
		c.FillText(value, vg.Point{X: right, Y: y}, fmt.Sprintf("%.1f %%", 100*a.Value))
		c.FillText(interval, vg.Point{X: start, Y: y}, fmt.Sprintf("%.1f–%.1f", 100*a.Low, 100*a.High))
	}
}
