package experiments

import (
	"context"
	"io"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"cnnlab/data"
	"cnnlab/model"
)

// Shared weights, theory question 2: how back-propagation changes where several
// weights are constrained to one value. Each quarter of a digit is seen by the
// same two-layer network and the votes of the four are added, so that every
// weight stands at four places. It is trained in four ways on the same batches:
//
//   - tied: one node of the graph at four places; gorgonia.Grad adds
//   - summed: four copies, each of which gets the sum of the four gradients,
//     added in the order in which back-propagation meets them
//   - summed otherwise: likewise, added in the opposite order
//   - unsummed: four copies, each of which gets its own gradient
//
// and a convolution is compared with the dense layer with shared weights that it
// is.
//
//	go run . -exp weight-sharing
//
// Expect the first two to agree to the last bit, the third up to rounding, about
// 1e-7, and the fourth to break the constraint with its first step; in about one
// second. -limit, -epochs, -batch, -hidden, -lr, -momentum, -weight-decay and
// -seed change the training. The data are generated digits.
var weightSharing = Experiment{
	Name:    "weight-sharing",
	Summary: "theory 2: back-propagation where weights are constrained to be equal",
	Flags:   []string{"limit", "epochs", "batch", "hidden", "lr", "momentum", "weight-decay", "seed"},
	Defaults: Config{
		TrainImages: 600, Epochs: 2, Batch: 20, Hidden: 8,
		LR: 0.02, Momentum: 0.9, WeightDecay: 5e-4, Seed: 1,
	},
	Run: weightSharingRun,
}

// sharing is one way to train the network of the quarters.
type sharing struct {
	name  string
	tied  bool
	order []int // in which the gradients of the copies are added; nil: they are not
}

var sharings = []sharing{
	{name: "tied", tied: true},
	{name: "summed", order: []int{3, 2, 1, 0}}, // back-propagation meets the last place first
	{name: "summed otherwise", order: []int{0, 1, 2, 3}},
	{name: "unsummed"},
}

// sharedTraining is a network of quarters in training.
type sharedTraining struct {
	sharing
	net    *quarterNet
	vm     gorgonia.VM
	solver gorgonia.Solver
}

// newSharedTraining does the first three acts for one way.
func newSharedTraining(s sharing, c Config, classes int) (*sharedTraining, error) {
	// The symbolic graph.
	net, err := newQuarterNet(c, s.tied, classes)
	if err != nil {
		return nil, err
	}
	// Its gradients: where a node stands at several places, Grad adds them up.
	if _, err := gorgonia.Grad(net.loss, net.learnables()...); err != nil {
		return nil, err
	}
	vm := gorgonia.NewTapeMachine(net.graph, gorgonia.BindDualValues(net.learnables()...))
	// The solver with L2 weight decay, which decays every copy once.
	update := &model.SGD{LearningRate: c.LR, Momentum: c.Momentum, WeightDecay: c.WeightDecay}
	return &sharedTraining{sharing: s, net: net, vm: vm, solver: update}, nil
}

// step trains on a batch and returns its loss.
func (t *sharedTraining) step(b data.Batch) (loss float64, err error) {
	t.net.load(b)
	defer t.vm.Reset()
	if err := t.vm.RunAll(); err != nil {
		return 0, err
	}
	if t.order != nil {
		if err := t.net.sumGradients(t.order); err != nil {
			return 0, err
		}
	}
	return float64(t.net.loss.Value().Data().(float32)), t.solver.Step(gorgonia.NodesToValueGrads(t.net.learnables()))
}

// weightSharingRun trains the ways side by side, compares the convolution with
// its dense layer, and reports.
func weightSharingRun(ctx context.Context, o Options, stdout, stderr io.Writer) error {
	c, err := theoryConfig(o)
	if err != nil {
		return err
	}
	if o.Limit > 0 {
		c.TrainImages = min(c.TrainImages, o.Limit)
	}
	c.Batch = min(c.Batch, c.TrainImages)
	out, err := theoryOutcome(o, stdout, stderr)
	if err != nil {
		return err
	}
	rows, err := trainShared(ctx, c, sharings)
	if err != nil {
		return err
	}
	convolutions, err := compareWithDense(c.Seed)
	if err != nil {
		return err
	}
	if err := weightSharingReport(out, rows, convolutions); err != nil {
		return err
	}
	return weightSharingVerdict(rows, convolutions)
}

// trainShared trains the ways in step, the first of which is the tied one.
func trainShared(ctx context.Context, c Config, ways []sharing) ([]sharingRow, error) {
	set := data.Digits(c.Seed, c.TrainImages+c.TrainImages/9, 1) // a tenth becomes val
	var all []*sharedTraining
	for _, s := range ways {
		t, err := newSharedTraining(s, c, len(set.Classes))
		if err != nil {
			return nil, errors.WithMessage(err, s.name)
		}
		defer t.vm.Close()
		all = append(all, t)
	}
	var rows []sharingRow
	step := 0
	for range c.Epochs {
		for _, b := range set.Batches(set.Train, c.Batch, nil) {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			step++
			for _, t := range all {
				loss, err := t.step(b)
				if err != nil {
					return nil, errors.WithMessagef(err, "%s, step %d", t.name, step)
				}
				rows = append(rows, sharingRow{Way: t.name, Step: step, Loss: loss, Copies: t.net.spread(), Tied: t.net.distance(all[0].net)})
			}
		}
	}
	return rows, nil
}
