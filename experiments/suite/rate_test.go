package suite

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cnnlab/experiments/report/runs"
)

// The experiments after a sweep: one on its data set, one on another that keeps the
// rate.
var (
	after   = Training{Name: "baseline", Dataset: "mnist", Defaults: defaults, Sweep: &sweep, Variants: AsIs}
	keeping = Training{Name: "cifar", Dataset: "cifar-10", Defaults: defaults, Sweep: &sweep, KeepRate: true, Variants: AsIs}
)

// sweepChose writes a chosen.json as a sweep on that data set would.
func sweepChose(t *testing.T, out, dataset, content string) {
	t.Helper()
	dir, err := makeDir(out, sweep.directory(dataset))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, runs.ChoiceName), []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestTheRateComesFromTheSweep(t *testing.T) {
	o := NewOptions()
	o.Out = t.TempDir()
	rates := func(e Training, dataset string) (float64, string) {
		r, notes, err := e.rates(o, dataset)
		if err != nil || len(r) != 1 {
			t.Fatal(r, err)
		}
		return r[0], strings.Join(notes, "\n")
	}
	if lr, note := rates(after, "mnist"); lr != defaultRate || !strings.Contains(note, "the default: no sweep in") {
		t.Errorf("without a sweep: %v, %s", lr, note)
	}
	sweepChose(t, o.Out, "mnist", `{"lr": 0.03, "config": {"dataset": "mnist", "train_images": 55000, "channels": [32, 64], "kernel": 3, "hidden": 64,
		"batch": 100, "epochs": 2, "solver": "sgd", "schedule": "constant", "momentum": 0.9, "shuffle": true, "ops": "fast", "seed": 9}}`)
	sweepChose(t, o.Out, "cifar-10", `{"lr": 0.02}`)
	for _, c := range []struct {
		e       Training
		dataset string
		want    float64
		note    string
	}{
		{after, "mnist", 0.03, "Learning rate 0.03, chosen by lr-sweep (lr-sweep/chosen.json)."},
		{after, "mnist", 0.03, " The sweep trained for 2 epochs, this experiment trains for 0. The sweep used -hidden 64 (here 128)."},
		{after, "fashion-mnist", 0.03, "The sweep used -dataset mnist (here fashion-mnist) and -hidden 64 (here 128)."},
		{after, "cifar-10", 0.02, "The sweep on mnist chose 0.03."},
		{keeping, "cifar-10", 0.03, "The sweep on cifar-10 chose 0.02."},
	} {
		if lr, note := rates(c.e, c.dataset); lr != c.want || !strings.Contains(note, c.note) || strings.Contains(note, o.Out) {
			t.Errorf("%s on %s: %v, %s", c.e.Name, c.dataset, lr, note)
		}
	}
	o.Rates = []float64{0.5, 0.6}
	if given, _, err := after.rates(o, "mnist"); err != nil || !slices.Equal(given, o.Rates) {
		t.Errorf("given rates: %v %v", given, err)
	}
}

func TestABrokenChoiceIsAnError(t *testing.T) {
	for _, content := range []string{"", "{}", `{"lr": -1}`, `{"lr": "x"}`, "<html>"} {
		o := NewOptions()
		o.Out = t.TempDir()
		sweepChose(t, o.Out, "mnist", content)
		if _, _, err := after.rates(o, "mnist"); err == nil {
			t.Errorf("accepted %q", content)
		}
	}
}
