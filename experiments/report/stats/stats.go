// Package stats holds the statistics by which runs are judged, on plain slices:
// means over seeds, intervals of an accuracy, tests between two classifiers, and
// confusion counts. It knows nothing of runs or files.
package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Mean returns the mean of values, or NaN if there are none.
func Mean(values []float64) float64 { return stat.Mean(values, nil) }

// SD returns the sample standard deviation of values (n−1 in the denominator), or NaN if
// there are fewer than two.
func SD(values []float64) float64 {
	if len(values) < 2 {
		return math.NaN()
	}
	return stat.StdDev(values, nil)
}

// Median returns the middle of values, the mean of the middle two, or NaN if there are
// none. (gonum's quantiles interpolate differently.)
func Median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// Wilson returns the 95 % score interval of an accuracy, a fraction measured on n
// samples (Wilson, JASA 22, 1927). It stays within 0..1 and is sound near 1, where
// accuracies lie. Both ends are NaN if n < 1 or the accuracy is not in 0..1.
func Wilson(accuracy float64, n int) (low, high float64) {
	if n < 1 || !(accuracy >= 0 && accuracy <= 1) {
		return math.NaN(), math.NaN()
	}
	const z = 1.959963984540054 // the 97.5 % quantile of the normal distribution
	z2n := z * z / float64(n)
	centre := (accuracy + z2n/2) / (1 + z2n)
	half := z / (1 + z2n) * math.Sqrt(accuracy*(1-accuracy)/float64(n)+z2n/4/float64(n))
	return max(0, centre-half), min(1, centre+half)
}

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
