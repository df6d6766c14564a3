package suite

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"al.essio.dev/pkg/shellescape"

	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/text"
)

// commandName is the file of an experiment's directory that holds the arguments of the
// command whose plan the other files show.
const commandName = "command.txt"

// writeCommand writes arguments that show the same plan again, whatever a later sweep
// chooses and whichever data set can be had.
func (s *study) writeCommand(w io.Writer) error {
	arguments := append([]string{"-exp", s.Name}, s.opts.Arguments...)
	if s.opts.Rates == nil {
		arguments = append(arguments, "-lr", rateList(s.rates))
	}
	if s.set.Name != s.dataset(s.opts) {
		arguments = append(arguments, "-dataset", s.set.Name)
	}
	_, err := fmt.Fprintln(w, shellescape.QuoteCommand(arguments))
	return err
}

// shown is what the directory of an experiment shows.
type shown struct {
	command string // its arguments; "": of an earlier revision
	rows    []runs.RunRow
	choice  runs.Choice // the zero value if there is none
}

func (s *study) shown() (was shown) {
	command, _ := os.ReadFile(filepath.Join(s.dir, commandName)) // what cannot be read is not shown
	was.command = text.Line(strings.TrimSpace(string(command)))
	was.rows, _ = runs.ReadRuns(filepath.Join(s.dir, runs.RunsName))
	was.choice, _ = runs.ReadChoice(filepath.Join(s.dir, runs.ChoiceName))
	return was
}

// sayReplaced says what the directory showed before, if this plan has replaced another,
// and how to show it again.
func (s *study) sayReplaced(was shown) {
	planned := func(id string) bool {
		return slices.ContainsFunc(s.plan, func(r run) bool { return r.ID == id })
	}
	var before []string
	gone := 0
	for _, row := range was.rows {
		if _, err := runs.ReadRecord(runs.Path(s.dir, row.Run)); err == nil && !planned(row.Run) {
			gone++
		}
	}
	if gone > 0 {
		before = append(before, text.Count(gone, "run")+" of another plan")
	}
	is, of := s.shown().choice, was.choice.Plan()
	replaced := gone > 0 && slices.ContainsFunc(of, func(id string) bool { return !planned(id) })
	if was.choice.LR != is.LR && was.choice.LR > 0 && (replaced || is.LR == 0 && len(of) < len(s.plan)) {
		before = append(before, "the choice of "+was.chosen())
	}
	if before == nil {
		return
	}
	how := strings.Join(append(slices.Clone(s.opts.Program), was.command), " ")
	if was.command == "" {
		how = strings.Join(append(slices.Clone(s.opts.Program), "-compare", shellescape.Quote(s.opts.Out)), " ") + " (shows all runs)"
	}
	fmt.Fprintf(s.stderr, "%s showed %s; nothing of it is lost, and this shows it again: %s\n", s.dir, strings.Join(before, " and "), how)
}

// chosen describes the choice: the rate, its accuracy and the rates that it was chosen from.
func (was shown) chosen() string {
	var from []float64
	for _, row := range was.rows {
		if slices.Contains(was.choice.Plan(), row.Run) && !slices.Contains(from, row.LR) {
			from = append(from, row.LR)
		}
	}
	accuracy := fmt.Sprintf("learning rate %s (val accuracy %.2f %%", runs.FormatRate(was.choice.LR), 100*was.choice.ValAccuracy)
	if from == nil {
		return accuracy + ")"
	}
	return accuracy + ", from " + rateList(from) + ")"
}

// rateList returns the value of -lr.
func rateList(rates []float64) string {
	var names []string
	for _, lr := range rates {
		names = append(names, runs.FormatRate(lr))
	}
	return strings.Join(names, ",")
}
