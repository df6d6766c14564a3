package outcome

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"cnnlab/experiments/report/chart"
	"cnnlab/experiments/report/runs"
)

// seedsWith are runs of one variant with these statuses, each at 90 % on val.
func seedsWith(o *Outcome, statuses ...runs.Status) {
	o.variants, o.epochs = make(map[string]string), make(map[string][]runs.EpochRow)
	for i, status := range statuses {
		row := runs.RunRow{Run: fmt.Sprint("plain", i), Status: status, Config: runs.Config{Seed: uint64(i)}}
		if status == runs.StatusDone {
			row.ValAccuracy, row.TestAccuracy, row.TestLoss = new(0.9), new(0.8), new(0.5)
		}
		o.Runs = append(o.Runs, row)
		o.variants[row.Run] = "plain"
		o.epochs[row.Run] = []runs.EpochRow{{Epoch: 1, TrainAccuracy: 0.95, ValAccuracy: 0.9}}
	}
}

func TestAGroupHasAccuraciesOnceAllItsSeedsAreDone(t *testing.T) {
	const done, diverged, running = runs.StatusDone, runs.StatusDiverged, runs.StatusRunning
	for _, c := range []struct {
		statuses []runs.Status
		status   string
		val      string
		endMark  string // in a picture, where every run ends
		remark   string // beside a curve that goes on
	}{
		{[]runs.Status{done}, "done", "90.00 %", "", ""},
		{[]runs.Status{done, done, done}, "done", "90.00 ± 0.00 %", "", ""},
		{[]runs.Status{diverged}, "diverged", "–", "diverged", ""},
		{[]runs.Status{diverged, diverged}, "diverged", "–", "diverged", ""},
		{[]runs.Status{done, diverged, done}, "1 of 3 diverged", "–", "", "1 of 3 diverged"},
		{[]runs.Status{diverged, running, done}, "1 of 3 diverged, 1 of 3 running", "–", "", "1 of 3 diverged, 1 of 3 running"},
		{[]runs.Status{done, done, ""}, "1 of 3 missing", "–", "", ""},
	} {
		o := new(Outcome)
		seedsWith(o, c.statuses...)
		g := o.Groups(o.ByVariant)[0]
		s := g.mark(chart.Series{})
		if g.Status() != c.status || meanSD(g.Val) != c.val || s.EndMark != c.endMark || s.Remark != c.remark || g.Done() != (c.status == "done") {
			t.Errorf("%v: %s, val %s, marks %q %q; want %+v", c.statuses, g.Status(), meanSD(g.Val), s.EndMark, s.Remark, c)
		}
	}
}

// TestARunAtChanceIsSaidToBeSo: its train loss is still ln 2.
func TestARunAtChanceIsSaidToBeSo(t *testing.T) {
	const done, diverged = runs.StatusDone, runs.StatusDiverged
	for _, c := range []struct {
		statuses []runs.Status
		losses   []float64
		want     string
	}{
		{[]runs.Status{done, done}, []float64{0.1, 0.2}, "done"},
		{[]runs.Status{done, done}, []float64{0.1, 0.69}, "done, but 1 of 2 at chance at the end"},
		{[]runs.Status{done}, []float64{0.7}, "done, at chance at the end"},
		{[]runs.Status{diverged, done, done}, []float64{9, 0.693, 0.694}, "1 of 3 diverged, 2 of 3 at chance at the end"},
	} {
		o := &Outcome{Dataset: tiny}
		seedsWith(o, c.statuses...)
		for i, row := range o.Runs {
			o.epochs[row.Run] = []runs.EpochRow{{Epoch: 1, Step: 10, TrainLoss: c.losses[i]}}
		}
		if got := o.Groups(o.ByVariant)[0].State(); got != c.want {
			t.Errorf("%v %v: %q, want %q", c.statuses, c.losses, got, c.want)
		}
	}
}

func TestMeanCurveIsOverTheRunsThatGoOn(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		curves   [][]float64
		mean, sd []float64
	}{
		{nil, nil, nil},
		{[][]float64{{1, 2, 3}, {3, 4}}, []float64{2, 3, 3}, []float64{math.Sqrt2, math.Sqrt2, nan}},
		{[][]float64{{1, 2, 3}, {3, nan}, {5, inf}}, []float64{3, 2, 3}, []float64{2, nan, nan}},
		{[][]float64{{1, nan}, {3, nan}}, []float64{2, nan}, []float64{math.Sqrt2, nan}},
		{[][]float64{nil, {7}}, []float64{7}, []float64{nan}},
	} {
		mean, sd := meanCurve(c.curves)
		same := func(a, b float64) bool { return math.Abs(a-b) < 1e-12 || math.IsNaN(a) && math.IsNaN(b) }
		if !slices.EqualFunc(mean, c.mean, same) || !slices.EqualFunc(sd, c.sd, same) {
			t.Errorf("%v: %v and %v, want %v and %v", c.curves, mean, sd, c.mean, c.sd)
		}
	}
}
