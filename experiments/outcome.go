package experiments

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
	"golang.org/x/term"

	"cnnlab/data"
	"cnnlab/experiments/report"
)

// Outcome is what the merged CSVs of an experiment say, and where its report
// goes.
type Outcome struct {
	Name    string // of the results: lr-sweep, lr-sweep-digits
	Dir     string // results/<Name>
	Set     *data.Dataset
	Planned int             // runs of the plan
	Runs    []report.RunRow // in plan order, those that have begun

	Notes []string // on where the learning rates come from

	labels     map[string]string            // of the runs of the plan
	epochs     map[string][]report.EpochRow // by run
	accuracies []testAccuracyRow            // once they are written
	result     string                       // in a line
	stdout     io.Writer
	stderr     io.Writer
	written    []string // for the end of the report
}

func newOutcome(s *study, stdout io.Writer) (*Outcome, error) {
	o := &Outcome{Name: filepath.Base(s.dir), Dir: s.dir, Set: s.set, Planned: len(s.plan), stdout: stdout, stderr: s.stderr,
		Notes: s.notes, labels: make(map[string]string), epochs: make(map[string][]report.EpochRow)}
	for _, r := range s.plan {
		o.labels[r.ID] = r.Variant
	}
	var err error
	if o.Runs, err = report.ReadRuns(o.path("runs.csv")); err != nil {
		return nil, err
	}
	rows, err := report.ReadEpochs(o.path("epochs.csv"))
	for _, row := range rows {
		o.epochs[row.Run] = append(o.epochs[row.Run], row)
	}
	return o, o.wrote(err, "steps.csv", "epochs.csv", "runs.csv")
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

// text is what is said below a table: where the rate comes from, and what the
// columns mean.
func (o *Outcome) text() string {
	text := strings.Join(o.Notes, "\n")
	if o.accuracies != nil {
		text += "\n\nA difference is called real where McNemar's exact test on the predictions of the paired runs gives p < 0.05;\nthe counts of several seeds are added up."
	}
	return strings.TrimSpace(text)
}

// path is that of a file in the experiment's results.
func (o *Outcome) path(name string) string { return filepath.Join(o.Dir, name) }

// wrote remembers files to name at the end, after err said how it went. A file
// that had to be written beside its place is told and is no error.
func (o *Outcome) wrote(err error, names ...string) error {
	var beside *report.WrittenBeside
	if errors.As(err, &beside) {
		fmt.Fprintf(o.stderr, "%v\n", err)
		err = nil
	}
	for _, name := range names {
		o.written = append(o.written, o.path(name))
	}
	return err
}

// write replaces one file of the results.
func (o *Outcome) write(name string, content func(io.Writer) error) error {
	return o.wrote(report.WriteFile(o.path(name), content), name)
}

// plot draws name.png and name.svg.
func (o *Outcome) plot(name string, f report.Figure) error {
	return o.wrote(report.Plot(o.path(name), f), name+".png", name+".svg")
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
	for row, err := range report.Steps(o.path("steps.csv")) {
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
	err := o.write("summary.md", func(w io.Writer) error {
		fmt.Fprintf(w, "# %s\n\n", title)
		if err := table.WriteMarkdown(w); err != nil {
			return err
		}
		fmt.Fprintf(w, "\n%s\n", text)
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
	_, err = fmt.Fprintf(o.stdout, "\n%s\n\nwritten:\n  %s\n", text, strings.Join(o.written, "\n  "))
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
