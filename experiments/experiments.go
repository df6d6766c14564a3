// Package experiments holds what is compared: one file for each step of the
// assignment, named as its command, and beside them what they share: the
// hyper-parameters of a run, the epoch loop, and the running of many runs at
// once. Each experiment's file shows the same four acts: the symbolic graph, its
// gradients by gorgonia.Grad, the solver with L2 weight decay, and fit and
// report. A new experiment is one new file and one line in Steps.
package experiments

import (
	"context"
	"io"
	"slices"

	"cnnlab/data"
	"cnnlab/model"
)

// Steps lists the experiments in the order of the assignment; the recipe, which
// goes beyond it, stands after the steps that it builds on.
var Steps = []Experiment{
	lrSweep,
	baseline,
	regularized,
	cifar,
	recipe,
	gradients,
	weightSharing,
}

// All lists what -exp can name.
var All = append(slices.Clone(Steps), everything)

// Experiment is one step of the assignment.
type Experiment struct {
	Name      string    // of the command, the file and the directory: lr-sweep
	Summary   string    // one line
	Dataset   string    // its own data set; on another one its directory has that one's name too
	Generated string    // what stands in where its own cannot be had
	Defaults  Config    // where the command line is silent
	Rates     []float64 // likewise, the learning rates; nil: the one that the sweep kept
	KeepRate  bool      // keep the rate of the sweep on MNIST also on another data set
	Flags     []string  // that mean something to an experiment that trains no plan; nil: all

	// Run does everything, for an experiment that trains no plan of its own; the
	// functions below are nil then.
	Run func(ctx context.Context, o Options, stdout, stderr io.Writer) error

	// Variants lists what is compared, each to be run once for every seed.
	Variants func(base Config, rates []float64) []Variant
	// SetUp does the first three acts for one run.
	SetUp func(c Config, set *data.Dataset) (*model.Trainer, *model.Evaluator, error)
	// Report writes what follows from the merged CSVs.
	Report func(o *Outcome) error
}

// Variant is a configuration to compare; its seed is yet to be set.
type Variant struct {
	Label  string // what is compared, unless it is the learning rate
	Config Config
}

// Find returns the experiment with that name.
func Find(name string) (Experiment, bool) {
	for _, e := range All {
		if e.Name == name {
			return e, true
		}
	}
	return Experiment{}, false
}

// Names lists the experiments' names.
func Names() []string {
	var names []string
	for _, e := range All {
		names = append(names, e.Name)
	}
	return names
}
