package table

import (
	"io"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"cnnlab/experiments/report/text"
)

// markdownEscapes escapes what Markdown or HTML would read as markup.
var markdownEscapes = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;",
	`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "~", `\~`, "[", `\[`, "]", `\]`,
)

// Markdown escapes s so that a cell or a line of Markdown shows it literally.
func Markdown(s string) string { return markdownEscapes.Replace(text.Line(s)) }

// WriteMarkdown writes t as a table of GitHub's Markdown, with marked rows in bold.
func (t Table) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	for _, column := range t.Columns {
		b.WriteString("| " + Markdown(column.Name) + " ")
	}
	b.WriteString("|\n")
	for _, column := range t.Columns {
		if column.Right {
			b.WriteString("|---:")
		} else {
			b.WriteString("|---")
		}
	}
	b.WriteString("|\n")
	for row := range t.Rows {
		bold := ""
		if slices.Contains(t.Marked, row) {
			bold = "**"
		}
		for i := range t.Columns {
			cell := Markdown(strings.TrimSpace(t.cell(row, i)))
			if cell != "" {
				cell = bold + cell + bold
			}
			b.WriteString("| " + cell + " ")
		}
		b.WriteString("|\n")
	}
	_, err := io.WriteString(w, b.String())
	return errors.Wrap(err, "table")
}
