// Package stats holds the statistics by which runs are judged, on plain slices:
// means over seeds, intervals of an accuracy, tests between two classifiers, and
// confusion counts. It knows nothing of runs or files.
package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
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
