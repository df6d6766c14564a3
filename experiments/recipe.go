package experiments

import (
	"cnnlab/experiments/outcome"
	"cnnlab/experiments/suite"
)

// The recipe, a step beyond the assignment: how good can such a CNN get? Each variant adds
// one thing to the one before: dropout and weight decay, augmentation, a learning-rate
// schedule, an average of the weights and, with -tta, mirror images at test time.
//
//	go run . -exp recipe -seeds 3
//	go run . -exp recipe -variant averaged -dataset cifar-10
//
// The first command shows how much each step of the recipe gains; the second trains only the
// full recipe. On CIFAR-10 the schedule gains the most. The rate given with -lr is the peak of
// the schedule; the variants without a schedule use a fifth of it. Without -tta a seed of the
// five variants takes five minutes on two cores.
var recipe = suite.Training{
	Name:     "recipe",
	Summary:  "add regularization, augmentation, a schedule and weight averaging to the same network, one by one",
	Question: "How much does each part of a good recipe add?",
	Curves:   "epochs",
	Dataset:  "mnist",
	Defaults: suite.Defaults(func(c *suite.Config) {
		c.Epochs = 20
		c.ConvDropout, c.Dropout = 0.25, 0.5
		c.WeightDecay = 5e-4
		c.Augment = true
		c.Schedule = "one-cycle"
		c.EMA = 0.999
	}),
	Rates:    []float64{0.05}, // the peak of the cycle
	Variants: recipeVariants,
	Build:    trainCNN, // graph, gradients, solver with weight decay, trainer: cnn.go
	Report:   recipePage,
}

// peakRatio is the ratio of a schedule's peak to the constant rate of the variants
// without a schedule.
const peakRatio = 5

// recipeVariants removes one thing after another from the full recipe. Without -tta there
// is no mirrored.
func recipeVariants(mirrored suite.Config) []suite.Variant {
	averaged := mirrored
	averaged.TTA = false
	scheduled := averaged
	scheduled.EMA = 0
	augmented := scheduled
	if scheduled.Schedule != "constant" {
		augmented.Schedule, augmented.LR = "constant", scheduled.LR/peakRatio
	}
	regularized := augmented
	regularized.Augment = false
	plain := regularized
	plain.Dropout, plain.ConvDropout, plain.WeightDecay = 0, 0, 0
	variants := []suite.Variant{
		{Label: "plain", Config: plain},
		{Label: "regularized", Config: regularized},
		{Label: "augmented", Config: augmented},
		{Label: "scheduled", Config: scheduled},
		{Label: "averaged", Config: averaged},
	}
	if mirrored.TTA {
		variants = append(variants, suite.Variant{Label: "mirrored", Config: mirrored})
	}
	return variants
}

// recipePage shows the curves of the variants, their gaps between train and val, and
// their test accuracies, each compared with the one before.
func recipePage(o *outcome.Outcome) outcome.Page {
	variants := o.Groups(o.ByVariant)
	page := o.Page("The recipe", variants, outcome.Before,
		o.AccuracyCurves("curves", variants),
		o.LossCurves(variants),
		o.Gap(variants))
	steps := "Each variant adds one thing to the one before: dropout and decay, " + o.Augmentation() + ", the learning-rate schedule, averaged weights"
	if variants[len(variants)-1].Runs[0].TTA {
		steps += ", mirror images at test time"
	}
	page.Text = outcome.Paragraphs(steps+".", page.Text)
	return page
}
