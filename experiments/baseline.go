package experiments

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"cnnlab/data"
	"cnnlab/model"
)

// The baseline, step 2 of the assignment: train the CNN at the learning rate that
// the sweep kept, plot the training loss over the iterations, and report the
// accuracy on the test set.
//
//	go run . -exp baseline
//
// Expect the training loss to fall towards zero in ten epochs while the accuracy
// on val stays behind that on train: about 99.1 % on test, in one minute on two
// cores.
var baseline = Experiment{
	Name:      "baseline",
	Summary:   "train at the kept learning rate, plot the training loss, report the test accuracy",
	Dataset:   "mnist",
	Generated: "digits",
	Defaults: func() Config {
		c := defaults
		c.Epochs = 10
		return c
	}(),
	Variants: baselineVariants,
	SetUp:    baselineSetUp,
	Report:   baselineReport,
}

func baselineVariants(base Config, rates []float64) []Variant {
	var variants []Variant
	for _, lr := range rates {
		c := base
		c.LR = lr
		variants = append(variants, Variant{Config: c})
	}
	return variants
}

func baselineLayers(c Config, classes int) model.Layers {
	return func(net *model.Network) {
		h := net.X // N×1×28×28
		for _, maps := range c.Channels {
			h = net.Conv2d(h, maps, c.Kernel) // N×32×28×28, then N×64×14×14
			h = net.Rectify(h)
			h = net.MaxPool2D(h) // N×32×14×14, then N×64×7×7
		}
		h = net.Dropout(h, c.ConvDropout)
		h = net.Dense(h, c.Hidden) // N×128
		h = net.Rectify(h)
		h = net.Dropout(h, c.Dropout)
		net.CrossEntropy(net.Classifier(h, classes)) // logits N×10, loss
	}
}

func baselineSetUp(c Config, set *data.Dataset) (*model.Trainer, *model.Evaluator, error) {
	// The symbolic graph.
	in, err := input(c, set)
	if err != nil {
		return nil, nil, err
	}
	net, err := model.New(in, baselineLayers(c, len(set.Classes)))
	if err != nil {
		return nil, nil, err
	}
	// Its gradients.
	grads, err := gorgonia.Grad(net.Loss, net.Learnables...)
	if err != nil {
		return nil, nil, err
	}
	// The solver with L2 weight decay.
	update, err := solver(c)
	if err != nil {
		return nil, nil, err
	}
	trainer, err := model.NewTrainer(net, grads, update)
	if err != nil {
		return nil, nil, err
	}
	evaluator, err := model.NewEvaluator(net, evalBatch)
	return trainer, evaluator, err
}

// baselineReport shows the training loss over the iterations, the accuracies over
// the epochs, and the test accuracy with its interval.
func baselineReport(o *Outcome) error {
	groups := o.groups(byRate)
	if err := o.plotLoss("Training loss per iteration on "+o.Set.Name, groups); err != nil {
		return err
	}
	if err := o.plotAccuracy("accuracy-per-epoch", "Accuracy after each epoch on "+o.Set.Name, groups); err != nil {
		return err
	}
	if err := o.confusion(groups); err != nil {
		return err
	}
	o.result = result(groups)
	title := fmt.Sprintf("Baseline on %s", o.Set.Name)
	return o.finish(title, o.text(), o.accuracyTable(groups), "training-loss", "accuracy-per-epoch", "confusion")
}
