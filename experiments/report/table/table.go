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

func (t Table) cell(row, column int) string {
	if column >= len(t.Rows[row]) {
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
	lines := t.aligned()
	if !t.Fits(width) {
		lines = t.stacked(width)
	}
	_, err := io.WriteString(w, strings.Join(lines, ""))
	return errors.Wrap(err, "table")
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
	for i, column := range t.Columns {
		widths[i] = text.Width(text.Line(column.Name))
		for row := range t.Rows {
			widths[i] = max(widths[i], text.Width(t.cell(row, i)))
		}
	}
	return widths
}

func (t Table) aligned() []string {
	widths := t.widths()
	line := func(row int, cell func(column int) string) string {
		b := t.prefix(row)
		for i, column := range t.Columns {
			if i > 0 {
				b += columnGap
			}
			content := cell(i)
			room := strings.Repeat(" ", widths[i]-text.Width(content))
			if column.Right {
				b += room + content
			} else {
				b += content + room
			}
		}
		return strings.TrimRight(b, " ") + "\n"
	}
	lines := []string{line(-1, func(i int) string { return text.Line(t.Columns[i].Name) })}
	for row := range t.Rows {
		lines = append(lines, line(row, func(i int) string { return t.cell(row, i) }))
	}
	return lines
}

// stacked returns lines "column: cell" of at most width columns, with an empty line
// between rows.
func (t Table) stacked(width int) []string {
	var lines []string
	for row := range t.Rows {
		if row > 0 {
			lines = append(lines, "\n")
		}
		for i, column := range t.Columns {
			line := text.Line(column.Name) + ": " + t.cell(row, i)
			if i == 0 {
				line = strings.TrimLeft(t.prefix(row), " ") + line
			}
			for text.Width(line) > width {
				head, tail := text.Split(line, width)
				if tail == "" {
					break
				}
				lines, line = append(lines, head+"\n"), tail
			}
			lines = append(lines, line+"\n")
		}
	}
	return lines
}
