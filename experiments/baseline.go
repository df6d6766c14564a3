package experiments

import (
	"cnnlab/experiments/outcome"
	"cnnlab/experiments/suite"
)

// The baseline, step 2 of the assignment: train the CNN at the learning rate that
// the sweep chose, plot the training loss over the iterations, and report the
// accuracy on the test set.
//
//	go run . -exp baseline
//
// Within ten epochs the training loss falls towards zero, while the val accuracy stays
// below the train accuracy. The test accuracy is about 99.1 %. Takes a minute on two
// cores.
var baseline = suite.Training{
	Name:     "baseline",
	Summary:  "train at the chosen learning rate, plot the training loss, report the test accuracy",
	Question: "How well does the network learn at the chosen learning rate?",
	Curves:   "loss",
	Dataset:  "mnist",
	Defaults: suite.Defaults(func(c *suite.Config) { c.Epochs = 10 }),
	Sweep:    &lrSweep,
	Variants: suite.AsIs,
	Build:    trainCNN, // graph, gradients, solver with weight decay, trainer: cnn.go
	Report:   baselinePage,
}

// baselinePage shows the loss over the iterations, the accuracies over the epochs,
// and the test accuracy with its interval.
func baselinePage(o *outcome.Outcome) outcome.Page {
	rates := o.Groups(outcome.ByRate)
	return o.Page("Baseline", rates, outcome.Nothing,
		o.TrainingLoss(rates),
		o.AccuracyCurves("accuracy-per-epoch", rates),
		o.LossCurves(rates))
}
