package experiments

import (
	"cnnlab/experiments/outcome"
	"cnnlab/experiments/suite"
)

// The learning-rate range test (Smith 2017), a quick look before a sweep: one short run
// in which the learning rate grows from step to step, from a hundred-thousandth of -lr to
// -lr, until the loss blows up.
//
//	go run . -exp lr-range
//
// The loss falls, is lowest at a rate near the limit of what the network bears, and then
// rises; the suggestion is a tenth of that rate. Takes about five seconds on two cores.
var lrRange = suite.Training{
	Name:       "lr-range",
	Summary:    "raise the learning rate step by step in one short run, and suggest one",
	Question:   "In which range must the learning rate lie?",
	Curves:     "loss",
	Dataset:    "mnist",
	Defaults:   suite.Defaults(func(c *suite.Config) { c.Epochs, c.Schedule = 1, "ramp" }),
	Rates:      []float64{1},
	MayDiverge: true,
	Variants:   suite.AsIs,
	Build:      trainCNN, // graph, gradients, solver with weight decay, trainer: cnn.go
	Report:     rangePage,
}

func rangePage(o *outcome.Outcome) outcome.Page {
	ramp := o.Ramp()
	return outcome.Page{
		Title:   "Learning-rate range test on " + o.Dataset.Name,
		Answer:  ramp.Answer(),
		Table:   ramp.Table(),
		Text:    outcome.Paragraphs(ramp.Answer(), ramp.Text()),
		Figures: []outcome.Figure{ramp.Figure()},
		Result:  ramp.Result(),
	}
}
