package experiments

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"cnnlab/data"
	"cnnlab/model"
)

// Regularisation, step 3 of the assignment: add dropout and weight decay, and
// report again. All four combinations are trained with the same learning rate and
// seeds, so that each difference has one cause.
//
//	go run . -exp regularized -seeds 3
//
// Expect dropout to shrink the gap between train and val, decay to do little at
// this rate, and the test accuracy to rise by a tenth of a percent at most; whether
// a difference is more than chance is what McNemar's test on the predictions says.
// Each seed takes some four minutes on two cores.
var regularized = Experiment{
	Name:      "regularized",
	Summary:   "compare no regularisation, dropout, weight decay and both",
	Dataset:   "mnist",
	Generated: "digits",
	Defaults: func() Config {
		c := defaults
		c.Epochs = 20
		c.ConvDropout, c.Dropout = 0.25, 0.5
		c.WeightDecay = 5e-4
		return c
	}(),
	Variants: regularizedVariants,
	SetUp:    regularizedSetUp,
	Report:   regularizedReport,
}

// regularizedVariants switches dropout and decay on and off.
func regularizedVariants(base Config, rates []float64) []Variant {
	var variants []Variant
	for _, lr := range rates {
		none := base
		none.LR = lr
		none.Dropout, none.ConvDropout, none.WeightDecay = 0, 0, 0
		dropout, decay, both := none, none, base
		dropout.Dropout, dropout.ConvDropout = base.Dropout, base.ConvDropout
		decay.WeightDecay = base.WeightDecay
		both.LR = lr
		variants = append(variants, Variant{"none", none}, Variant{"dropout", dropout}, Variant{"decay", decay}, Variant{"both", both})
	}
	return variants
}

func regularizedLayers(c Config, classes int) model.Layers {
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

func regularizedSetUp(c Config, set *data.Dataset) (*model.Trainer, *model.Evaluator, error) {
	// The symbolic graph.
	in, err := input(c, set)
	if err != nil {
		return nil, nil, err
	}
	net, err := model.New(in, regularizedLayers(c, len(set.Classes)))
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

// regularizedReport shows the curves of the four, the gap between train and val,
// and the test accuracies with what McNemar's test says of each difference.
func regularizedReport(o *Outcome) error {
	groups := o.groups(o.label)
	if err := o.plotAccuracy("curves", "Train and val accuracy on "+o.Set.Name, groups); err != nil {
		return err
	}
	if err := o.plotGap("Gap between train and val accuracy on "+o.Set.Name, groups); err != nil {
		return err
	}
	if err := o.testAccuracy(groups); err != nil {
		return err
	}
	if err := o.confusion(groups); err != nil {
		return err
	}
	o.result = result(groups)
	title := fmt.Sprintf("Regularisation on %s", o.Set.Name)
	return o.finish(title, o.text(), o.accuracyTable(groups), "curves", "gap", "confusion")
}
