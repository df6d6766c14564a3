package model

import (
	"math"
	"math/rand/v2"

	"cnnlab/model/internal/kernel"
)

// The purposes that the streams of one seed are told apart by. They are part of
// what a seed means: a change changes every result.
const (
	purposeInit    = 1
	purposeDropout = 2
)

// classifierSD is the standard deviation of the weights that give the logits
// (Goyal et al. 2017, section 5.1): no rectifier follows them, so He's argument
// does not hold there.
const classifierSD = 0.01

// heSD is the standard deviation of weights that see fanIn inputs and are
// followed by a rectifier (He et al. 2015, section 2.2, equation 10).
func heSD(fanIn int) float64 { return math.Sqrt(2 / float64(fanIn)) }

// normal draws n numbers with mean 0 and standard deviation sd, in a stream of
// its own for each parameter.
func normal(seed uint64, parameter int, sd float64, n int) []float32 {
	r := rand.New(rand.NewPCG(seed, kernel.Key(purposeInit, uint64(parameter))))
	w := make([]float32, n)
	for i := range w {
		w[i] = float32(sd * r.NormFloat64())
	}
	return w
}
