// Package suite runs experiments. It turns a command line into a plan of runs,
// trains them side by side, resumes interrupted ones, and lets the experiment report
// the results. The network and the variants to compare come from the experiment.
package suite

import (
	"context"
	"io"

	"cnnlab/data"
	"cnnlab/experiments/outcome"
	"cnnlab/experiments/report/page"
	"cnnlab/experiments/report/runs"
	"cnnlab/model"
)

// Config holds every hyper-parameter of one run.
type Config = runs.Config

// Experiment is what -exp names: a Training, a Task, or all of them.
type Experiment interface {
	// Title is the name of the command, the file and the directory, such as
	// lr-sweep, and a summary in one line.
	Title() (name, summary string)
	// Step is what the page of the results says of it.
	Step() page.Step
	// Takes reports whether a flag applies to the experiment.
	Takes(flag string) bool
	// Run does what the options ask for. Results go to stdout, the rest to stderr.
	Run(ctx context.Context, o Options, stdout, stderr io.Writer) (Result, error)
}

// Result is what an experiment found, in one line.
type Result struct{ Dataset, Text string }

// Training is an experiment that trains a plan of runs: every variant, at every
// learning rate, with every seed.
type Training struct {
	Name, Summary string
	Question      string    // that it answers
	Curves        string    // shown first on the page, see page.Step
	Dataset       string    // its own data set; another one is appended to the directory's name
	Defaults      Config    // where the command line is silent
	Rates         []float64 // learning rates, where the command line is silent; nil: the one that Sweep chose
	Sweep         *Training
	KeepRate      bool // on any data set, take the rate that Sweep chose on Sweep's own
	MayDiverge    bool // a run that diverges is what was looked for

	// Variants lists what is compared, given the configuration of the command line
	// with one learning rate; see AsIs.
	Variants func(c Config) []Variant
	// Build makes the trainer of one run: graph, gradients and solver.
	Build func(c Config, set *data.Dataset) (*model.Trainer, error)
	// Report composes the page of the results.
	Report func(o *outcome.Outcome) outcome.Page
}

// Variant is a configuration to compare.
type Variant struct {
	Label  string // empty if only learning rates are compared
	Config Config
}

// AsIs returns c as the only variant: nothing but learning rates is compared.
func AsIs(c Config) []Variant { return []Variant{{Config: c}} }

// defaults are the hyper-parameters that experiments start from. A run's id ignores
// values equal to these, so after a change here the same command finds the old runs
// under the same ids and refuses them.
var defaults = Config{
	Channels: []int{32, 64},
	Kernel:   3,
	Hidden:   128,
	Batch:    100,
	Solver:   "sgd",
	Schedule: "constant",
	Momentum: 0.9,
	Shuffle:  true,
	Ops:      "fast",
	Seed:     1,
}

// Defaults returns the common hyper-parameters as changed by set.
func Defaults(set func(c *Config)) Config {
	c := defaults
	set(&c)
	return c
}

// Title implements Experiment.
func (t Training) Title() (name, summary string) { return t.Name, t.Summary }

// Step implements Experiment.
func (t Training) Step() page.Step {
	return page.Step{Name: t.Name, Question: t.Question, Curves: t.Curves}
}

// Takes implements Experiment: every flag.
func (t Training) Takes(string) bool { return true }

// Task is an experiment that trains no plan of runs.
type Task struct {
	Name, Summary string
	Question      string   // that it answers
	Flags         []string // that apply to it, besides -out and -quiet
	// Do returns the page of the results. Unless its title is empty, the page is written
	// even if Do returns an error.
	Do func(ctx context.Context, o Options) (outcome.Page, error)
}
