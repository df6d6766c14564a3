package suite

import (
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"

	"cnnlab/data"
	"cnnlab/experiments/report/page"
	"cnnlab/experiments/report/text"
)

// Options are what the command line says.
type Options struct {
	Dataset     string // "": the experiment's own, or its stand-in if that cannot be had; or a path to the user's images
	Own         data.OwnOptions
	Data        string // the only place to look for data sets; "": see data.Options
	Out         string // the results directory
	Rates       []float64
	Variants    []string // train only the variants with these labels; nil: all
	Seeds       int
	Limit       int  // training images; 0: all
	Jobs        int  // runs trained at once
	Trial       int  // train only this run of the plan and merge nothing; -1: all
	Forecast    bool // train nothing; say what would be done
	Slurm       bool // train nothing; print a script for Slurm
	K8s         bool // train nothing; print Jobs for Kubernetes
	Fresh       bool
	Quiet       bool
	TensorBoard bool // also write event files
	// Snapshots keeps the first filters and the confusion on val after every epoch.
	Snapshots bool
	// CheckpointEvery is the number of steps between checkpoints within an epoch; 0:
	// only at its end.
	CheckpointEvery int
	Checkpoint      <-chan os.Signal  // each makes every run in training write a checkpoint; nil: none comes
	Given           map[string]string // hyper-parameters, by their flags
	Steps           []page.Step       // all experiments, for the page of the results
	Program         []string          // the words that start this program
	Arguments       []string          // as they were given, without -exp and -fresh
}

// NewOptions returns the options of an empty command line.
func NewOptions() Options {
	return Options{Out: "results", Seeds: 1, Jobs: runtime.GOMAXPROCS(0), Trial: -1, Given: make(map[string]string)}
}

// UsageError is an error of the command line.
type UsageError struct{ Message string }

// Error implements error.
func (e UsageError) Error() string { return e.Message }

// Usagef makes a UsageError.
func Usagef(format string, args ...any) error { return UsageError{fmt.Sprintf(format, args...)} }

// Flags declares the flags of an experiment. A hyper-parameter that is given
// replaces the experiment's default, whatever the order of the flags. Warnings go to
// stderr.
func (o *Options) Flags(fs *flag.FlagSet, stderr io.Writer) {
	option := func(name, help string, parse value, to any) {
		fs.Func(name, help, func(s string) error { return parse(s, to) })
	}
	option("dataset", "data set `NAME`: "+strings.Join(data.Names(), ", ")+", or the path of your own: a folder with a folder of pictures per class, a folder of IDX files, or an .npz file (default the experiment's)", dataset, &o.Dataset)
	option("size", "with your own pictures: make them `N`×N pixels (default their own size)", whole(1, 1024), &o.Own.Size)
	fs.BoolVar(&o.Own.Transpose, "transpose", false, "with your own images: exchange rows and columns, as EMNIST's files need")
	fs.BoolVar(&o.Own.SkipBroken, "skip-broken", false, "with your own pictures: leave out those that cannot be read")
	option("data", "look for data sets only in `DIR`, as DIR/<data set>/ (default $CNNLAB_DATA, then the cache, then a download)", filled, &o.Data)
	option("out", "`DIR` for the results (default results)", filled, &o.Out)
	option("lr", "learning rate, or several to compare, such as `0.01,0.1` (default the experiment's, or the rate that the sweep chose)", learningRates(stderr), &o.Rates)
	for _, p := range params {
		p.declare(fs, o)
	}
	option("seeds", "train with `N` seeds: seed, seed+1, … (default 1)", whole(1, 10_000), &o.Seeds)
	option("limit", "train on only the first `N` training images; val and test are not cut (default all)", whole(1, math.MaxInt32), &o.Limit)
	option("variant", "train only these variants, such as `none,both` (default all)", list, &o.Variants)
	option("jobs", "train `N` runs at once (default the number of cores)", whole(1, 1024), &o.Jobs)
	fs.BoolVar(&o.Forecast, "plan", false, "train nothing; show the network, the runs, and the time, memory and disk that they need")
	fs.BoolVar(&o.Slurm, "print-slurm", false, "train nothing; print a script that trains the plan as a Slurm array, a task for each run")
	fs.BoolVar(&o.K8s, "print-k8s", false, "train nothing; print the Kubernetes Jobs that train the plan, a pod for each run")
	option("trial", "train only run `I` of the plan (the first is 0) and write no report; auto takes the index of the task in a Slurm, PBS, LSF or SGE array or a Kubernetes indexed job", trial, &o.Trial)
	option("checkpoint-every", "also write a checkpoint every `N` steps; 0: only at the end of each epoch (default 0)", whole(0, math.MaxInt32), &o.CheckpointEvery)
	fs.BoolVar(&o.Fresh, "fresh", false, "discard earlier runs and their checkpoints, and train again")
	fs.BoolVar(&o.TensorBoard, "tensorboard", false, "also write event files for TensorBoard beside the CSVs of the runs, and with the pictures")
	fs.BoolVar(&o.Snapshots, "snapshots", false, "after every epoch, also keep the filters of the first layer and the confusion matrix on val, which the page shows with a slider")
	fs.BoolVar(&o.Quiet, "quiet", false, "show no progress")
}

// CheckFlags returns a UsageError if a given flag does not apply to the experiment.
func CheckFlags(e Experiment, given []string) error {
	name, _ := e.Title()
	for _, flag := range given {
		switch {
		case flag == "exp" || flag == "out" || flag == "quiet" || flag == "serve":
		case slices.Contains(compareFlags, flag):
			return Usagef("-%s belongs to -compare, not to -exp %s", flag, name)
		case !e.Takes(flag):
			accepts := "" // a Training accepts all flags
			if task, ok := e.(Task); ok {
				accepts = "; it accepts " + flagList(append([]string{"out", "quiet"}, task.Flags...))
			}
			return Usagef("-%s does not apply to -exp %s%s", flag, name, accepts)
		}
	}
	return nil
}

func flagList(names []string) string {
	last := len(names) - 1
	return "-" + strings.Join(names[:last], ", -") + " and -" + names[last]
}

// Suggest returns a hint to append to the error for an unknown flag.
func Suggest(err error, fs *flag.FlagSet) string {
	name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	var names []string
	fs.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	switch near := text.Nearest(name, names); {
	case !ok:
	case name == "resume" || name == "continue":
		return "; to continue, run the same command again"
	case near != "":
		return "; did you mean -" + near + "?"
	}
	return ""
}
