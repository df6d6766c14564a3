// Package model holds what is learned: the symbolic graph of a convolutional
// network, its initialisation, the solvers with L2 weight decay, one training
// step, the evaluation, and the weights and checkpoints as files. It knows no
// data set, no directory and no epoch: those belong to the experiments.
//
// A network is described once, as Layers, and built twice: for training, with
// dropout, and for evaluation, over the same weights and without it.
package model

import (
	"github.com/pkg/errors"

	"cnnlab/model/internal/kernel"
)

// Kernel names the arithmetic that computes here; with another one, the same
// seed may give other bits.
var Kernel = kernel.Name()

// ErrDiverged is in the chain of the error of a step after which training
// cannot go on: the loss or a weight is NaN or infinite, or the loss exceeds
// ten times that of the first step.
var ErrDiverged = errors.New("training diverged")

// Stats are the sums over one or more batches.
type Stats struct {
	Loss    float64 // Σ of the cross-entropy over the images, in nats, without the L2 penalty
	Correct int     // images whose largest logit is that of their label
	Count   int     // images
}

// Add adds those of another batch.
func (s *Stats) Add(other Stats) {
	s.Loss += other.Loss
	s.Correct += other.Correct
	s.Count += other.Count
}

// MeanLoss is the cross-entropy an image, in nats.
func (s Stats) MeanLoss() float64 { return s.Loss / float64(s.Count) }

// Accuracy is the share of correct images, 0 to 1.
func (s Stats) Accuracy() float64 { return float64(s.Correct) / float64(s.Count) }

// ErrorRate is the share of wrong images, 0 to 1.
func (s Stats) ErrorRate() float64 { return float64(s.Count-s.Correct) / float64(s.Count) }

// KernelError is why the arithmetic that $CNNLAB_KERNEL asks for cannot be had.
func KernelError() error { return kernel.Err() }
