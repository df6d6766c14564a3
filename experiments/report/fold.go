package report

import "unicode/utf8"

// fold cuts t into tables side by side that are at most width runes wide, each
// of which begins with the first leading columns; a column that does not fit
// beside these has a table of its own, wider than width. A width below 1 is no
// limit.
func (t Table) fold(width, leading int) []Table {
	widths := t.widths()
	leading = min(leading, len(widths))
	start := utf8.RuneCountInString(t.mark(-1))
	for _, n := range widths[:leading] {
		start += n + len(columnGap)
	}
	var folded []Table
	total := start
	for i := leading; i < len(widths); i++ {
		if n := len(folded); n == 0 || width > 0 && total+widths[i] > width {
			folded = append(folded, t.columns(0, leading))
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

// beside is t with the columns of next, of as many rows, at its right.
func (t Table) beside(next Table) Table {
	t.Columns = append(t.Columns, next.Columns...)
	for row := range t.Rows {
		t.Rows[row] = append(t.Rows[row], next.Rows[row]...)
	}
	return t
}

// columns is a copy of t with the columns from up to, but not including, to.
func (t Table) columns(from, to int) Table {
	part := Table{Columns: append([]Column(nil), t.Columns[from:to]...), Rows: make([][]string, len(t.Rows)), Marked: t.Marked}
	for row := range t.Rows {
		for i := from; i < to; i++ {
			part.Rows[row] = append(part.Rows[row], t.cell(row, i))
		}
	}
	return part
}
