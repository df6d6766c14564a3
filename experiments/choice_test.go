package experiments

import (
	"math"
	"os"
	"strings"
	"testing"

	"cnnlab/experiments/report"
)

// swept is what a sweep found at a rate, a run for each val accuracy.
func swept(lr, valLoss float64, val ...float64) *group {
	r := &group{LR: lr}
	for _, v := range val {
		r.Runs = append(r.Runs, report.RunRow{Status: report.StatusDone})
		r.Val, r.ValLoss, r.Test = append(r.Val, v), append(r.ValLoss, valLoss), append(r.Test, 1-v)
	}
	return r
}

func TestTheBestRateIsChosenOnVal(t *testing.T) {
	broken := swept(0.1, 0, 0.99)
	broken.Runs = append(broken.Runs, report.RunRow{Status: report.StatusDiverged})
	for name, c := range map[string]struct {
		rates []*group
		want  float64
	}{
		"the highest mean":         {[]*group{swept(0.01, 0, 0.90, 0.96), swept(0.03, 0, 0.94, 0.94), swept(0.1, 0, 0.99, 0.80)}, 0.03},
		"a tie by val loss":        {[]*group{swept(0.01, 0.3, 0.9), swept(0.03, 0.2, 0.9), swept(0.1, 0.4, 0.9)}, 0.03},
		"not Gorgonia's default":   {[]*group{swept(gorgoniaRate, 0, 0.99), swept(0.03, 0, 0.9)}, 0.03},
		"not with a diverged seed": {[]*group{broken, swept(0.03, 0, 0.9)}, 0.03},
		"none":                     {[]*group{broken, swept(gorgoniaRate, 0, 0.9)}, 0},
	} {
		got := 0.0
		if best := choose(c.rates); best != nil {
			got = best.LR
		}
		if got != c.want {
			t.Errorf("%s: chose %v, want %v", name, got, c.want)
		}
	}
}

func TestWhyNoRateIsChosenIsSaid(t *testing.T) {
	diverged := &group{LR: 0.1, Runs: []report.RunRow{{Status: report.StatusDiverged}}}
	for _, c := range []struct {
		rates []*group
		ended bool
		want  string
	}{
		{[]*group{swept(0.01, 0, 0.9), diverged}, true, "Chosen on val: learning rate 0.01."},
		{[]*group{swept(gorgoniaRate, 0, 0.9), diverged}, true, "none but 0.001, Gorgonia's default, came to its end"},
		{[]*group{diverged}, true, "at each of them a run diverged"},
		{[]*group{diverged}, false, "not every run has ended"},
	} {
		if got := choiceText(c.ended, c.rates, choose(c.rates)); !strings.Contains(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestErrorBarsStandAtTheirRates whatever the number of seeds at the others.
func TestErrorBarsStandAtTheirRates(t *testing.T) {
	f := accuracyByRate(&Outcome{Set: testSet}, []*group{swept(0.01, 0, 0.9), swept(0.03, 0, 0.9, 0.94)}, nil)
	for _, s := range f.Series {
		if len(s.ErrorBars) != len(s.X) || !math.IsNaN(s.ErrorBars[0]) || !(s.ErrorBars[1] > 0) {
			t.Errorf("%s: bars %v at %v, want none at 0.01 and one at 0.03", s.Name, s.ErrorBars, s.X)
		}
	}
}

// TestAChoiceOfAnotherSweepGoes where this one chooses nothing.
func TestAChoiceOfAnotherSweepGoes(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		status report.Status // of one of the two runs
		stays  bool
	}{
		"of another plan, all ended":     {`{"lr": 0.03, "runs": ["x"], "against": ["b"]}`, report.StatusDiverged, false},
		"of this plan before, all ended": {`{"lr": 0.03, "runs": ["a"], "against": ["b"]}`, report.StatusDiverged, false},
		"of another plan":                {`{"lr": 0.03, "runs": ["x"], "against": ["b"]}`, report.StatusRunning, false},
		"of a larger plan":               {`{"lr": 0.03, "runs": ["a"], "against": ["b", "x"]}`, report.StatusRunning, false},
		"of this plan, by another":       {`{"lr": 0.03, "runs": ["a"], "against": ["b"]}`, report.StatusRunning, true},
		"unreadable":                     {`{`, report.StatusRunning, false},
	} {
		o := &Outcome{Dir: t.TempDir(), labels: map[string]string{"a": "", "b": ""},
			Runs: []report.RunRow{{Run: "a", Status: c.status}, {Run: "b", Status: report.StatusDiverged}}}
		if err := os.WriteFile(o.path("chosen.json"), []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		for range 2 { // also where there is none
			if err := o.writeChoice(nil); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := os.Stat(o.path("chosen.json")); (err == nil) != c.stays {
			t.Errorf("%s: stays %t, want %t", name, err == nil, c.stays)
		}
	}
}
