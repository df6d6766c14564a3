package outcome

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"cnnlab/data/durable"
	"cnnlab/experiments/report/chart"
	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/table"
	"cnnlab/experiments/report/text"
)

// Page is the report of an experiment: what summary.md and the terminal show, and
// the files beside it.
type Page struct {
	Title   string
	Answer  string // to the experiment's question, in a sentence or two; it may be empty
	Table   table.Table
	Brief   *table.Table // shown without text in a terminal too narrow for Table; nil: none
	Text    string       // below the table, see Paragraphs
	Figures []Figure
	Files   []File
	Result  string // in one line, for the table of all experiments
}

// Page composes what most experiments report: the table of accuracies, the notes on the
// set-up, the given figures and the confusion matrix.
func (o *Outcome) Page(title string, groups []*Group, versus Versus, figures ...Figure) Page {
	accuracies, confusion := o.Accuracies(groups, versus), o.Confusion(groups)
	page := Page{
		Title:   title + " on " + o.Dataset.Name,
		Answer:  accuracies.Answer(),
		Table:   accuracies.Table(),
		Text:    Paragraphs(o.Notes, accuracies.Meaning(), o.Diagnosis(groups, accuracies.Untold()...), confusion.Text()),
		Figures: append(append(figures, o.Reliability(groups), confusion.Figure(), o.Mistakes(groups)), o.Inside(groups)...),
		Files:   append(confusion.Files(), o.Predictions()),
		Result:  result(groups),
	}
	if versus != Nothing {
		page.Files = append(page.Files, accuracies.Files()...)
	}
	return page
}

// Figure is a picture, written as Name.png and Name.svg.
type Figure struct {
	Name    string
	Drawing chart.Drawing
}

// File is a file of the results.
type File struct {
	Name  string
	Write func(w io.Writer) error // nil: the file is removed, if it exists
}

// CSV returns a CSV file of rows, with the header of their type.
func CSV[T any](name string, rows []T) File {
	return File{name, func(w io.Writer) error { return runs.WriteRows(w, rows) }}
}

// Paragraphs joins texts with an empty line between them, and skips empty ones.
func Paragraphs(texts ...string) string {
	var all []string
	for _, t := range texts {
		if t = strings.TrimSpace(t); t != "" {
			all = append(all, t)
		}
	}
	return strings.Join(all, "\n\n")
}

// Write writes the page into dir: its files, its pictures and summary.md. It prints the
// table to stdout with the names of all files, after those in written. A file that
// cannot be written does not stop the others; Write returns the first error. If a file
// cannot be replaced, Write puts the new one beside it and says so on stderr.
func (p Page) Write(dir string, written []string, stdout, stderr io.Writer) error {
	files := slices.Clone(p.Files)
	for _, f := range p.Figures {
		files = append(files, f.file(".png", chart.PNG), f.file(".svg", chart.SVG))
	}
	var failure error
	for _, f := range append(files, File{"summary.md", p.writeSummary}) {
		path, err := f.write(dir, stderr)
		if err == nil && path != "" {
			written = append(written, path)
		}
		failure = cmp.Or(failure, err)
	}
	return cmp.Or(failure, p.show(stdout, written))
}

func (f Figure) file(suffix string, render func(chart.Drawing) ([]byte, error)) File {
	return File{f.Name + suffix, func(w io.Writer) error {
		content, err := render(f.Drawing)
		if err == nil {
			_, err = w.Write(content)
		}
		return err
	}}
}

// write returns the path of the file that it wrote; none if it removed the file.
func (f File) write(dir string, stderr io.Writer) (string, error) {
	path := filepath.Join(dir, f.Name)
	if f.Write == nil {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", errors.WithStack(err)
		}
		return "", nil
	}
	err := durable.WriteFileOrBeside(durable.Disk{}, path, f.Write)
	var beside *durable.WrittenBeside
	if errors.As(err, &beside) {
		fmt.Fprintln(stderr, err)
		return beside.Beside, nil
	}
	return path, err
}

func (p Page) writeSummary(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n\n", p.Title)
	if p.Answer != "" {
		fmt.Fprintf(&b, "**Answer:** %s\n\n", p.Answer)
	}
	if err := p.Table.WriteMarkdown(&b); err != nil {
		return err
	}
	if p.Text != "" {
		fmt.Fprintf(&b, "\n%s\n", p.Text)
	}
	for _, f := range p.Figures {
		fmt.Fprintf(&b, "\n![%s](%s.svg)\n", f.Name, f.Name)
	}
	_, err := b.WriteTo(w)
	return err
}

func (p Page) show(stdout io.Writer, written []string) error {
	b, err := p.terminal(text.Columns(stdout), written)
	if err != nil {
		return err
	}
	_, err = b.WriteTo(stdout)
	return errors.Wrap(err, "stdout")
}

// terminal returns the page for a terminal of that many columns; 0 stands for a pipe,
// which gets the whole table and unbroken lines.
func (p Page) terminal(columns int, written []string) (*bytes.Buffer, error) {
	t, below := p.Table, p.Text
	if p.Brief != nil && !t.Fits(columns) {
		t, below = *p.Brief, ""
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "\n%s\n\n", text.Wrap(p.Title, columns))
	write := t.WriteText
	if columns > 0 {
		write = t.WriteShort
	}
	if err := write(&b, columns); err != nil {
		return nil, err
	}
	if below != "" {
		fmt.Fprintf(&b, "\n%s\n", text.Wrap(below, columns))
	}
	fmt.Fprintf(&b, "\nwritten:\n  %s\n", strings.Join(written, "\n  "))
	return &b, nil
}
