package chart

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The expected means are summed point by point.
func TestSmoothIsTheMeanOfHalfAWindowOnEitherSide(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, 5, 17, 60, 101} {
		y := make([]float64, n)
		for i := range y {
			y[i] = rng.NormFloat64()
		}
		for _, window := range []int{0, 1, 2, 3, 8, 9, 59, 400} {
			for i, got := range smooth(y, window) {
				half := min(window/2, i)
				sum, points := 0.0, 0
				for j := i - half; j <= i+half && j < n; j++ {
					sum, points = sum+y[j], points+1
				}
				if want := sum / float64(points); math.Abs(got-want) > 1e-12 {
					t.Errorf("%d points, window %d: %v at %d, want %v", n, window, got, i, want)
				}
			}
		}
	}
}

// TestSmoothIsNotLate: of a straight line the mean is the line, from its start to
// half a window before its end.
func TestSmoothIsNotLate(t *testing.T) {
	y := make([]float64, 50)
	for i := range y {
		y[i] = 3 - float64(i)/20
	}
	for i, got := range smooth(y, 11)[:45] {
		near(t, "line", got, y[i])
	}
}

func TestSmoothBreaksWhereTheCurveDoes(t *testing.T) {
	for _, broken := range []float64{math.NaN(), math.Inf(1)} {
		got := smooth([]float64{1, 3, broken, broken, 5, 6, 10}, 3)
		for i, want := range []float64{1, 2, math.NaN(), math.NaN(), 5, 7, 8} {
			near(t, "broken", got[i], want)
		}
	}
}

func TestSmoothOutlivesASpike(t *testing.T) {
	y := []float64{2, 2, 1e20, 2, 2, 2, 2, 2}
	got := smooth(y, 3)
	for i, want := range []float64{2, 1e20 / 3, 1e20 / 3, 1e20 / 3, 2, 2, 2, 2} {
		if math.Abs(got[i]-want) > 1e-12*want {
			t.Errorf("%v at %d, want %v", got[i], i, want)
		}
	}
}
