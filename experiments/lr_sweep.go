package experiments

import (
	"cnnlab/experiments/outcome"
	"cnnlab/experiments/suite"
)

// The learning-rate sweep, step 1 of the assignment: train the CNN on MNIST with
// several learning rates, show how the classification error falls over the
// iterations, and keep the best rate.
//
//	go run . -exp lr-sweep
//
// The error falls slowly at the smallest rates and fastest in the middle; at the
// largest rate no seed learns: some diverge, the others stay at chance. The chosen rate reaches about
// 98.6 % on the test set after two epochs. Takes half a minute on two cores.
var lrSweep = suite.Training{
	Name:     "lr-sweep",
	Summary:  "train at several learning rates, compare the error over the iterations, keep the best rate",
	Question: "Which learning rate trains the network best?",
	Curves:   "error",
	Dataset:  "mnist",
	Defaults: suite.Defaults(func(c *suite.Config) { c.Epochs = 2 }),
	Rates:    []float64{0.0003, gorgoniaRate, 0.003, 0.01, 0.03, 0.1, 0.3},
	Variants: suite.AsIs,
	Build:    trainCNN, // graph, gradients, solver with weight decay, trainer: cnn.go
	Report:   sweepPage,
}

// gorgoniaRate is the default of Gorgonia's solvers. It is shown for comparison and
// never chosen: the assignment asks for other rates.
const gorgoniaRate = 0.001

func sweepPage(o *outcome.Outcome) outcome.Page {
	sweep := o.Sweep(gorgoniaRate, "Gorgonia's default")
	confusion := o.Confusion(sweep.Rates)
	return outcome.Page{
		Title:  "Learning-rate sweep on " + o.Dataset.Name,
		Answer: sweep.Answer(),
		Table:  sweep.Table(),
		Text:   outcome.Paragraphs(sweep.Text(), o.Diagnosis(sweep.Rates), confusion.Text()), // the chosen rate, or why none is
		Files:  append(append(sweep.Choice(), confusion.Files()...), o.Predictions()),        // chosen.json: the later steps take their rate from it
		Figures: append([]outcome.Figure{
			sweep.ErrorPerIteration(),
			sweep.LossPerIteration(),
			sweep.AccuracyByRate(),
			confusion.Figure(),
			o.Mistakes(sweep.Rates),
		}, o.Inside(sweep.Rates)...),
		Result: sweep.Result(),
	}
}
