package theory

import (
	"context"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"cnnlab/data"
	"cnnlab/experiments/outcome"
	"cnnlab/experiments/report/runs"
	"cnnlab/model"
)

// Sharing is one way to train the network of the quarters.
type Sharing struct {
	Name  string
	Tied  bool  // one weight at all places; else a copy at each
	Order []int // in which the gradients of the copies are added; nil: they are not
}

// WeightSharing trains the network of the quarters in each of the ways on the same
// batches, and compares convolutions with dense layers. The first way must be the tied
// one. If the numbers contradict the theory, it returns an error together with the page.
func WeightSharing(ctx context.Context, c runs.Config, ways []Sharing, shapes []Shape) (outcome.Page, error) {
	rows, err := trainShared(ctx, c, ways)
	if err != nil {
		return outcome.Page{}, err
	}
	convolutions, err := compareWithDense(shapes, c.Seed)
	if err != nil {
		return outcome.Page{}, err
	}
	return weightSharingPage(ways, rows, convolutions), weightSharingVerdict(rows, convolutions)
}

type sharedTraining struct {
	Sharing
	net    *quarterNet
	vm     gorgonia.VM
	solver gorgonia.Solver
}

func newSharedTraining(s Sharing, c runs.Config, classes int) (*sharedTraining, error) {
	// The symbolic graph.
	net := newQuarterNet(c, s.Tied, classes)
	// Its gradients: for a node that is used at several places, Grad adds them up.
	if _, err := gorgonia.Grad(net.loss, net.learnables()...); err != nil {
		return nil, err
	}
	vm := gorgonia.NewTapeMachine(net.graph, gorgonia.BindDualValues(net.learnables()...))
	// The solver with L2 weight decay, which decays every copy once.
	solver := &model.SGD{LearningRate: c.LR, Momentum: c.Momentum, WeightDecay: c.WeightDecay}
	return &sharedTraining{Sharing: s, net: net, vm: vm, solver: solver}, nil
}

// step trains on a batch and returns its loss.
func (t *sharedTraining) step(b data.Batch) (loss float64, err error) {
	t.net.load(b)
	defer t.vm.Reset()
	if err := t.vm.RunAll(); err != nil {
		return 0, err
	}
	if t.Order != nil {
		if err := t.net.sumGradients(t.Order); err != nil {
			return 0, err
		}
	}
	return float64(t.net.loss.Value().Data().(float32)), t.solver.Step(gorgonia.NodesToValueGrads(t.net.learnables()))
}

// trainShared trains all ways side by side, step by step.
func trainShared(ctx context.Context, c runs.Config, ways []Sharing) ([]sharingRow, error) {
	set := data.Digits(c.Seed, c.TrainImages+c.TrainImages/9, 1) // a tenth becomes val
	var all []*sharedTraining
	for _, s := range ways {
		t, err := newSharedTraining(s, c, len(set.Classes))
		if err != nil {
			return nil, errors.WithMessage(err, s.Name)
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
					return nil, errors.WithMessagef(err, "%s, step %d", t.Name, step)
				}
				rows = append(rows, sharingRow{Way: t.Name, Step: step, Loss: loss, Copies: t.net.distance(t.net), Tied: t.net.distance(all[0].net)})
			}
		}
	}
	return rows, nil
}
