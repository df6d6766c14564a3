package table

import (
	"io"
	"strings"

	"github.com/pkg/errors"

	"cnnlab/experiments/report/text"
)

// WriteShort writes t for a terminal of width columns. Columns in which all rows agree
// become one line above the table. A table that is still too wide is cut into several
// that each begin with the leading columns. If even that does not fit, or t has only one
// row, it writes as WriteText does. A width below 1 means no limit.
func (t Table) WriteShort(w io.Writer, width int) error {
	if len(t.Rows) < 2 {
		return t.WriteText(w, width)
	}
	common, rest := t.Common()
	if common != nil {
		if _, err := io.WriteString(w, wrap(common, width)+"\n\n"); err != nil {
			return errors.Wrap(err, "table")
		}
	}
	parts := rest.fold(width)
	for _, part := range parts {
		if !part.Fits(width) {
			parts = []Table{rest}
		}
	}
	for i, part := range parts {
		if i > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return errors.Wrap(err, "table")
			}
		}
		if err := part.WriteText(w, width); err != nil {
			return err
		}
	}
	return nil
}

// Common separates what all rows share from the columns in which they differ. The line
// comes in pieces, between which it may be broken: "Common:", "data set mnist,",
// "runs 3". It is nil if the rows share nothing. The leading columns stay in the table.
func (t Table) Common() (line []string, rest Table) {
	rest = t.columns(0, t.leading())
	for i := t.leading(); i < len(t.Columns); i++ {
		first, agree := t.cell(0, i), true
		for row := range t.Rows {
			agree = agree && t.cell(row, i) == first
		}
		switch {
		case !agree:
			rest = rest.beside(t.columns(i, i+1))
		case first != "":
			line = append(line, text.Line(t.Columns[i].Name)+" "+first+",")
		}
	}
	if line != nil {
		last := len(line) - 1
		line[last] = strings.TrimSuffix(line[last], ",")
		line = append([]string{"Common:"}, line...)
	}
	return line, rest
}

func (t Table) leading() int { return min(max(1, t.Leading), len(t.Columns)) }

// fold cuts t into tables at most width characters wide that each begin with the leading
// columns. A column that does not fit beside these makes its table wider.
func (t Table) fold(width int) []Table {
	widths := t.widths()
	start := len(t.prefix(-1))
	for _, n := range widths[:t.leading()] {
		start += n + len(columnGap)
	}
	var folded []Table
	total := start
	for i := t.leading(); i < len(widths); i++ {
		if folded == nil || width > 0 && total+widths[i] > width {
			folded = append(folded, t.columns(0, t.leading()))
			total = start
		}
		last := &folded[len(folded)-1]
		*last = last.beside(t.columns(i, i+1))
		total += widths[i] + len(columnGap)
	}
	if folded == nil {
		return []Table{t}
	}
	return folded
}

// beside returns t with the columns of next, which has as many rows, on its right.
func (t Table) beside(next Table) Table {
	t.Columns = append(t.Columns, next.Columns...)
	for row := range t.Rows {
		t.Rows[row] = append(t.Rows[row], next.Rows[row]...)
	}
	return t
}

func (t Table) columns(from, to int) Table {
	part := Table{Columns: append([]Column(nil), t.Columns[from:to]...), Rows: make([][]string, len(t.Rows)), Marked: t.Marked, Leading: t.Leading}
	for row := range t.Rows {
		for i := from; i < to; i++ {
			part.Rows[row] = append(part.Rows[row], t.cell(row, i))
		}
	}
	return part
}

// wrap joins words with spaces into lines of at most width columns, and breaks longer
// words. A width below 1 means no limit.
func wrap(words []string, width int) string {
	if width < 1 {
		return strings.Join(words, " ")
	}
	var lines []string
	line := ""
	for _, word := range words {
		if line != "" && text.Width(line)+1+text.Width(word) <= width {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for line = word; text.Width(line) > width; {
			head, tail := text.Split(line, width)
			if tail == "" {
				break
			}
			lines, line = append(lines, head), tail
		}
	}
	return strings.Join(append(lines, line), "\n")
}
