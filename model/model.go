// Package model holds what is learned: the symbolic graph of a convolutional
// network, its initialization, the solvers with L2 weight decay, one training step,
// the evaluation, and the weights and checkpoints as files. It knows no data set, no
// directory and no epoch: those belong to the experiments.
//
// A network is described once, as Layers, and built twice: for training with dropout,
// and for evaluation without it, over the same weights.
package model

import (
	"github.com/pkg/errors"

	"cnnlab/model/internal/kernel"
)

// Arithmetic names the kernels that compute here: avx512, avx2 or purego. With others the
// same seed may give other bits.
var Arithmetic = kernel.Name()

// CheckArithmetic returns an error if this machine lacks the kernels that
// $CNNLAB_KERNEL asks for.
func CheckArithmetic() error { return kernel.Err() }

// ErrDiverged is in the chain of the error of a step after which training cannot go
// on: the loss or a weight is NaN or infinite, or the loss exceeds ten times that of
// the first step.
var ErrDiverged = errors.New("training diverged")

// Stats are sums over one or more batches.
type Stats struct {
	Loss    float64 // Σ of the cross-entropy over the images, in nats, without the L2 penalty
	Correct int     // images whose largest logit is that of their label
	Count   int     // images
}

// Add adds the sums of another batch.
func (s *Stats) Add(other Stats) {
	s.Loss += other.Loss
	s.Correct += other.Correct
	s.Count += other.Count
}

// MeanLoss is the mean cross-entropy per image, in nats.
func (s Stats) MeanLoss() float64 { return s.Loss / float64(s.Count) }

// Accuracy is the share of images classified correctly, 0 to 1.
func (s Stats) Accuracy() float64 { return float64(s.Correct) / float64(s.Count) }

// ErrorRate is the share of images classified wrongly, 0 to 1.
func (s Stats) ErrorRate() float64 { return float64(s.Count-s.Correct) / float64(s.Count) }
