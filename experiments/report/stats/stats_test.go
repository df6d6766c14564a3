package stats

import (
	"math"
	"testing"
)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-4) && !(math.IsNaN(got) && math.IsNaN(want)) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestMeanAndSDOfAHandWorkedSample(t *testing.T) {
	values := []float64{2, 4, 4, 4, 5, 5, 7, 9} // squares about the mean sum to 32
	near(t, "mean", Mean(values), 5)
	near(t, "sd", SD(values), math.Sqrt(32.0/7))
	near(t, "sd of one", SD(values[:1]), math.NaN())
	near(t, "mean of none", Mean(nil), math.NaN())
}

// The expected intervals are roots of |p − x/n| = z √(p(1−p)/n), by bisection.
func TestWilsonSolvesItsEquation(t *testing.T) {
	const z = 1.95996398454
	for _, test := range []struct {
		accuracy float64
		n        int
	}{{0.985, 10000}, {1, 100}, {0, 50}, {0.5, 2}, {0.9, 30}} {
		excess := func(p float64) float64 {
			return math.Abs(p-test.accuracy) - z*math.Sqrt(p*(1-p)/float64(test.n))
		}
		root := func(inside, outside float64) float64 {
			for range 200 {
				middle := (inside + outside) / 2
				if excess(middle) > 0 {
					outside = middle
				} else {
					inside = middle
				}
			}
			return inside
		}
		low, high := Wilson(test.accuracy, test.n)
		near(t, "low", low, root(test.accuracy, 0))
		near(t, "high", high, root(test.accuracy, 1))
		if low < 0 || high > 1 || low > test.accuracy || high < test.accuracy {
			t.Errorf("accuracy %v of %d: interval %v..%v", test.accuracy, test.n, low, high)
		}
	}
	for _, bad := range []float64{math.NaN(), -0.1, 1.1} {
		low, _ := Wilson(bad, 10)
		near(t, "no fraction", low, math.NaN())
	}
	low, _ := Wilson(0.5, 0)
	near(t, "of none", low, math.NaN())
}
