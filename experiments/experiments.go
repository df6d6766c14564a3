// Package experiments is the assignment: one file for each step, named as its
// command, and cnn.go, the one network that the steps train. A file says what is
// compared and what is reported; how a run is trained, stored and resumed is the
// business of package suite. A new experiment is a new file and a line in List.
package experiments

import "cnnlab/experiments/suite"

// List holds the experiments in the order of the assignment. The recipe goes beyond
// it and follows the steps that it builds on.
var List = []suite.Experiment{
	lrSweep,
	baseline,
	regularized,
	cifar,
	recipe,
	gradients,
	weightSharing,
}

// Names are the names that -exp accepts.
func Names() []string {
	var names []string
	for _, e := range named() {
		name, _ := e.Title()
		names = append(names, name)
	}
	return names
}

// Find returns the experiment with that name.
func Find(name string) (suite.Experiment, bool) {
	for _, e := range named() {
		if n, _ := e.Title(); n == name {
			return e, true
		}
	}
	return nil, false
}

// named is everything that -exp accepts.
func named() []suite.Experiment { return append(List[:len(List):len(List)], all{}) }
