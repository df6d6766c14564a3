package experiments

import (
	"context"

	"cnnlab/experiments/outcome"
	"cnnlab/experiments/suite"
	"cnnlab/experiments/theory"
)

// Shared weights, theory question 2: how back-propagation changes when several weights
// are constrained to be equal. One two-layer network sees each quarter of a digit, and
// the four votes are added, so every weight is used at four places. It is trained in
// four ways on the same batches (see sharings), and convolutions are compared with the
// equivalent dense layers with shared weights.
//
//	go run . -exp weight-sharing
//
// The first two ways agree to the last bit, the third up to rounding, about 1e-7;
// the fourth breaks the constraint with its first step. Takes about a second. The
// flags -limit, -epochs, -batch, -hidden, -lr, -momentum, -weight-decay and -seed
// change the training. The data are generated digits.
var weightSharing = suite.Task{
	Name:     "weight-sharing",
	Summary:  "theory 2: train with weights constrained to be equal, and check the rule for their gradients",
	Question: "How must back-propagation change when several weights are constrained to be equal?",
	Flags:    []string{"limit", "epochs", "batch", "hidden", "lr", "momentum", "weight-decay", "seed"},
	Do: func(ctx context.Context, o suite.Options) (outcome.Page, error) {
		c := o.Config(suite.Config{
			TrainImages: 600, Epochs: 2, Batch: 20, Hidden: 8,
			LR: 0.02, Momentum: 0.9, WeightDecay: 5e-4, Seed: 1,
		})
		switch len(o.Rates) {
		case 0:
		case 1:
			c.LR = o.Rates[0]
		default:
			return outcome.Page{}, suite.Usagef("-lr: %d learning rates, want one: weight-sharing does not compare them", len(o.Rates))
		}
		if o.Limit > 0 {
			c.TrainImages = min(c.TrainImages, o.Limit)
		}
		c.Batch = min(c.Batch, c.TrainImages)
		return theory.WeightSharing(ctx, c, sharings, denseShapes)
	},
}

// sharings are the ways to train a network whose weights are used at four places.
var sharings = []theory.Sharing{
	{Name: "tied", Tied: true},                           // one node of the graph at four places: gorgonia.Grad adds
	{Name: "summed", Order: []int{3, 2, 1, 0}},           // four copies; their gradients are summed as in back-propagation, last place first
	{Name: "summed otherwise", Order: []int{0, 1, 2, 3}}, // the same, added in the opposite order
	{Name: "unsummed"},                                   // four copies, each with its own gradient
}

// denseShapes lists the convolutions compared with dense layers: d, k, padding,
// stride, channels, maps, batch.
var denseShapes = []theory.Shape{
	{8, 3, 1, 1, 2, 3, 4},
	{9, 4, 1, 2, 1, 2, 4}, // stride 2: a row is left over
	{6, 6, 0, 1, 1, 4, 4}, // k = d: nothing is shared
}
