package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/pkg/errors"
)

// Comparison is runs beside one another, in the order asked for.
type Comparison struct{ rows []comparedRow }

// resultsColumn is the column before those of runs.csv that tells apart the
// runs of several results directories.
const resultsColumn = "results"

// textForms are how cells of long numbers are shown to people.
var textForms = map[string]func(float64) string{
	"val_accuracy":       func(v float64) string { return fmt.Sprintf("%.2f %%", 100*v) },
	"test_accuracy":      func(v float64) string { return fmt.Sprintf("%.2f %%", 100*v) },
	"test_loss":          func(v float64) string { return fmt.Sprintf("%.4f", v) },
	"seconds":            func(v float64) string { return fmt.Sprintf("%.1f", v) },
	"samples_per_second": func(v float64) string { return fmt.Sprintf("%.0f", v) },
}

// textForm is a cell of the named column as it is shown to people.
func textForm(column, cell string) string {
	form := textForms[column]
	v, err := number(cell)
	if form == nil || err != nil {
		return cell
	}
	return form(v)
}

// differs reports whether a column is shown: of several runs those columns in
// which they differ, of a single run all.
func (c Comparison) differs(cell func(comparedRow) string) bool {
	for _, row := range c.rows {
		if cell(row) != cell(c.rows[0]) {
			return true
		}
	}
	return len(c.rows) == 1
}

// Table is the columns in which the runs differ, in the order of runs.csv and
// as people read them: accuracies in percent, times rounded. Runs of several
// results directories have that directory first.
func (c Comparison) Table() Table {
	t := Table{Rows: make([][]string, len(c.rows))}
	results := func(row comparedRow) string { return oneLine(row.results) }
	if len(c.rows) > 1 && c.differs(results) {
		t.Columns = append(t.Columns, Column{Name: resultsColumn})
		for i, row := range c.rows {
			t.Rows[i] = append(t.Rows[i], results(row))
		}
	}
	for i, name := range columns[RunRow]() {
		cell := func(row comparedRow) string { return row.cells[i] }
		if !c.differs(cell) {
			continue
		}
		column := Column{Name: name, Right: true}
		for j, row := range c.rows {
			if _, err := number(cell(row)); err != nil && cell(row) != "" {
				column.Right = false
			}
			t.Rows[j] = append(t.Rows[j], textForm(name, cell(row)))
		}
		t.Columns = append(t.Columns, column)
	}
	return t
}

// common is what all runs have in common, in pieces: "Common:", "dataset mnist,",
// "batch 100"; nil of a single run and where there is nothing.
func (c Comparison) common() []string {
	var said []string
	for i, name := range columns[RunRow]() {
		cell := func(row comparedRow) string { return row.cells[i] }
		if len(c.rows) > 1 && !c.differs(cell) && cell(c.rows[0]) != "" {
			said = append(said, name+" "+textForm(name, cell(c.rows[0])))
		}
	}
	return common(said)
}

// WriteText writes what is common and the table in lines of at most width
// runes: a wide table is cut into several, each of which names the runs. A
// single run, and what has no room for one column beside the names, is written
// as by Table.WriteText. A width below 1 is no limit.
func (c Comparison) WriteText(w io.Writer, width int) error {
	return writeParts(w, width, c.common(), c.parts(width))
}

// parts are the tables that WriteText writes.
func (c Comparison) parts(width int) []Table {
	t := c.Table()
	switch {
	case len(c.rows) < 2:
		return []Table{t}
	case t.Columns[0].Name == resultsColumn:
		return t.fold(width, 2)
	}
	return t.fold(width, 1)
}

// WriteMarkdown writes what is common and the table as GitHub's Markdown.
func (c Comparison) WriteMarkdown(w io.Writer) error {
	if common := c.common(); common != nil {
		if _, err := io.WriteString(w, markdown(strings.Join(common, " "))+"\n\n"); err != nil {
			return errors.Wrap(err, "comparison")
		}
	}
	return c.Table().WriteMarkdown(w)
}

// WriteCSV writes the runs as a runs.csv: every column, whether they differ in
// it or not, every number as it is. Control characters in names are replaced.
func (c Comparison) WriteCSV(w io.Writer) error {
	lines := csv.NewWriter(w)
	_ = lines.Write(columns[RunRow]()) // errors stay in lines
	for _, row := range c.rows {
		_ = lines.Write(row.cells)
	}
	lines.Flush()
	return errors.Wrap(lines.Error(), "comparison")
}
