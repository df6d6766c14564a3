// Package model holds the network and its training: the symbolic graph of a
// convolutional network, its initialization, the solvers with L2 weight decay, the
// training step, the evaluation, and the formats of weights and checkpoints. Data sets,
// directories and epochs belong to the experiments.
//
// A network is described once, as Layers, and built twice: for training with dropout,
// and for evaluation without it, over the same weights.
package model

import (
	"github.com/pkg/errors"

	"cnnlab/model/internal/kernel"
)

// Arithmetic names the kernels in use: avx512.4, avx2.4, neon.4 or purego. Other kernels may give
// different bits for the same seed.
var Arithmetic = kernel.Name()

// CheckArithmetic returns an error if this machine lacks the kernels that
// $CNNLAB_KERNEL asks for.
func CheckArithmetic() error { return kernel.Err() }

// ErrDiverged marks the error of a step after which training cannot continue: the loss
// or a weight is NaN or infinite, or the loss exceeds ten times that of the first step.
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

// MeanLoss returns the mean cross-entropy per image, in nats.
func (s Stats) MeanLoss() float64 { return s.Loss / float64(s.Count) }

// Accuracy returns the share of images classified correctly, 0 to 1.
func (s Stats) Accuracy() float64 { return float64(s.Correct) / float64(s.Count) }

// ErrorRate returns the share of images classified wrongly, 0 to 1.
func (s Stats) ErrorRate() float64 { return float64(s.Count-s.Correct) / float64(s.Count) }
