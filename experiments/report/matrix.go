package report

import (
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// PlotConfusion draws c into the file at path, as Plot does: rows are the
// actual classes, columns the predicted ones, every cell has its count and is
// coloured by the cube root of its share of the row, so that one image in a
// thousand still shows. Right of each row stands the accuracy of its class with
// Wilson's 95 % interval.
func PlotConfusion(path, title string, c Confusion) error {
	return writePicture(path, matrix{title, c})
}

// matrix is the picture of a Confusion.
type matrix struct {
	title string
	Confusion
}

const (
	matrixGap   = vg.Length(6)
	matrixRight = vg.Length(116) // for the accuracies
)

// layout is where the parts of a matrix stand.
type layout struct {
	grid          vg.Rectangle
	width, height vg.Length // of a cell
	slanted       bool      // the names below do not fit side by side
}

// draw implements drawing.
func (m matrix) draw(c draw.Canvas) {
	title := textStyle(titleSize, black)
	title.XAlign, title.YAlign = draw.XCenter, draw.YTop
	c.FillText(title, vg.Point{X: (c.Min.X + c.Max.X) / 2, Y: c.Max.Y}, fit(title, m.title, c.Max.X-c.Min.X))
	c.Max.Y -= 1.7 * titleSize

	images, _ := m.total()
	if images <= 0 {
		noData{}.Plot(c, nil)
		return
	}
	c = drawFootnote(c, m.footnote())
	l := m.layout(c)
	m.drawCells(c, l)
	m.drawNames(c, l)
	m.drawAccuracies(c, l)
}

// footnote says what the colours mean, and the accuracy over all classes.
func (m matrix) footnote() []string {
	images, correct := m.total()
	seeds := ""
	if m.Runs > 1 {
		seeds = fmt.Sprintf(", each counted once for each of %d seeds", m.Runs)
	}
	return []string{
		fmt.Sprintf("accuracy %.2f %% of %s images%s", 100*float64(correct)/float64(images), grouped(m.once(images)), seeds),
		"blue: right, orange: confused, the darker the larger the share of the row (by its cube root)",
	}
}

// layout divides c between the names, the cells and the accuracies.
func (m matrix) layout(c draw.Canvas) layout {
	name := textStyle(tickSize, black)
	widest := vg.Length(0)
	for _, class := range m.Classes {
		widest = max(widest, name.Width(fit(name, class, nameLimit)))
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

// cell is the rectangle of a row, from above, and a column.
func (l layout) cell(row, column int) vg.Rectangle {
	low := vg.Point{X: l.grid.Min.X + vg.Length(column)*l.width, Y: l.grid.Max.Y - vg.Length(row+1)*l.height}
	return vg.Rectangle{Min: low, Max: low.Add(vg.Point{X: l.width, Y: l.height})}
}

// drawCells draws the coloured cells and their counts.
func (m matrix) drawCells(c draw.Canvas, l layout) {
	size := m.countSize(l)
	gap := min(0.8, l.width/8, l.height/8)
	for row := range m.Classes {
		images, _ := m.class(row)
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
				c.FillText(sty, vg.Point{X: (low.X + high.X) / 2, Y: (low.Y + high.Y) / 2}, grouped(count))
			}
		}
	}
}

// countSize is the height of letters by which every count fits into its cell.
func (m matrix) countSize(l layout) vg.Length {
	sty := textStyle(tickSize, black)
	widest := vg.Length(1)
	for row := range m.Classes {
		for column := range m.Classes {
			widest = max(widest, sty.Width(grouped(m.count(row, column))))
		}
	}
	return min(tickSize, 0.7*l.height, tickSize*(l.width-3)/widest)
}

// grouped is n with commas between thousands: 10,000.
func grouped(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
