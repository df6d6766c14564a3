package experiments

import (
	"gorgonia.org/gorgonia"

	"cnnlab/data"
	"cnnlab/model"
)

// The learning-rate sweep, step 1 of the assignment: train the CNN on MNIST with
// several learning rates, show how the classification error falls over the
// iterations with each, and keep the best.
//
//	go run . -exp lr-sweep
//
// Expect the error to fall slowly at the smallest rates, fast in the middle, and
// the training to break at the largest: about 98.6 % test accuracy at the chosen
// rate after two epochs. The sweep takes about half a minute on two cores.
var lrSweep = Experiment{
	Name:      "lr-sweep",
	Summary:   "train at several learning rates, compare the error over the iterations, keep the best rate",
	Dataset:   "mnist",
	Generated: "digits",
	Defaults: func() Config {
		c := defaults
		c.Epochs = 2
		return c
	}(),
	Rates:    []float64{0.0003, gorgoniaRate, 0.003, 0.01, 0.03, 0.1, 0.3},
	Variants: lrSweepVariants,
	SetUp:    lrSweepSetUp,
	Report:   lrSweepReport,
}

// gorgoniaRate is the rate that Gorgonia's solvers take unless told otherwise.
// It is drawn for comparison and not chosen: the assignment asks for others.
const gorgoniaRate = 0.001

func lrSweepVariants(base Config, rates []float64) []Variant {
	var variants []Variant
	for _, lr := range rates {
		c := base
		c.LR = lr
		variants = append(variants, Variant{Config: c})
	}
	return variants
}

// lrSweepLayers is the network; the shapes are those of MNIST with the default
// sizes.
func lrSweepLayers(c Config, classes int) model.Layers {
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

func lrSweepSetUp(c Config, set *data.Dataset) (*model.Trainer, *model.Evaluator, error) {
	// The symbolic graph.
	in, err := input(c, set)
	if err != nil {
		return nil, nil, err
	}
	net, err := model.New(in, lrSweepLayers(c, len(set.Classes)))
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
