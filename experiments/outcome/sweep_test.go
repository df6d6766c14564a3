package outcome

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cnnlab/experiments/report/chart"
	"cnnlab/experiments/report/runs"
)

// reference is a rate that is not chosen.
const reference = 0.001

// swept is what a sweep found at a rate, a run for each val accuracy.
func swept(lr, valLoss float64, val ...float64) *Group {
	r := &Group{LR: lr}
	for _, v := range val {
		r.Runs = append(r.Runs, runs.RunRow{Status: runs.StatusDone, Config: runs.Config{Epochs: 1}})
		r.Val, r.ValLoss, r.Test = append(r.Val, v), append(r.ValLoss, valLoss), append(r.Test, 1-v)
	}
	return r
}

// sweepOf is a sweep that found these rates.
func sweepOf(ended bool, rates ...*Group) Sweep {
	s := Sweep{Rates: rates, reference: reference, referenceName: "Gorgonia's default", o: &Outcome{Dataset: Dataset{ValImages: 5000}}}
	if !ended {
		s.o.Runs = []runs.RunRow{{Status: runs.StatusRunning}}
		return s
	}
	s.best = s.choose()
	return s
}

func TestTheBestRateIsChosenOnVal(t *testing.T) {
	broken := swept(0.1, 0, 0.99)
	broken.Runs = append(broken.Runs, runs.RunRow{Status: runs.StatusDiverged})
	for name, c := range map[string]struct {
		rates []*Group
		want  float64
	}{
		"the highest mean":         {[]*Group{swept(0.01, 0, 0.90, 0.96), swept(0.03, 0, 0.94, 0.94), swept(0.1, 0, 0.99, 0.80)}, 0.03},
		"a tie by val loss":        {[]*Group{swept(0.01, 0.3, 0.9), swept(0.03, 0.2, 0.9), swept(0.1, 0.4, 0.9)}, 0.03},
		"a tie to the smaller":     {[]*Group{swept(0.03, 0.2, 0.9), swept(0.01, 0.2, 0.9)}, 0.01},
		"not the reference":        {[]*Group{swept(reference, 0, 0.99), swept(0.03, 0, 0.9)}, 0.03},
		"not with a diverged seed": {[]*Group{broken, swept(0.03, 0, 0.9)}, 0.03},
		"none":                     {[]*Group{broken, swept(reference, 0, 0.9)}, 0},
	} {
		got := 0.0
		if best := sweepOf(true, c.rates...).best; best != nil {
			got = best.LR
		}
		if got != c.want {
			t.Errorf("%s: chose %v, want %v", name, got, c.want)
		}
	}
}

// TestRatesThatCannotBeToldApartAreSaid: over three seeds, 0.03 is now above and now
// below 0.01, while 0.1 is below it by the same half point each time. With one seed, the
// noise of 5,000 images at 98 % is 1.96·√(2·0.98·0.02/5000) = 0.55 points.
func TestRatesThatCannotBeToldApartAreSaid(t *testing.T) {
	three := sweepOf(true, swept(0.01, 0, 0.980, 0.982, 0.984), swept(0.03, 0, 0.983, 0.980, 0.982), swept(0.1, 0, 0.9751, 0.9770, 0.9789)).Text()
	for _, want := range []string{"learning rate 0.01. The data do not tell it apart from 0.03 (98.17 ± 0.15 %) (paired t-test over 3 seeds", "mean val accuracy is the highest"} {
		if !strings.Contains(three, want) || strings.Contains(three, "0.1 (") {
			t.Errorf("%q, want %q and nothing of 0.1", three, want)
		}
	}
	one := sweepOf(true, swept(0.01, 0, 0.98), swept(0.03, 0, 0.975), swept(0.1, 0, 0.974)).Text()
	if want := "from 0.03 (97.50 %) (one seed: allowing for the choice of the 5,000 val images only"; !strings.Contains(one, want) || strings.Contains(one, "0.1 (") {
		t.Errorf("%q, want %q and nothing of 0.1", one, want)
	}
	if alone := sweepOf(true, swept(0.01, 0, 0.98), swept(reference, 0, 0.98)).Text(); alone != "Chosen on val: learning rate 0.01." {
		t.Errorf("%q", alone)
	}
}

// TestNothingIsChosenWhereNothingWasTrained, and the reason is said.
func TestNothingIsChosenWhereNothingWasTrained(t *testing.T) {
	untrained := swept(0.01, 2.3, 0.12)
	untrained.Runs[0].Epochs = 0
	s := sweepOf(true, untrained)
	if s.best != nil || s.Text() != "No rate is chosen: with -epochs 0 nothing was trained." {
		t.Errorf("chose %v: %s", s.best, s.Text())
	}
}

func TestASweepSaysWhyNoRateIsChosen(t *testing.T) {
	diverged := &Group{LR: 0.1, Runs: []runs.RunRow{{Status: runs.StatusDiverged}}}
	for _, c := range []struct {
		s    Sweep
		want string
	}{
		{sweepOf(true, swept(0.01, 0, 0.9), diverged), "Chosen on val: learning rate 0.01."},
		{sweepOf(true, swept(reference, 0, 0.9), diverged), "at every rate except 0.001 (Gorgonia's default, not a candidate), a run diverged"},
		{sweepOf(true, diverged), "at every rate, a run diverged"},
		{sweepOf(false, diverged), "not every run has ended"},
	} {
		if got := c.s.Text(); !strings.Contains(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestErrorBarsStandAtTheirRates whatever the number of seeds at the others.
func TestErrorBarsStandAtTheirRates(t *testing.T) {
	f := sweepOf(true, swept(0.01, 0, 0.9), swept(0.03, 0, 0.9, 0.94)).AccuracyByRate().Drawing.(chart.Figure)
	for _, s := range f.Series {
		if len(s.ErrorBars) != len(s.X) || !math.IsNaN(s.ErrorBars[0]) || !(s.ErrorBars[1] > 0) {
			t.Errorf("%s: bars %v at %v, want none at 0.01 and one at 0.03", s.Name, s.ErrorBars, s.X)
		}
	}
}

// TestAChoiceOfAnotherSweepGoes if this one chooses nothing.
func TestAChoiceOfAnotherSweepGoes(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		status  runs.Status // of one of the two runs
		stays   bool
	}{
		"of another plan, all ended":     {`{"lr": 0.03, "runs": ["x"], "against": ["b"]}`, runs.StatusDiverged, false},
		"of this plan before, all ended": {`{"lr": 0.03, "runs": ["a"], "against": ["b"]}`, runs.StatusDiverged, false},
		"of another plan":                {`{"lr": 0.03, "runs": ["x"], "against": ["b"]}`, runs.StatusRunning, false},
		"of a larger plan":               {`{"lr": 0.03, "runs": ["a"], "against": ["b", "x"]}`, runs.StatusRunning, false},
		"of this plan, by another":       {`{"lr": 0.03, "runs": ["b"], "against": ["a"]}`, runs.StatusRunning, true},
		"unreadable":                     {`{`, runs.StatusRunning, false},
	} {
		o := &Outcome{dir: t.TempDir(), Runs: []runs.RunRow{{Run: "a", Status: c.status}, {Run: "b", Status: runs.StatusDiverged}}}
		path := filepath.Join(o.dir, runs.ChoiceName)
		if err := os.WriteFile(path, []byte(c.content), 0o666); err != nil {
			t.Fatal(err)
		}
		for range 2 { // also where there is none
			page := Page{Files: o.Sweep(reference, "").Choice()}
			if err := page.Write(o.dir, nil, new(strings.Builder), new(strings.Builder)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := os.Stat(path); (err == nil) != c.stays {
			t.Errorf("%s: stays %t, want %t", name, err == nil, c.stays)
		}
	}
}
