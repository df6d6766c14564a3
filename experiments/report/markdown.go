package report

import (
	"io"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// markdownEscapes make text of what Markdown or HTML would read as markup.
var markdownEscapes = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;",
	`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "~", `\~`, "[", `\[`, "]", `\]`,
)

// markdown is text escaped for one cell or line of Markdown: it shows as it
// is, whatever it holds.
func markdown(text string) string { return markdownEscapes.Replace(oneLine(text)) }

// WriteMarkdown writes t as a table of GitHub's Markdown, the marked rows bold.
func (t Table) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	for _, column := range t.Columns {
		b.WriteString("| " + markdown(column.Name) + " ")
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
			cell := markdown(strings.TrimSpace(t.cell(row, i)))
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
