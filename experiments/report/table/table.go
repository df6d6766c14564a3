// Package table writes tables of text for a terminal and as Markdown. It drops nothing:
// unlike table libraries, it cuts a table that is too wide into several or stacks its
// cells. It makes cells safe for a terminal.
package table

import (
	"io"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"cnnlab/experiments/report/text"
)

// Table is rows of text under named columns. Missing cells are empty; cells beyond
// the columns are ignored.
type Table struct {
	Columns []Column
	Rows    [][]string
	Marked  []int // indices of the rows to point out, such as the one chosen
	Leading int   // columns that name a row: repeated where a table is cut; 0 counts as 1
}

// Column is the name of a column and how its cells are aligned.
type Column struct {
	Name  string
	Right bool // numbers: flush right
}

const (
	columnGap = "  "
	mark      = "* "
)

// cell returns a cell, safe for a terminal; row -1 is the header.
func (t Table) cell(row, column int) string {
	switch {
	case row < 0:
		return text.Line(t.Columns[column].Name)
	case column >= len(t.Rows[row]):
		return ""
	}
	return text.Line(t.Rows[row][column])
}

// prefix precedes a row of text; row -1 is the header.
func (t Table) prefix(row int) string {
	switch {
	case len(t.Marked) == 0:
		return ""
	case slices.Contains(t.Marked, row):
		return mark
	}
	return strings.Repeat(" ", len(mark))
}

// WriteText writes t in aligned columns, with a star before a marked row. If that is
// wider than width columns, each row becomes lines "column: cell", and longer lines are
// broken. A width below 1 means no limit.
func (t Table) WriteText(w io.Writer, width int) error {
	_, err := io.WriteString(w, t.text(width))
	return errors.Wrap(err, "table")
}

func (t Table) text(width int) string {
	if t.Fits(width) {
		return t.aligned()
	}
	return t.stacked(width)
}

// Fits reports whether the aligned table is at most width terminal columns wide. A width
// below 1 means no limit.
func (t Table) Fits(width int) bool {
	total := len(t.prefix(-1)) - len(columnGap)
	for _, n := range t.widths() {
		total += len(columnGap) + n
	}
	return width < 1 || total <= width
}

func (t Table) widths() []int {
	widths := make([]int, len(t.Columns))
	for i := range t.Columns {
		for row := -1; row < len(t.Rows); row++ {
			widths[i] = max(widths[i], text.Width(t.cell(row, i)))
		}
	}
	return widths
}

func (t Table) aligned() string {
	var b strings.Builder
	widths := t.widths()
	for row := -1; row < len(t.Rows); row++ {
		line := t.prefix(row)
		for i, column := range t.Columns {
			cell := t.cell(row, i)
			room := strings.Repeat(" ", widths[i]-text.Width(cell))
			if column.Right {
				cell, room = room, cell
			}
			line += cell + room + columnGap
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// stacked returns lines "column: cell" of at most width columns, with an empty line
// between rows. Without rows, it returns the names of the columns.
func (t Table) stacked(width int) string {
	var b strings.Builder
	if len(t.Rows) == 0 {
		var names []string
		for i := range t.Columns {
			names = append(names, t.cell(-1, i))
		}
		return wrap(names, width) + "\n"
	}
	for row := range t.Rows {
		if row > 0 {
			b.WriteString("\n")
		}
		for i := range t.Columns {
			line := t.cell(-1, i) + ": " + t.cell(row, i)
			if i == 0 {
				line = strings.TrimLeft(t.prefix(row), " ") + line
			}
			for piece := range strings.SplitSeq(text.Wrap(strings.TrimRight(line, " "), width), "\n") {
				b.WriteString(strings.Join(broken(piece, width), "\n") + "\n")
			}
		}
	}
	return b.String()
}

// broken cuts line into pieces at most width columns wide, each of at least one
// character.
func broken(line string, width int) []string {
	var pieces []string
	for text.Width(line) > width {
		head, tail := text.Split(line, width)
		if tail == "" {
			break
		}
		pieces, line = append(pieces, head), tail
	}
	return append(pieces, line)
}
