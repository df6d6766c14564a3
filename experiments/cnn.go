package experiments

import (
	"gorgonia.org/gorgonia"

	"cnnlab/data"
	"cnnlab/experiments/suite"
	"cnnlab/model"
)

// trainCNN makes the trainer of one run in the four steps that all experiments share.
// Only the configuration differs between experiments.
func trainCNN(c suite.Config, set *data.Dataset) (*model.Trainer, error) {
	// 1. The symbolic graph, from the images to the loss.
	net, err := cnn(c, set)
	if err != nil {
		return nil, err
	}
	// 2. The gradients of the loss, by automatic differentiation.
	grads, err := gorgonia.Grad(net.Loss, net.Learnables...)
	if err != nil {
		return nil, err
	}
	// 3. The solver, with L2 weight decay.
	solver, err := model.NewSolver(c.Solver, c.LR, c.Momentum, c.WeightDecay)
	if err != nil {
		return nil, err
	}
	if c.EMA > 0 { // score a moving average of the weights
		solver = &model.EMA{Solver: solver, Decay: c.EMA}
	}
	// 4. The trainer, which runs the graph on a batch and lets the solver update the
	// weights.
	return model.NewTrainer(net, grads, solver)
}

// cnn builds the network: blocks of convolution, ReLU and 2×2 max-pooling, then a
// hidden dense layer and the classifier. Shapes are for MNIST with default sizes.
func cnn(c suite.Config, set *data.Dataset) (*model.Network, error) {
	ops, err := model.OpsNamed(c.Ops)
	if err != nil {
		return nil, err
	}
	in := model.Input{Batch: c.Batch, Channels: set.Channels, Height: set.Height, Width: set.Width, Seed: c.Seed, Ops: ops}
	return model.New(in, func(net *model.Network) {
		h := net.X // N×1×28×28
		for _, maps := range c.Channels {
			for range 1 + c.ExtraConvs {
				h = net.Conv2d(h, maps, c.Kernel) // N×32×28×28, then N×64×14×14
				h = net.Rectify(h)
			}
			h = net.MaxPool2D(h) // N×32×14×14, then N×64×7×7
		}
		h = net.Dropout(h, c.ConvDropout)
		h = net.Dense(h, c.Hidden) // N×128
		h = net.Rectify(h)
		h = net.Dropout(h, c.Dropout)
		net.CrossEntropy(net.Classifier(h, len(set.Classes))) // logits N×10, loss
	})
}
