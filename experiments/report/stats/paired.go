package stats

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Difference is the mean of paired differences with its 95 % interval and the
// two-sided p-value of the hypothesis that the mean is zero. What cannot be computed is
// NaN.
type Difference struct{ Mean, Low, High, P float64 }

// PairedT compares two recipes by a paired t-test of their differences, one for each
// seed. The test asks whether the recipes differ over seeds, a question that McNemar's
// test, which compares two trained networks, cannot answer (Dietterich, Neural Computation 10, 1998; Bouthillier et al.,
// Accounting for Variance in Machine Learning Benchmarks, MLSys 2021). For a
// single difference, or for differences that are all equal, only the mean is returned:
// their spread cannot be estimated.
func PairedT(differences []float64) Difference {
	d := Difference{Mean(differences), math.NaN(), math.NaN(), math.NaN()}
	n := float64(len(differences))
	se := SD(differences) / math.Sqrt(n)
	if !(se > 1e-12*math.Abs(d.Mean)) { // none, or only rounding
		return d
	}
	t := distuv.StudentsT{Sigma: 1, Nu: n - 1}
	half := t.Quantile(0.975) * se
	d.Low, d.High = d.Mean-half, d.Mean+half
	d.P = 2 * t.CDF(-math.Abs(d.Mean)/se)
	return d
}

// Holm corrects the p-values of several hypotheses so that the chance of rejecting even
// one true hypothesis at p < 0.05 is at most 5 % (Holm, Scandinavian Journal of
// Statistics 6, 1979). NaN, a hypothesis that was not tested, stays NaN and is not
// counted.
func Holm(p []float64) []float64 {
	var order []int
	corrected := slices.Clone(p)
	for i, v := range p {
		if !math.IsNaN(v) {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	largest := 0.0
	for rank, i := range order {
		largest = max(largest, min(1, p[i]*float64(len(order)-rank)))
		corrected[i] = largest
	}
	return corrected
}

// SeedsNeeded returns how many seeds a paired t-test needs to find, at p < alpha and with
// a probability of 80 %, a difference of the mean and spread of those given; 1001 if
// that is more than 1,000.
func SeedsNeeded(differences []float64, alpha float64) int {
	effect := math.Abs(Mean(differences)) / SD(differences)
	n := 2
	for ; n <= 1000; n++ {
		t := distuv.StudentsT{Sigma: 1, Nu: float64(n - 1)}
		if effect*math.Sqrt(float64(n)) >= t.Quantile(1-alpha/2)+t.Quantile(0.8) {
			break
		}
	}
	return n
}
