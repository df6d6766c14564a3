package experiments

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sweepChose writes a chosen.json as a sweep on that data set would.
func sweepChose(t *testing.T, out, dataset, text string) {
	t.Helper()
	dir := filepath.Join(out, directory(lrSweep, dataset))
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "chosen.json"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestTheKeptRateComesFromTheSweep(t *testing.T) {
	out := t.TempDir()
	rates := func(e Experiment, dataset string) (float64, string) {
		r, notes, err := Options{Experiment: e, Out: out}.rates(dataset)
		if err != nil || len(r) != 1 {
			t.Fatal(r, err)
		}
		return r[0], strings.Join(notes, "\n")
	}
	if lr, note := rates(baseline, "mnist"); lr != defaultRate || !strings.Contains(note, "the default: there is no sweep") {
		t.Errorf("without a sweep: %v, %s", lr, note)
	}
	sweepChose(t, out, "mnist", `{"lr": 0.03}`)
	sweepChose(t, out, "cifar-10", `{"lr": 0.02}`)
	for _, c := range []struct {
		e       Experiment
		dataset string
		want    float64
		note    string
	}{
		{baseline, "mnist", 0.03, "kept from lr-sweep/chosen.json"},
		{baseline, "fashion-mnist", 0.03, "dataset  (here fashion-mnist)"},
		{baseline, "cifar-10", 0.02, "The sweep on mnist chose 0.03."},
		{cifar, "cifar-10", 0.03, "The sweep on cifar-10 chose 0.02."},
	} {
		if lr, note := rates(c.e, c.dataset); lr != c.want || !strings.Contains(note, c.note) || strings.Contains(note, out) {
			t.Errorf("%s on %s: %v, %s", c.e.Name, c.dataset, lr, note)
		}
	}
	given, _, err := Options{Experiment: baseline, Out: out, Rates: []float64{0.5, 0.6}}.rates("mnist")
	if err != nil || !slices.Equal(given, []float64{0.5, 0.6}) {
		t.Errorf("given rates: %v %v", given, err)
	}
}

func TestABrokenChoiceIsAnError(t *testing.T) {
	for _, text := range []string{"", "{}", `{"lr": -1}`, `{"lr": "x"}`, "<html>"} {
		out := t.TempDir()
		sweepChose(t, out, "mnist", text)
		if _, _, err := (Options{Experiment: baseline, Out: out}).rates("mnist"); err == nil {
			t.Errorf("accepted %q", text)
		}
	}
}

func TestRegularisationIsTwoByTwo(t *testing.T) {
	c := regularized.Defaults
	got := map[string][3]float64{}
	for _, v := range regularizedVariants(c, []float64{0.1}) {
		got[v.Label] = [3]float64{v.Config.ConvDropout, v.Config.Dropout, v.Config.WeightDecay}
		same := v.Config
		same.ConvDropout, same.Dropout, same.WeightDecay, same.LR = c.ConvDropout, c.Dropout, c.WeightDecay, c.LR
		if v.Config.LR != 0.1 || runID("", same, testSet) != runID("", c, testSet) {
			t.Errorf("%s differs in more than dropout and decay", v.Label)
		}
	}
	want := map[string][3]float64{"none": {}, "dropout": {0.25, 0.5, 0}, "decay": {0, 0, 5e-4}, "both": {0.25, 0.5, 5e-4}}
	if len(got) != 4 {
		t.Errorf("%v", got)
	}
	for label, v := range want {
		if got[label] != v {
			t.Errorf("%s is %v, want %v", label, got[label], v)
		}
	}
}
