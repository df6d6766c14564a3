package experiments

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"cnnlab/data"
	"cnnlab/model"
)

// CIFAR-10, step 4 of the assignment: the same CNN on colour images of ten kinds
// of things, at the learning rate kept from MNIST, with and without
// regularisation. Only the shape of the input differs.
//
//	go run . -exp cifar
//
// Expect the plain network to overfit from the fifth or sixth epoch on, to know all
// its training images at the end and 72 % of the test images, and the regularised
// one to be some four points better. Both take some three minutes on two cores.
var cifar = Experiment{
	Name:      "cifar",
	Summary:   "train the same network on CIFAR-10, with and without regularisation",
	Dataset:   "cifar-10",
	Generated: "shapes",
	KeepRate:  true,
	Defaults: func() Config {
		c := defaults
		c.Epochs = 30
		c.ConvDropout, c.Dropout = 0.25, 0.5
		c.WeightDecay = 1e-3
		return c
	}(),
	Variants: cifarVariants,
	SetUp:    cifarSetUp,
	Report:   cifarReport,
}

// cifarVariants are the network without regularisation and with it.
func cifarVariants(base Config, rates []float64) []Variant {
	var variants []Variant
	for _, lr := range rates {
		regularised := base
		regularised.LR = lr
		plain := regularised
		plain.Dropout, plain.ConvDropout, plain.WeightDecay = 0, 0, 0
		variants = append(variants, Variant{"plain", plain}, Variant{"regularized", regularised})
	}
	return variants
}

func cifarLayers(c Config, classes int) model.Layers {
	return func(net *model.Network) {
		h := net.X // N×3×32×32
		for _, maps := range c.Channels {
			h = net.Conv2d(h, maps, c.Kernel) // N×32×32×32, then N×64×16×16
			h = net.Rectify(h)
			h = net.MaxPool2D(h) // N×32×16×16, then N×64×8×8
		}
		h = net.Dropout(h, c.ConvDropout)
		h = net.Dense(h, c.Hidden) // N×128
		h = net.Rectify(h)
		h = net.Dropout(h, c.Dropout)
		net.CrossEntropy(net.Classifier(h, classes)) // logits N×10, loss
	}
}

func cifarSetUp(c Config, set *data.Dataset) (*model.Trainer, *model.Evaluator, error) {
	// The symbolic graph.
	in, err := input(c, set)
	if err != nil {
		return nil, nil, err
	}
	net, err := model.New(in, cifarLayers(c, len(set.Classes)))
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

// cifarReport shows the curves of both networks and their test accuracies.
func cifarReport(o *Outcome) error {
	groups := o.groups(o.label)
	if err := o.plotLoss("Training loss per iteration on "+o.Set.Name, groups); err != nil {
		return err
	}
	if err := o.plotAccuracy("curves", "Train and val accuracy on "+o.Set.Name, groups); err != nil {
		return err
	}
	if err := o.testAccuracy(groups); err != nil {
		return err
	}
	if err := o.confusion(groups); err != nil {
		return err
	}
	o.result = result(groups)
	title := fmt.Sprintf("The same network on %s", o.Set.Name)
	return o.finish(title, o.text(), o.accuracyTable(groups), "training-loss", "curves", "confusion")
}
