package experiments

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"golang.org/x/term"

	"cnnlab/data"
	"cnnlab/experiments/report"
)

// Outcome is what the merged CSVs of an experiment say, and where its report
// goes.
type Outcome struct {
	Name string // of the results: lr-sweep, lr-sweep-digits
	Dir  string // results/<Name>
	Set  *data.Dataset
	Runs []report.RunRow // those of the plan, in its order; of one that is not in runs.csv only id and configuration

	Notes []string // on where the learning rates come from

	labels     map[string]string            // of the runs of the plan
	steps      string                       // the path of steps.csv
	epochs     map[string][]report.EpochRow // by run
	accuracies []testAccuracyRow            // once they are written
	against    string                       // what each of them is compared with; empty: nothing
	result     string                       // in a line
	stdout     io.Writer
	stderr     io.Writer
	written    []string // for the end of the report
}

// newOutcome reads the files that a merge of the study's runs has written.
func newOutcome(s *study, merged report.Merged, stdout io.Writer) (*Outcome, error) {
	o := &Outcome{Name: filepath.Base(s.dir), Dir: s.dir, Set: s.set, stdout: stdout, stderr: s.stderr, Notes: s.notes,
		labels: make(map[string]string), epochs: make(map[string][]report.EpochRow),
		steps: merged.Steps, written: []string{merged.Steps, merged.Epochs, merged.Runs}}
	found, err := report.ReadRuns(merged.Runs)
	if err != nil {
		return nil, err
	}
	rows := make(map[string]report.RunRow)
	for _, row := range found {
		rows[row.Run] = row
	}
	for _, r := range s.plan {
		o.labels[r.ID] = r.Variant
		row, ok := rows[r.ID]
		if !ok {
			row = report.RunRow{Run: r.ID, Config: r.Config}
		}
		o.Runs = append(o.Runs, row)
	}
	epochs, err := report.ReadEpochs(merged.Epochs)
	for _, row := range epochs {
		o.epochs[row.Run] = append(o.epochs[row.Run], row)
	}
	return o, err
}

// label names the variant of a run, and its rate where several are compared.
func (o *Outcome) label(row report.RunRow) string {
	for _, other := range o.Runs {
		if other.LR != row.LR {
			return o.labels[row.Run] + " " + formatRate(row.LR)
		}
	}
	return o.labels[row.Run]
}

// text is what is said below a table: where the rate comes from, and, where
// variants were compared, what p means.
func (o *Outcome) text() string {
	text := strings.Join(o.Notes, "\n")
	if slices.ContainsFunc(o.accuracies, func(row testAccuracyRow) bool { return row.P != nil }) {
		text += "\n\n" + meaningOfP
	}
	return strings.TrimSpace(text)
}

// path is that of a file in the experiment's results.
func (o *Outcome) path(name string) string { return filepath.Join(o.Dir, name) }

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

// finalEpoch is the last row of a run in epochs.csv, if it has one.
func (o *Outcome) finalEpoch(run string) (report.EpochRow, bool) {
	rows := o.epochs[run]
	if len(rows) == 0 {
		return report.EpochRow{}, false
	}
	return rows[len(rows)-1], true
}

// curve is what steps.csv holds of one run.
type curve struct{ step, loss, err []float64 }

// curves reads steps.csv.
func (o *Outcome) curves() (map[string]*curve, error) {
	all := make(map[string]*curve)
	for row, err := range report.Steps(o.steps) {
		if err != nil {
			return nil, err
		}
		c := all[row.Run]
		if c == nil {
			c = new(curve)
			all[row.Run] = c
		}
		c.step = append(c.step, float64(row.Step))
		c.loss = append(c.loss, row.TrainLoss)
		c.err = append(c.err, row.TrainError)
	}
	return all, nil
}

// finish writes summary.md, and shows the table and the files on stdout.
func (o *Outcome) finish(title, text string, table report.Table, pictures ...string) error {
	text = strings.TrimSpace(text)
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
	if err := table.WriteText(o.stdout, width(o.stdout)); err != nil {
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
