package experiments

import (
	"fmt"
	"reflect"
	"slices"

	"gorgonia.org/gorgonia"

	"cnnlab/data"
	"cnnlab/model"
)

// The recipe, a step beyond the assignment: how far does the same CNN of two
// convolutions come? Each variant adds one thing to the one before: dropout and
// weight decay, augmentation of the training images, a schedule of the learning
// rate, and an average of the weights; with -tta, the mirror image of what is scored.
//
//	go run . -exp recipe -seeds 3
//	go run . -exp recipe -variant averaged -dataset cifar-10
//
// The first shows what each thing brings, the second trains the full recipe
// alone, which the flags rule. What -tta adds, mirrored, trains the network of
// averaged once more, to the same bits. Expect the gap between train and val to close with
// augmentation and the test accuracy to rise with it and with the schedule. The
// rate, -lr, is the peak of the schedule; before there is one, it is a fifth of
// that. A seed of the five without -tta takes some five minutes on two cores.
var recipe = Experiment{
	Name:      "recipe",
	Summary:   "add regularisation, augmentation, a schedule and averaging one by one to the same network",
	Dataset:   "mnist",
	Generated: "digits",
	Defaults: func() Config {
		c := defaults
		c.Epochs = 20
		c.ConvDropout, c.Dropout = 0.25, 0.5
		c.WeightDecay = 5e-4
		c.Augment = true
		c.Schedule = "one-cycle"
		c.EMA = 0.999
		return c
	}(),
	Rates:    []float64{0.05}, // the peak of the cycle
	Variants: recipeVariants,
	SetUp:    recipeSetUp,
	Report:   recipeReport,
}

// peakRatio is how much higher the peak of a schedule is than the constant rate
// of the variants without one.
const peakRatio = 5

// recipeVariants takes the recipe apart, the last thing first. What the flags turn
// off is no variant of its own.
func recipeVariants(base Config, peaks []float64) []Variant {
	var variants []Variant
	for _, peak := range peaks {
		mirrored := base
		mirrored.LR = peak
		averaged := mirrored
		averaged.TTA = false
		scheduled := averaged
		scheduled.EMA = 0
		augmented := scheduled
		if base.Schedule != defaults.Schedule {
			augmented.Schedule, augmented.LR = defaults.Schedule, peak/peakRatio
		}
		regularised := augmented
		regularised.Augment = false
		plain := regularised
		plain.Dropout, plain.ConvDropout, plain.WeightDecay = 0, 0, 0
		variants = append(variants, Variant{"plain", plain}, Variant{"regularized", regularised},
			Variant{"augmented", augmented}, Variant{"scheduled", scheduled}, Variant{"averaged", averaged}, Variant{"mirrored", mirrored})
	}
	return slices.CompactFunc(variants, func(a, b Variant) bool { return reflect.DeepEqual(a.Config, b.Config) })
}

func recipeLayers(c Config, classes int) model.Layers {
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

func recipeSetUp(c Config, set *data.Dataset) (*model.Trainer, *model.Evaluator, error) {
	// The symbolic graph.
	in, err := input(c, set)
	if err != nil {
		return nil, nil, err
	}
	net, err := model.New(in, recipeLayers(c, len(set.Classes)))
	if err != nil {
		return nil, nil, err
	}
	// Its gradients.
	grads, err := gorgonia.Grad(net.Loss, net.Learnables...)
	if err != nil {
		return nil, nil, err
	}
	// The solver with L2 weight decay, and the averages of what it learns.
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

// recipeReport shows the curves of the variants, the gap between train and val,
// and the test accuracies with what McNemar's test says of each difference.
func recipeReport(o *Outcome) error {
	groups := o.groups(o.label)
	if err := o.plotAccuracy("curves", "Train and val accuracy on "+o.Set.Name, groups); err != nil {
		return err
	}
	if err := o.plotGap("Gap between train and val accuracy on "+o.Set.Name, groups); err != nil {
		return err
	}
	if err := o.testAccuracyByStep(groups); err != nil {
		return err
	}
	if err := o.confusion(groups); err != nil {
		return err
	}
	o.result = result(groups)
	title := fmt.Sprintf("The recipe on %s", o.Set.Name)
	text := "Each variant is the one before and one thing more: dropout and decay, " + o.augmentation() + ", the schedule, averages"
	if groups[len(groups)-1].Runs[0].TTA {
		text += ", the mirror image of what is scored"
	}
	return o.finish(title, text+".\n\n"+o.text(), o.accuracyTable(groups), "curves", "gap", "confusion")
}
