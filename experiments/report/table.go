package report

import (
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pkg/errors"
)

// Table is rows of text under named columns. Missing cells are empty; those
// beyond the columns are left out.
type Table struct {
	Columns []Column
	Rows    [][]string
	Marked  []int // indices of the rows to point out, such as the one chosen
}

// Column is the name of a column and how its cells stand.
type Column struct {
	Name  string
	Right bool // numbers: flush right
}

const (
	columnGap = "  "
	tableMark = "* "
)

// cell is the text at row and column, on one line and without control
// characters.
func (t Table) cell(row, column int) string {
	if column >= len(t.Rows[row]) {
		return ""
	}
	return oneLine(t.Rows[row][column])
}

// mark is what stands before a row of text.
func (t Table) mark(row int) string {
	switch {
	case len(t.Marked) == 0:
		return ""
	case slices.Contains(t.Marked, row):
		return tableMark
	}
	return strings.Repeat(" ", len(tableMark))
}

// WriteText writes t in aligned columns, a marked row with a star before it.
// Where that is wider than width runes, each row becomes a few lines
// "column: cell" and longer lines are broken: nothing is dropped. A width
// below 1 is no limit.
func (t Table) WriteText(w io.Writer, width int) error {
	lines := t.aligned(t.widths())
	if !t.Fits(width) {
		lines = t.stacked(width)
	}
	_, err := io.WriteString(w, strings.Join(lines, ""))
	return errors.Wrap(err, "table")
}

// Fits is whether the aligned columns take no more than width runes. A width below
// 1 is no limit.
func (t Table) Fits(width int) bool {
	total := utf8.RuneCountInString(t.mark(-1)) - len(columnGap)
	for _, n := range t.widths() {
		total += len(columnGap) + n
	}
	return width < 1 || total <= width
}

// widths are the runes that each column needs.
func (t Table) widths() []int {
	widths := make([]int, len(t.Columns))
	for i, column := range t.Columns {
		widths[i] = utf8.RuneCountInString(oneLine(column.Name))
		for row := range t.Rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(t.cell(row, i)))
		}
	}
	return widths
}

// aligned are the lines of t with columns of the given widths.
func (t Table) aligned(widths []int) []string {
	line := func(mark string, cell func(int) string) string {
		b := mark
		for i, column := range t.Columns {
			if i > 0 {
				b += columnGap
			}
			text := cell(i)
			room := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text))
			if column.Right {
				b += room + text
			} else {
				b += text + room
			}
		}
		return strings.TrimRight(b, " ") + "\n"
	}
	lines := []string{line(t.mark(-1), func(i int) string { return oneLine(t.Columns[i].Name) })}
	for row := range t.Rows {
		lines = append(lines, line(t.mark(row), func(i int) string { return t.cell(row, i) }))
	}
	return lines
}

// stacked are lines "column: cell" of at most width runes, an empty line
// between rows.
func (t Table) stacked(width int) []string {
	var lines []string
	for row := range t.Rows {
		if row > 0 {
			lines = append(lines, "\n")
		}
		for i, column := range t.Columns {
			mark := ""
			if i == 0 {
				mark = strings.TrimLeft(t.mark(row), " ")
			}
			rest := []rune(mark + oneLine(column.Name) + ": " + t.cell(row, i))
			for len(rest) > width {
				lines = append(lines, string(rest[:width])+"\n")
				rest = rest[width:]
			}
			lines = append(lines, string(rest)+"\n")
		}
	}
	return lines
}
