// Package stats holds the statistics by which runs are judged, on plain slices:
// means over seeds, intervals of an accuracy, tests between two classifiers, and
// confusion counts. It knows no run and no file.
package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Mean is the mean of values; NaN of none.
func Mean(values []float64) float64 { return stat.Mean(values, nil) }

// SD is the sample standard deviation of values (n−1 in the denominator); NaN of
// fewer than two.
func SD(values []float64) float64 {
	if len(values) < 2 {
		return math.NaN()
	}
	return stat.StdDev(values, nil)
}

// Median is the middle of values, or the mean of the middle two; NaN of none.
// (gonum's quantiles interpolate otherwise.)
func Median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// Wilson is the 95 % score interval of an accuracy, a fraction measured on n
// samples (Wilson, JASA 22, 1927). It stays inside 0..1 and is sound near 1, where
// accuracies lie. It is NaN, NaN where n < 1 or the accuracy is no fraction.
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
