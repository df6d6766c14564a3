package experiments

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/pkg/errors"
	"golang.org/x/term"

	"cnnlab/experiments/report"
)

// wrote remembers a file to name at the end, after err said how it went. That it
// had to be written beside its place is told and is no error.
func (o *Outcome) wrote(err error, path string) error {
	var beside *report.WrittenBeside
	if errors.As(err, &beside) {
		fmt.Fprintf(o.stderr, "%v\n", err)
		path, err = beside.Beside, nil
	}
	if err == nil {
		o.written = append(o.written, path)
	}
	return err
}

// write replaces one file of the results.
func (o *Outcome) write(name string, content func(io.Writer) error) error {
	return o.wrote(report.WriteFile(o.path(name), content), o.path(name))
}

// writeRows replaces one CSV of the results.
func writeRows[T any](o *Outcome, name string, rows []T) error {
	return o.write(name, func(w io.Writer) error { return report.WriteRows(w, rows) })
}

// plot draws name.png and name.svg.
func (o *Outcome) plot(name string, f report.Figure) error {
	return o.draw(name, func(path string) error { return report.Plot(path, f) })
}

// draw has both pictures of a name tried, whatever becomes of the first.
func (o *Outcome) draw(name string, picture func(path string) error) error {
	png, svg := o.path(name+".png"), o.path(name+".svg")
	return firstOf(o.wrote(picture(png), png), o.wrote(picture(svg), svg))
}

// finish writes summary.md, and shows the table and the files on stdout; in a
// terminal too narrow for that, the brief table without text if there is one.
func (o *Outcome) finish(title, text string, table report.Table, pictures ...string) error {
	text = strings.TrimSpace(strings.TrimSpace(text) + "\n\n" + o.confusing)
	err := o.write("summary.md", func(w io.Writer) error {
		fmt.Fprintf(w, "# %s\n\n", title)
		if err := table.WriteMarkdown(w); err != nil {
			return err
		}
		if text != "" {
			fmt.Fprintf(w, "\n%s\n", text)
		}
		for _, name := range pictures {
			fmt.Fprintf(w, "\n![%s](%s.svg)\n", name, name)
		}
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(o.stdout, "\n%s\n\n", title)
	columns := width(o.stdout)
	if o.brief != nil && !table.Fits(columns) {
		table, text = *o.brief, ""
	}
	if err := table.WriteShort(o.stdout, columns); err != nil {
		return err
	}
	if text != "" {
		text = "\n" + text + "\n"
	}
	_, err = fmt.Fprintf(o.stdout, "%s\nwritten:\n  %s\n", text, strings.Join(o.written, "\n  "))
	return errors.Wrap(err, "stdout")
}

// width is the number of columns of a terminal, 0 for anything else.
func width(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return columns
}
