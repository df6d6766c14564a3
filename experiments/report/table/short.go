package table

import (
	"io"
	"slices"
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
	var parts []string
	if common != nil {
		parts = append(parts, wrap(common, width)+"\n")
	}
	folded := rest.fold(width)
	if slices.ContainsFunc(folded, func(part Table) bool { return !part.Fits(width) }) {
		folded = []Table{rest}
	}
	for _, part := range folded {
		parts = append(parts, part.text(width))
	}
	_, err := io.WriteString(w, strings.Join(parts, "\n"))
	return errors.Wrap(err, "table")
}

// Common separates what all rows share from the columns in which they differ. The line
// comes in pieces, between which it may be broken: "Common:", "data set mnist,",
// "runs 3". It is nil if the rows share nothing, or there are none. The leading columns stay in the table.
func (t Table) Common() (line []string, rest Table) {
	if len(t.Rows) == 0 {
		return nil, t
	}
	var kept []int
	for i := range t.Columns {
		first, agree := t.cell(0, i), true
		for row := range t.Rows {
			agree = agree && t.cell(row, i) == first
		}
		switch {
		case i < t.leading() || !agree:
			kept = append(kept, i)
		case first != "":
			line = append(line, t.cell(-1, i)+" "+first+",")
		}
	}
	if line != nil {
		last := len(line) - 1
		line[last] = strings.TrimSuffix(line[last], ",")
		line = append([]string{"Common:"}, line...)
	}
	return line, t.pick(kept)
}

func (t Table) leading() int { return min(max(1, t.Leading), len(t.Columns)) }

// fold cuts t into tables at most width characters wide that each begin with the leading
// columns. A column that does not fit beside these makes its table wider.
func (t Table) fold(width int) []Table {
	widths := t.widths()
	start := len(t.prefix(-1))
	var leading []int
	for i, n := range widths[:t.leading()] {
		leading = append(leading, i)
		start += n + len(columnGap)
	}
	var folded []Table
	part, total := leading, start
	for i := len(leading); i < len(widths); i++ {
		if width > 0 && total+widths[i] > width && len(part) > len(leading) {
			folded = append(folded, t.pick(part))
			part, total = leading, start
		}
		part = append(part, i)
		total += widths[i] + len(columnGap)
	}
	return append(folded, t.pick(part))
}

// pick returns t with only these columns.
func (t Table) pick(columns []int) Table {
	picked := t
	picked.Columns, picked.Rows = nil, make([][]string, len(t.Rows))
	for _, i := range columns {
		picked.Columns = append(picked.Columns, t.Columns[i])
		for row := range t.Rows {
			picked.Rows[row] = append(picked.Rows[row], t.cell(row, i))
		}
	}
	return picked
}

// wrap joins words with spaces into lines of at most width columns, and breaks longer
// words. A width below 1 means no limit.
func wrap(words []string, width int) string {
	if width < 1 {
		return strings.Join(words, " ")
	}
	var lines []string
	for _, word := range words {
		if last := len(lines) - 1; last >= 0 && text.Width(lines[last])+1+text.Width(word) <= width {
			lines[last] += " " + word
		} else {
			lines = append(lines, broken(word, width)...)
		}
	}
	return strings.Join(lines, "\n")
}
