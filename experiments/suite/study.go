package suite

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pkg/errors"

	"cnnlab/data"
	"cnnlab/data/durable"
	"cnnlab/experiments/cluster"
	"cnnlab/experiments/outcome"
	"cnnlab/experiments/report/page"
	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/tensorboard"
	"cnnlab/experiments/report/text"
	"cnnlab/model"
)

// study is one command's Training on one data set.
type study struct {
	Training
	opts     Options
	set      *data.Dataset
	dir      string // of the experiment's results
	rates    []float64
	plan     []run
	notes    []string // on where the learning rates come from
	progress *progress
	asked    atomic.Int64 // how often a signal has asked for a checkpoint
	stderr   io.Writer
	warned   []runs.Warning
}

// Run trains the runs of the plan that are not finished, merges their CSVs and
// writes the experiment's report.
func (t Training) Run(ctx context.Context, o Options, stdout, stderr io.Writer) (Result, error) {
	if o.Slurm || o.K8s {
		return Result{}, t.print(o, stdout)
	}
	s, err := t.study(ctx, o, stderr)
	if err != nil {
		return Result{}, err
	}
	if o.Forecast {
		return Result{}, s.forecast(ctx, stdout)
	}
	plan := s.plan
	if o.Trial >= 0 {
		plan = plan[o.Trial : o.Trial+1]
	}
	statuses, failure := s.train(ctx, plan)
	if slices.Contains(statuses, runs.StatusInterrupted) {
		fmt.Fprintln(stderr, s.kept(plan, statuses))
	}
	if o.Trial >= 0 {
		failure = cmp.Or(failure, s.trial(plan[0], statuses[0], stdout))
	}
	if o.Trial >= 0 || failure != nil && !slices.Contains(statuses, runs.StatusDone) {
		return Result{Dataset: s.set.Name}, cmp.Or(failure, verdict(ctx, statuses))
	}
	page, err := s.report(ctx, stdout) // on the runs that ended, even if others failed
	if s.MayDiverge && !slices.Contains(statuses, runs.StatusInterrupted) {
		return Result{s.set.Name, page.Result}, cmp.Or(failure, err)
	}
	return Result{s.set.Name, page.Result}, cmp.Or(failure, err, verdict(ctx, statuses))
}

// print writes what a scheduler needs to train the plan. It reads no data: the number of
// runs does not depend on the learning rate that a sweep has chosen.
func (t Training) print(o Options, stdout io.Writer) error {
	plan, err := t.Plan(o, defaultRate)
	if err != nil {
		return err
	}
	arguments := []string{"-exp", t.Name}
	for _, a := range o.Arguments {
		if name := strings.TrimLeft(a, "-"); name != "print-slurm" && name != "print-k8s" {
			arguments = append(arguments, a)
		}
	}
	sweep := cluster.Sweep{Name: t.Name, Runs: len(plan), Arguments: arguments, Out: o.Out}
	if o.Slurm {
		return sweep.Slurm(stdout)
	}
	return sweep.Kubernetes(stdout)
}

// kept says how far an interrupted command has come, in one line.
func (s *study) kept(plan []run, statuses []runs.Status) string {
	var parts []string
	ended, ahead := 0, 0
	for i, r := range plan {
		step, trained := s.progress.reached(r)
		switch {
		case statuses[i].Ended():
			ended++
		case statuses[i] == runs.StatusInterrupted && trained:
			parts = append(parts, fmt.Sprintf("%s up to step %d of %d, in epoch %d of %d", r.name(), step, r.steps(), (step-1)/r.stepsPerEpoch()+1, r.Config.Epochs))
		case statuses[i] == runs.StatusInterrupted:
			ahead++
		}
	}
	if ended > 0 {
		parts = append(parts, text.Count(ended, "finished run"))
	}
	line := "kept: " + cmp.Or(strings.Join(parts, "; "), "nothing new")
	if ahead > 0 {
		line += fmt.Sprintf("; not reached: %s", text.Count(ahead, "run"))
	}
	return line
}

// trial prints how the only run of a command stands, in one line.
func (s *study) trial(r run, status runs.Status, stdout io.Writer) error {
	dir := runs.Path(s.dir, r.ID)
	line := r.name() + ": " + string(status)
	if record, err := runs.ReadRecord(dir); err == nil && record.Metrics.ValAccuracy != nil && record.Metrics.TestAccuracy != nil {
		line += fmt.Sprintf(", val accuracy %.2f %%, test accuracy %.2f %%", 100**record.Metrics.ValAccuracy, 100**record.Metrics.TestAccuracy)
	}
	_, err := fmt.Fprintf(stdout, "%s, in %s\n", line, dir)
	return errors.Wrap(err, "stdout")
}

func (t Training) study(ctx context.Context, o Options, stderr io.Writer) (*study, error) {
	if err := model.CheckArithmetic(); err != nil {
		return nil, UsageError{err.Error()}
	}
	o, owned, err := o.readOwn(ctx, stderr)
	if err != nil {
		return nil, err
	}
	if err := t.check(o); err != nil {
		return nil, err
	}
	if _, err := makeDir(o.Out); err != nil {
		return nil, err
	}
	set := owned
	if set == nil {
		set, err = t.load(ctx, o, stderr)
	}
	if err != nil {
		return nil, err
	}
	set.Limit(o.Limit)
	if err := t.checkPooling(o, set.Height, set.Width); err != nil {
		return nil, err
	}
	s := &study{Training: t, opts: o, set: set, stderr: stderr}
	if s.dir, err = makeDir(o.Out, t.directory(set.Name)); err != nil {
		return nil, err
	}
	rates, notes, err := t.rates(o, set.Name)
	if err != nil {
		return nil, err
	}
	for _, note := range notes {
		fmt.Fprintln(stderr, text.Wrap(note, text.Columns(stderr)))
	}
	if s.notes = notes; set.LeftOut != "" {
		s.notes = append(s.notes, set.LeftOut)
	}
	return s, s.makePlan(rates)
}

func makeDir(elements ...string) (string, error) {
	dir := filepath.Join(elements...)
	return dir, errors.Wrap(os.MkdirAll(dir, 0o777), "results directory")
}

// load returns the data set to train on, cut to the limit. If the set is not on this
// machine and cannot be downloaded, a generated one stands in for it, unless the command
// line names a data set or its directory.
func (t Training) load(ctx context.Context, o Options, stderr io.Writer) (*data.Dataset, error) {
	name := t.dataset(o)
	if text.Terminal(stderr) == nil {
		stderr = struct{ io.Writer }{stderr} // so a download does not take a dumb terminal for a live one
	}
	set, err := data.Load(ctx, name, data.Options{Dir: o.Data, Log: stderr})
	if standIn := data.StandIn(name); standIn != "" && errors.Is(err, data.ErrUnavailable) && o.Dataset == "" && o.Data == "" {
		fmt.Fprintf(stderr, `
================================================================================
 %s is not on this machine and cannot be downloaded: training on
 GENERATED %s instead. The results are for %q and say nothing about %s.
 With -dataset %s, the command fails instead of using generated images.
 (%v)
================================================================================

`, name, strings.ToUpper(standIn), standIn, name, name, err)
		set, err = data.Load(ctx, standIn, data.Options{Log: stderr})
	}
	return set, err
}

func (s *study) makePlan(rates []float64) error {
	s.rates = rates
	planned, equal, err := s.configs(s.opts, s.set.Name, s.set.Train.Len(), rates)
	if equal != nil && s.opts.Variants == nil {
		fmt.Fprintln(s.stderr, equal.text())
	}
	for _, v := range planned {
		label := v.Label
		if s.set.Name != s.Dataset {
			label = strings.TrimSuffix(s.set.Name+"-"+label, "-")
		}
		s.plan = append(s.plan, run{ID: runID(label, v.Config, s.set), Label: label, Variant: v.Label, Config: v.Config})
	}
	return err
}

// report merges the plan's runs, writes the experiment's page and then the list of all
// runs. It holds the experiment's lock from the first merged file to the last picture,
// so pages of different commands never mix.
func (s *study) report(ctx context.Context, stdout io.Writer) (page outcome.Page, err error) {
	err = locked(ctx, s.dir, s.stderr, func() error {
		page, err = s.reportLocked(ctx, stdout)
		return err
	})
	if ctx.Err() != nil {
		stdout = io.Discard
	}
	// Write the list even if the page failed, for example because stdout is closed.
	listed := locked(ctx, s.opts.Out, s.stderr, func() error {
		warnings, err := runs.MergeAll(s.opts.Out)
		s.warn(warnings)
		return cmp.Or(err, s.opts.writePage(stdout))
	})
	return page, cmp.Or(err, listed)
}

func (s *study) reportLocked(ctx context.Context, stdout io.Writer) (page outcome.Page, err error) {
	var ids []string
	var plan []outcome.Planned
	for _, r := range s.plan {
		plan = append(plan, outcome.Planned{ID: r.ID, Variant: r.Variant, Config: r.Config})
		if _, err := runs.ReadRecord(runs.Path(s.dir, r.ID)); !errors.Is(err, fs.ErrNotExist) {
			ids = append(ids, r.ID)
		}
	}
	was := s.shown()
	merged, warnings, err := runs.Merge(s.dir, ids)
	s.warn(warnings)
	if err != nil {
		return page, err
	}
	set := outcome.Dataset{Name: s.set.Name, SHA256: s.set.SHA256, Classes: s.set.Classes, ValImages: s.set.Val.Len(), TestImages: s.set.Test.Len(), Augmentation: s.set.Augmentation(),
		TestImage: func(i int) image.Image { return s.set.Image(s.set.Test, i) }}
	o, damage, err := outcome.Read(s.dir, merged, plan, set, s.notes)
	s.warn(damage)
	if err != nil {
		return page, err
	}
	o.LookInside = s.lookInside
	if ctx.Err() != nil && !slices.ContainsFunc(o.Runs, func(row runs.RunRow) bool { return row.Status.Ended() }) {
		stdout = io.Discard // a table without a figure
	}
	page = s.Report(o)
	page.Files = append(page.Files, outcome.File{Name: commandName, Write: s.writeCommand})
	defer s.sayReplaced(was)
	if s.opts.TensorBoard {
		defer func() { err = cmp.Or(err, s.writeEvents(ids)) }()
	}
	err = page.Write(s.dir, []string{merged.Steps, merged.Epochs, merged.Layers, merged.Runs}, stdout, s.stderr)
	if err == nil && slices.ContainsFunc(o.Runs, func(row runs.RunRow) bool { return row.Status == runs.StatusDamaged }) {
		err = errors.New("the report leaves out damaged runs; what to do is said above")
	}
	return page, err
}

// WritePage writes the page of all results, and says where it is.
func (o Options) WritePage(ctx context.Context, stdout, stderr io.Writer) error {
	if info, err := os.Stat(o.Out); err != nil || !info.IsDir() {
		return errors.Errorf("there is no results directory %s; -out names another one", o.Out)
	}
	return locked(ctx, o.Out, stderr, func() error { return o.writePage(stdout) })
}

// writePage is WritePage for the holder of the lock of the results.
func (o Options) writePage(stdout io.Writer) error {
	path, err := page.WriteFile(o.Out, o.Steps)
	if err == nil {
		_, err = fmt.Fprintf(stdout, "\nall results on one page, for a browser:\n  %s\n", path)
	}
	return err
}

// writeEvents writes the event files of the runs and of the experiment.
func (s *study) writeEvents(ids []string) error {
	for _, id := range ids {
		if err := tensorboard.WriteRun(runs.Path(s.dir, id)); err != nil {
			return err
		}
	}
	return tensorboard.WritePictures(s.dir, time.Now(), "mistakes", "filters", "feature-maps", "confusion")
}

// warn prints the warnings that it has not printed before.
func (s *study) warn(warnings []runs.Warning) {
	for _, w := range warnings {
		if !slices.Contains(s.warned, w) {
			fmt.Fprintln(s.stderr, w)
		}
		s.warned = append(s.warned, w)
	}
}

// lockNotice is how long a command waits for another one before it says so.
const lockNotice = 2 * time.Second

// locked calls f while holding the lock of dir. It waits for other processes until ctx
// ends: the last to get the lock sees the most and writes last.
func locked(ctx context.Context, dir string, stderr io.Writer, f func() error) error {
	lock, err := durable.Acquire(ctx, dir, lockNotice)
	if errors.Is(err, durable.ErrLocked) {
		fmt.Fprintf(stderr, "waiting for another process that is writing its report into %s\n", dir)
		lock, err = durable.Acquire(ctx, dir, math.MaxInt64)
	}
	if err != nil {
		return err
	}
	return cmp.Or(f(), lock.Release())
}

// verdict returns an error if the study was interrupted or all its runs diverged.
func verdict(ctx context.Context, statuses []runs.Status) error {
	switch {
	case slices.Contains(statuses, runs.StatusInterrupted):
		return context.Cause(ctx)
	case slices.ContainsFunc(statuses, func(s runs.Status) bool { return s != runs.StatusDiverged }):
		return nil
	case len(statuses) == 1:
		return errors.New("the only run diverged; try a lower learning rate with -lr")
	}
	return errors.Errorf("all %s diverged; try lower learning rates with -lr", text.Count(len(statuses), "run"))
}

// Title implements Experiment.
func (t Task) Title() (name, summary string) { return t.Name, t.Summary }

// Step implements Experiment.
func (t Task) Step() page.Step { return page.Step{Name: t.Name, Question: t.Question} }

// Takes implements Experiment.
func (t Task) Takes(flag string) bool { return slices.Contains(t.Flags, flag) }

// Run does the task and writes its page.
func (t Task) Run(ctx context.Context, o Options, stdout, stderr io.Writer) (Result, error) {
	if err := model.CheckArithmetic(); err != nil {
		return Result{}, UsageError{err.Error()}
	}
	page, failure := t.Do(ctx, o)
	if page.Title == "" {
		return Result{}, failure
	}
	dir, err := makeDir(o.Out, t.Name)
	if err == nil {
		err = cmp.Or(page.Write(dir, nil, stdout, stderr), o.WritePage(ctx, stdout, stderr))
	}
	return Result{Text: page.Result}, cmp.Or(err, failure)
}
