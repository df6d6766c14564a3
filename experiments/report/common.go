package report

import (
	"io"
	"strings"
	"unicode/utf8"

	"github.com/pkg/errors"
)

// WriteShort writes t for a terminal of width columns: those in which all rows
// agree are said once, in a line above, and what is still too wide is cut into
// tables that each begin with the first column. A single row, what has no room for
// one column beside the first, and all where width is below 1 is written as by
// WriteText.
func (t Table) WriteShort(w io.Writer, width int) error {
	if len(t.Rows) < 2 || width < 1 {
		return t.WriteText(w, width)
	}
	said, rest := t.split()
	parts := rest.fold(width, 1)
	for _, part := range parts {
		if !part.Fits(width) {
			return t.WriteText(w, width)
		}
	}
	return writeParts(w, width, common(said), parts)
}

// split takes the columns out of t in which all rows have the same text, and says
// them: "data set mnist". The first column stays.
func (t Table) split() (said []string, rest Table) {
	rest = t.columns(0, 1)
	for i := 1; i < len(t.Columns); i++ {
		first, agree := t.cell(0, i), true
		for row := range t.Rows {
			agree = agree && t.cell(row, i) == first
		}
		switch {
		case !agree:
			rest = rest.beside(t.columns(i, i+1))
		case first != "":
			said = append(said, oneLine(t.Columns[i].Name)+" "+first)
		}
	}
	return said, rest
}

// common is what is said in pieces between which the line may be broken: "Common:",
// "data set mnist,", "runs 3"; nil of nothing.
func common(said []string) []string {
	if said == nil {
		return nil
	}
	pieces := []string{"Common:"}
	for i, piece := range said {
		if i < len(said)-1 {
			piece += ","
		}
		pieces = append(pieces, piece)
	}
	return pieces
}

// writeParts writes pieces as lines of at most width runes, and below them the
// tables.
func writeParts(w io.Writer, width int, pieces []string, parts []Table) error {
	if pieces != nil {
		if _, err := io.WriteString(w, wrap(pieces, width)+"\n\n"); err != nil {
			return errors.Wrap(err, "table")
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

// wrap joins words by spaces into lines of at most width runes, and breaks
// words longer than that. A width below 1 is no limit.
func wrap(words []string, width int) string {
	if width < 1 {
		return strings.Join(words, " ")
	}
	var lines []string
	line := ""
	for _, word := range words {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		rest := []rune(word)
		for ; len(rest) > width; rest = rest[width:] {
			lines = append(lines, string(rest[:width]))
		}
		line = string(rest)
	}
	return strings.Join(append(lines, line), "\n")
}
