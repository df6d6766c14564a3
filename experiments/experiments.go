// Package experiments holds the assignment: one file for each step, named after its
// command, and cnn.go, the one network that the steps train. A file says what to
// compare and what to report; package suite trains, stores and resumes the runs. A new
// experiment is a new file and a line in List.
package experiments

import (
	"cnnlab/experiments/report/page"
	"cnnlab/experiments/suite"
	"cnnlab/experiments/trained"
)

// List holds the experiments in the order of the assignment. The recipe and the range test
// go beyond it; the recipe follows the steps that it builds on.
var List = []suite.Experiment{
	lrSweep,
	baseline,
	regularized,
	cifar,
	recipe,
	gradients,
	weightSharing,
	lrRange,
}

// Names returns the names that -exp accepts.
func Names() []string {
	var names []string
	for _, e := range named() {
		name, _ := e.Title()
		names = append(names, name)
	}
	return names
}

// Find returns the experiment with the given name.
func Find(name string) (suite.Experiment, bool) {
	for _, e := range named() {
		if n, _ := e.Title(); n == name {
			return e, true
		}
	}
	return nil, false
}

// Steps returns what the page of the results says of each experiment in List.
func Steps() (steps []page.Step) {
	for _, e := range List {
		steps = append(steps, e.Step())
	}
	return steps
}

// Builders returns for each experiment that trains runs the function that builds their
// networks.
func Builders() map[string]trained.Builder {
	builders := make(map[string]trained.Builder)
	for _, e := range List {
		if t, ok := e.(suite.Training); ok {
			builders[t.Name] = t.Build
		}
	}
	return builders
}

// named returns everything that -exp accepts.
func named() []suite.Experiment { return append(List[:len(List):len(List)], all{}) }
