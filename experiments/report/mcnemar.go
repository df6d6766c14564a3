package report

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/stat/distuv"
)

// McNemar compares two classifiers on the same test images: onlyA and onlyB
// count the images that a alone, and b alone, got right, and p is McNemar's p of
// them. Rows that are not of the same images in the same order are an error.
func McNemar(a, b []PredictionRow) (onlyA, onlyB int, p float64, err error) {
	if len(a) != len(b) || len(a) == 0 {
		return 0, 0, math.NaN(), errors.Errorf(
			"mcnemar: %d and %d predictions, want as many of the same test images", len(a), len(b))
	}
	for i := range a {
		if a[i].Index != b[i].Index || a[i].Label != b[i].Label {
			return 0, 0, math.NaN(), errors.Errorf("mcnemar: row %d: image %d (label %d) against image %d (label %d), "+
				"want the same test images in the same order", i+1, a[i].Index, a[i].Label, b[i].Index, b[i].Label)
		}
		rightA, rightB := a[i].Predicted == a[i].Label, b[i].Predicted == b[i].Label
		switch {
		case rightA && !rightB:
			onlyA++
		case rightB && !rightA:
			onlyB++
		}
	}
	return onlyA, onlyB, mcnemarP(onlyA, onlyB), nil
}

// mcnemarP is the two-sided p-value of McNemar's test (Psychometrika 12, 1947)
// in its exact form: how probable it is, were both classifiers equally good,
// that onlyA + onlyB images fall at least as unequally, each by the toss of a
// coin. Twice the smaller tail, at most 1; NaN of negative counts.
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

// CombineP is one p-value for several of one hypothesis: twice their median, at
// most 1, which holds however they depend on one another, as those of seeds do
// that share their test images (Vovk and Wang, Biometrika 107, 2020). One p-value
// is its own; NaN of none.
func CombineP(p []float64) float64 {
	if len(p) == 1 {
		return p[0]
	}
	return min(1, 2*median(p))
}
