package experiments

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/pkg/errors"

	"cnnlab/data"
	"cnnlab/experiments/report"
	"cnnlab/model"
)

// study is one experiment on one data set with the runs it plans.
type study struct {
	Options
	set      *data.Dataset
	dir      string // of the experiment's results
	plan     []run
	notes    []string // on where the learning rates come from
	progress *progress
	stderr   io.Writer
}

// run is one training that the plan asks for.
type run struct {
	ID      string
	Label   string // what stands before the rate in the id
	Variant string // what is compared
	Config  Config
}

// Run does what the options ask for: it trains the runs of the plan that are not
// finished, merges their CSVs and writes the experiment's report. Results go to
// stdout, all else to stderr.
func Run(ctx context.Context, o Options, stdout, stderr io.Writer) error {
	_, err := perform(ctx, o, stdout, stderr)
	return err
}

// perform is Run, and returns the outcome of an experiment that trains a plan.
func perform(ctx context.Context, o Options, stdout, stderr io.Writer) (*Outcome, error) {
	if err := model.KernelError(); err != nil {
		return nil, UsageError{err.Error()}
	}
	if o.Experiment.Run != nil {
		return nil, o.Experiment.Run(ctx, o, stdout, stderr)
	}
	s, err := newStudy(ctx, o, stderr)
	if err != nil {
		return nil, err
	}
	runs := s.plan
	if o.Trial >= 0 {
		runs = runs[o.Trial : o.Trial+1]
	}
	statuses, failure := s.train(ctx, runs)
	if o.Trial >= 0 || failure != nil && !slices.Contains(statuses, report.StatusDone) {
		return nil, firstOf(failure, verdict(ctx, statuses))
	}
	outcome, err := s.report(stdout) // of what came to its end, also if a run failed
	return outcome, firstOf(failure, err, verdict(ctx, statuses))
}

// newStudy loads the data set and makes the plan.
func newStudy(ctx context.Context, o Options, stderr io.Writer) (*study, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Out, 0o777); err != nil {
		return nil, errors.Wrap(err, "results directory")
	}
	set, err := o.load(ctx, stderr)
	if err != nil {
		return nil, err
	}
	if err := o.checkPooling(set.Height, set.Width); err != nil {
		return nil, err
	}
	s := &study{Options: o, set: set, stderr: stderr, dir: filepath.Join(o.Out, directory(o.Experiment, set.Name))}
	if err := os.MkdirAll(s.dir, 0o777); err != nil {
		return nil, errors.Wrap(err, "results directory")
	}
	rates, notes, err := o.rates(set.Name)
	if err != nil {
		return nil, err
	}
	for _, note := range notes {
		fmt.Fprintln(stderr, note)
	}
	s.notes = notes
	variants, err := o.variants(rates)
	if err != nil {
		return nil, err
	}
	s.plan = s.runs(variants)
	return s, nil
}

// directory is the name of an experiment's results on a data set.
func directory(e Experiment, dataset string) string {
	if dataset == e.Dataset {
		return e.Name
	}
	return e.Name + "-" + dataset
}

// runs is the plan: every variant with every seed.
func (s *study) runs(variants []Variant) []run {
	var plan []run
	for _, v := range variants {
		for i := range s.Seeds {
			c := v.Config
			c.Dataset, c.TrainImages, c.Seed = s.set.Name, s.set.Train.Len(), v.Config.Seed+uint64(i)
			label := v.Label
			if s.set.Name != s.Experiment.Dataset {
				label = join(s.set.Name, label)
			}
			plan = append(plan, run{ID: runID(label, c, s.set), Label: label, Variant: v.Label, Config: c})
		}
	}
	return plan
}

func join(a, b string) string {
	if b == "" {
		return a
	}
	return a + "-" + b
}

// report merges the plan's runs, writes the experiment's report, and last the
// list of all runs.
func (s *study) report(stdout io.Writer) (*Outcome, error) {
	var ids []string
	for _, r := range s.plan {
		if _, err := report.ReadRecord(report.RunDir(s.dir, r.ID)); !errors.Is(err, fs.ErrNotExist) {
			ids = append(ids, r.ID)
		}
	}
	merged, warnings, err := report.Merge(s.dir, ids)
	if err != nil {
		return nil, err
	}
	o, err := newOutcome(s, merged, stdout)
	if err != nil {
		return nil, err
	}
	reported := s.Experiment.Report(o) // fails also where stdout is closed; the list is written all the same
	more, err := report.MergeAll(s.Out)
	for _, w := range append(warnings, more...) {
		fmt.Fprintln(s.stderr, w)
	}
	return o, firstOf(reported, err)
}

// verdict is the error of a study that was interrupted or of which nothing came.
func verdict(ctx context.Context, statuses []report.Status) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for _, status := range statuses {
		if status != report.StatusDiverged {
			return nil
		}
	}
	return errors.Errorf("%s diverged; try lower learning rates with -lr", allRuns(len(statuses)))
}
