package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg/draw"
)

// footnote says what the axes do not show as it is.
func footnote(f Figure, curves []*curve, y scale) []string {
	floored, cut := 0, 0
	for _, c := range curves {
		floored += c.floored
		cut += c.cut
	}
	var said []string
	if f.Footnote != "" {
		said = append(said, f.Footnote)
	}
	if windows := f.windows(); windows != nil {
		said = append(said, fmt.Sprintf("in front: centred moving average over %s points, fewer at the ends", strings.Join(windows, ", ")))
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
	return said
}

// drawFootnote writes what is said below a picture, in as many lines as it takes,
// and returns the canvas above them.
func drawFootnote(c draw.Canvas, said []string) draw.Canvas {
	sty := textStyle(footnoteSize, grey)
	width := c.Max.X - c.Min.X
	var lines []string
	for _, text := range said {
		if last := len(lines) - 1; last >= 0 && sty.Width(oneLine(lines[last]+"; "+text)) <= width {
			lines[last] += "; " + text
		} else {
			lines = append(lines, text)
		}
	}
	for i := len(lines) - 1; i >= 0; i-- {
		c.FillText(sty, c.Min, fit(sty, lines[i], width))
		c.Min.Y += 1.3 * footnoteSize
	}
	c.Min.Y += 0.3 * footnoteSize
	return c
}

// windows are the lengths of the moving averages, shortest first.
func (f Figure) windows() []string {
	var all []int
	for _, s := range f.Series {
		if window := 2*(s.Smooth/2) + 1; s.Raw && s.Smooth > 1 && !slices.Contains(all, window) {
			all = append(all, window)
		}
	}
	slices.Sort(all)
	var text []string
	for _, window := range all {
		text = append(text, strconv.Itoa(window))
	}
	return text
}
