package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// McNemar compares the predictions a and b of two classifiers for the same labels; all
// three slices have the same length. onlyA and onlyB count the images that only a, or
// only b, got right; p is McNemar's p-value of these counts.
func McNemar(labels, a, b []int) (onlyA, onlyB int, p float64) {
	for i, label := range labels {
		switch rightA, rightB := a[i] == label, b[i] == label; {
		case rightA && !rightB:
			onlyA++
		case rightB && !rightA:
			onlyB++
		}
	}
	return onlyA, onlyB, mcnemarP(onlyA, onlyB)
}

// mcnemarP returns the two-sided p-value of McNemar's test (Psychometrika 12, 1947) in
// its exact form: the probability that onlyA + onlyB images, each assigned by the
// toss of a fair coin, divide at least as unequally. It is twice the smaller tail,
// at most 1, and NaN for negative counts.
func mcnemarP(onlyA, onlyB int) float64 {
	if onlyA < 0 || onlyB < 0 {
		return math.NaN()
	}
	if onlyA == onlyB {
		return 1
	}
	tosses := distuv.Binomial{N: float64(onlyA) + float64(onlyB), P: 0.5}
	return min(1, 2*tosses.CDF(float64(min(onlyA, onlyB))))
}

// CombineP combines several p-values of the same hypothesis into one: twice their
// median, at most 1. That is valid however they depend on one another, as seeds that
// share a test set do (Vovk and Wang, Biometrika 107, 2020). A single p-value is
// returned unchanged; without any, the result is NaN.
func CombineP(p []float64) float64 {
	if len(p) == 1 {
		return p[0]
	}
	return min(1, 2*Median(p))
}
