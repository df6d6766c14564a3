package experiments

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"cnnlab/experiments/report"
)

// seedsWith are runs of one variant with these statuses, each at 90 % on val.
func seedsWith(o *Outcome, statuses ...report.Status) {
	o.labels, o.epochs = make(map[string]string), make(map[string][]report.EpochRow)
	for i, status := range statuses {
		row := report.RunRow{Run: fmt.Sprint("plain", i), Status: status, Config: Config{Seed: uint64(i)}}
		if status == report.StatusDone {
			row.ValAccuracy, row.TestAccuracy = new(0.9), new(0.8)
		}
		o.Runs = append(o.Runs, row)
		o.labels[row.Run] = "plain"
		o.epochs[row.Run] = []report.EpochRow{{Epoch: 1, TrainAccuracy: 0.95, ValAccuracy: 0.9}}
	}
}

func TestAGroupHasAccuraciesOnceAllItsSeedsAreDone(t *testing.T) {
	const done, diverged, running = report.StatusDone, report.StatusDiverged, report.StatusRunning
	for _, c := range []struct {
		statuses []report.Status
		status   string
		val      string
		endMark  string // in a picture, where every run ends
		remark   string // beside a curve that goes on
	}{
		{[]report.Status{done}, "done", "90.00 %", "", ""},
		{[]report.Status{done, done, done}, "done", "90.00 ± 0.00 %", "", ""},
		{[]report.Status{diverged}, "diverged", "–", "diverged", ""},
		{[]report.Status{diverged, diverged}, "diverged", "–", "diverged", ""},
		{[]report.Status{done, diverged, done}, "1 of 3 diverged", "–", "", "1 of 3 diverged"},
		{[]report.Status{diverged, running, done}, "1 of 3 diverged, 1 of 3 running", "–", "", "1 of 3 diverged, 1 of 3 running"},
		{[]report.Status{done, done, ""}, "1 of 3 missing", "–", "", ""},
	} {
		o := new(Outcome)
		seedsWith(o, c.statuses...)
		g := o.groups(o.label)[0]
		s := g.mark(report.Series{})
		if g.status() != c.status || meanSD(g.Val) != c.val || s.EndMark != c.endMark || s.Remark != c.remark || g.done() != (c.status == "done") {
			t.Errorf("%v: %s, val %s, marks %q %q; want %+v", c.statuses, g.status(), meanSD(g.Val), s.EndMark, s.Remark, c)
		}
	}
}

func TestMeanCurveIsOverTheRunsThatGoOn(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		curves [][]float64
		want   []float64
	}{
		{nil, nil},
		{[][]float64{{1, 2, 3}, {3, 4}}, []float64{2, 3, 3}},
		{[][]float64{{1, 2, 3}, {3, nan}, {5, inf}}, []float64{3, 2, 3}},
		{[][]float64{{1, nan}, {3, nan}}, []float64{2, nan}},
		{[][]float64{nil, {7}}, []float64{7}},
	} {
		got := meanCurve(c.curves)
		if !slices.EqualFunc(got, c.want, func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }) {
			t.Errorf("%v: %v, want %v", c.curves, got, c.want)
		}
	}
}

func TestCountsAreInTheSingularOfOne(t *testing.T) {
	for n, want := range []string{"0 seeds", "1 seed", "2 seeds"} {
		if got := count(n, "seed"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if one, two := allRuns(1), allRuns(2); one != "the only run" || two != "all 2 runs" {
		t.Errorf("%q, %q", one, two)
	}
}
