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

// heNormal draws n numbers from a normal distribution of variance 2/fanIn (He et
// al. 2015, section 2.2, equation 10), in a stream of its own for each parameter.
func heNormal(seed uint64, parameter, fanIn, n int) []float32 {
	r := rand.New(rand.NewPCG(seed, kernel.Key(purposeInit, uint64(parameter))))
	sd := math.Sqrt(2 / float64(fanIn))
	w := make([]float32, n)
	for i := range w {
		w[i] = float32(sd * r.NormFloat64())
	}
	return w
}
