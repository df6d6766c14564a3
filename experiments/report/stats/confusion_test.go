package stats

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestConfusionCountsActualByPredicted(t *testing.T) {
	c := NewConfusion(3)
	c.Add([]int{0, 0, 0, 1, 1}, []int{0, 1, 0, 0, 1})
	if diff := cmp.Diff([][]int{{2, 1, 0}, {1, 1, 0}, {0, 0, 0}}, c.Counts); diff != "" {
		t.Error(diff)
	}
	if images, correct := c.Total(); images != 5 || correct != 3 {
		t.Errorf("%d of %d right, want 3 of 5", correct, images)
	}
}

func TestConfusionsOfSeedsAdd(t *testing.T) {
	c := NewConfusion(2)
	for _, predicted := range [][]int{{1, 1}, {0, 1}} {
		c.Add([]int{0, 1}, predicted)
	}
	if diff := cmp.Diff(Confusion{[][]int{{1, 1}, {0, 2}}, 2}, c); diff != "" {
		t.Error(diff)
	}
}

// TestIntervalsAreThoseOfOneTestSet has the images of one test set three times.
func TestIntervalsAreThoseOfOneTestSet(t *testing.T) {
	for _, runs := range []int{1, 3} {
		c := Confusion{Counts: [][]int{{9 * runs, runs}, {0, 0}}, Runs: runs}
		if images, correct := c.Class(0); images != 10*runs || correct != 9*runs || c.PerRun(images) != 10 {
			t.Errorf("%d runs: %d of %d", runs, correct, images)
		}
		accuracy, low, high := c.Accuracy(0)
		near(t, "accuracy", accuracy, 0.9)
		near(t, "low", low, 0.595850) // Wilson's interval of 9 in 10, worked by hand
		near(t, "high", high, 0.982124)
		accuracy, low, high = c.Accuracy(1)
		for _, v := range []float64{accuracy, low, high} {
			near(t, "a class without images", v, math.NaN())
		}
	}
}
