package experiments

import (
	"io"
	"path/filepath"
	"slices"
	"strings"

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
	confusing  string                       // whose confusion is drawn, where there is a choice
	result     string                       // in a line
	brief      *report.Table                // shown where the terminal is too narrow for the whole table
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

// augmentation names it and what it does to a training image, where any run has it.
func (o *Outcome) augmentation() string {
	if slices.ContainsFunc(o.Runs, func(row report.RunRow) bool { return row.Augment }) {
		return "augmentation (" + o.Set.Augmentation() + ")"
	}
	return "augmentation (off here)"
}

// path is that of a file in the experiment's results.
func (o *Outcome) path(name string) string { return filepath.Join(o.Dir, name) }

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
