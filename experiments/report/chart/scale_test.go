package chart

import (
	"math"
	"strings"
	"testing"
)

func TestDivergedRunDoesNotFlattenTheOthers(t *testing.T) {
	good := Series{X: []float64{1, 2, 3}, Y: []float64{2.3, 1, 0.2}}
	wild := Series{X: []float64{1, 2, 3}, Y: []float64{2.3, 80, 1e20}, EndMark: "diverged at step 3"}
	if y := (Figure{Series: []Series{good, wild}}).yScale(); y.max > 3 {
		t.Errorf("axis up to %v, want it by the curve that learns", y.max)
	}
	if y := (Figure{Series: []Series{wild}}).yScale(); y.max > 1000 || y.max < 80 {
		t.Errorf("axis up to %v, want it by the middle of the curve", y.max)
	}
}

func TestPercentAxisEndsAtHundred(t *testing.T) {
	s := Series{X: []float64{1, 2, 3}, Y: []float64{0.9, 0.99, 1}}
	for _, log := range []bool{false, true} {
		y := Figure{Percent: true, LogY: log, Series: []Series{s}}.yScale()
		if top := y.value(y.max); math.Abs(top-1) > 1e-9 {
			t.Errorf("axis up to %v, want 1", top)
		}
	}
}

// TestABandDoesNotOpenTheAxisBeyondHundred though it reaches there.
func TestABandDoesNotOpenTheAxisBeyondHundred(t *testing.T) {
	for _, s := range []Series{
		{X: []float64{1, 2}, Y: []float64{0.9, 0.99}, Band: []float64{0.01, 0.03}},
		{X: []float64{1, 2}, Y: []float64{0.9, 0.99}, ErrorBars: []float64{0.01, 0.03}},
	} {
		y := Figure{Percent: true, Series: []Series{s}}.yScale()
		near(t, "max", y.max, 1)
		if y.min > 0.89 {
			t.Errorf("axis from %v, want the whole band below", y.min)
		}
	}
}

func TestTicksAreRoundNumbers(t *testing.T) {
	for _, test := range []struct {
		values  []float64
		log     bool
		percent bool
		want    string
	}{
		{[]float64{0, 1100}, false, false, "0 200 400 600 800 1000"},
		{[]float64{0.95, 0.99}, false, true, "95.0 % 95.5 % 96.0 % 96.5 % 97.0 % 97.5 % 98.0 % 98.5 % 99.0 %"},
		{[]float64{0.91, 0.987}, false, true, "91 % 92 % 93 % 94 % 95 % 96 % 97 % 98 %"},
		{[]float64{0.0003, 0.3}, true, false, "0.001 0.01 0.1"},
		{[]float64{0.005, 1}, true, true, "0.5 % 1 % 2 % 5 % 10 % 20 % 50 % 100 %"},
		{[]float64{1e-7, 1e3}, true, false, "1e-06 1e-04 1e-02 1e+00 1e+02"},
		{[]float64{0.3, 0.4}, true, false, "0.30 0.32 0.34 0.36 0.38 0.40"},
		{[]float64{-1, 1}, false, false, "-1.0 -0.5 0.0 0.5 1.0"},
	} {
		var labels []string
		for _, tick := range newScale(test.values, test.log, 0).ticks(test.percent) {
			if tick.Label != "" {
				labels = append(labels, tick.Label)
			}
		}
		if got := strings.Join(labels, " "); got != test.want {
			t.Errorf("%v log %t: ticks %s, want %s", test.values, test.log, got, test.want)
		}
	}
}

func TestEpochsHaveWholeTicks(t *testing.T) {
	for _, test := range []struct {
		x    []float64
		want string
	}{
		{[]float64{1, 2, 3}, "1 2 3"},
		{[]float64{1, 2}, "1 2"},
		{[]float64{1}, "1"},
		{[]float64{1, 5, 10}, "| 2 | 4 | 6 | 8 | 10"},
		{[]float64{1, 12}, "| 2 | 4 | 6 | 8 | 10 | 12"},
		{[]float64{1, 40}, "| | | | 5 | | | | 10 | | | | 15 | | | | 20 | | | | 25 | | | | 30 | | | | 35 | | | | 40"}, // none at 0
		{[]float64{0, 40}, "0 | | | | 5 | | | | 10 | | | | 15 | | | | 20 | | | | 25 | | | | 30 | | | | 35 | | | | 40"},
		{[]float64{0.5, 1.5}, "0.6 0.8 1.0 1.2 1.4"},
	} {
		s := Series{X: test.x, Y: make([]float64, len(test.x)), Points: true}
		var marks []string
		for _, tick := range (Figure{Series: []Series{s}}).xScale().ticks(false) {
			switch {
			case tick.Label != "":
				marks = append(marks, tick.Label)
			case !strings.Contains(test.want, "."):
				marks = append(marks, "|")
			}
		}
		if got := strings.Join(marks, " "); got != test.want {
			t.Errorf("%v: ticks %s, want %s", test.x, got, test.want)
		}
	}
}

func TestANarrowPercentAxisSpansAPoint(t *testing.T) {
	for _, test := range []struct{ low, high, min, max float64 }{
		{0.9963, 0.9964, 0.99, 1},
		{0.9001, 0.9003, 0.8952, 0.9052},
		{0.5, 0.5, 0.446, 0.554}, // newScale's room for one value
	} {
		y := Figure{Percent: true, Series: []Series{{X: []float64{1, 2}, Y: []float64{test.low, test.high}}}}.yScale()
		near(t, "min", y.min, test.min)
		near(t, "max", y.max, test.max)
	}
}
