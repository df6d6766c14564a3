package outcome

import (
	"path/filepath"
	"strings"
	"testing"

	"cnnlab/experiments/report/runs"
)

// referenceOutcome reads the curves of a reference experiment; the predictions are not kept.
func referenceOutcome(t *testing.T, name string) *Outcome {
	t.Helper()
	dir := filepath.Join("..", "..", "results", "reference", name)
	o := &Outcome{Dataset: Dataset{Classes: make([]string, 10)}, variants: make(map[string]string),
		epochs: make(map[string][]runs.EpochRow), steps: make(map[string][]runs.StepRow)}
	var err error
	if o.Runs, err = runs.ReadRuns(filepath.Join(dir, "runs.csv")); err != nil {
		t.Fatal(err)
	}
	for _, row := range o.Runs {
		o.variants[row.Run], _, _ = strings.Cut(strings.TrimPrefix(row.Run, row.Dataset+"-"), "-lr")
	}
	epochs, err := runs.ReadEpochs(filepath.Join(dir, "epochs.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range epochs {
		o.epochs[row.Run] = append(o.epochs[row.Run], row)
	}
	for row, err := range runs.ReadSteps(filepath.Join(dir, "steps.csv")) {
		if err != nil {
			t.Fatal(err)
		}
		o.steps[row.Run] = append(o.steps[row.Run], row)
	}
	return o
}

// TestNoRuleFiresWronglyOnTheReferenceRuns lists all that the diagnosis finds there.
func TestNoRuleFiresWronglyOnTheReferenceRuns(t *testing.T) {
	findings := map[string][]string{
		"lr-sweep": {"- learning rate 0.3: 3 of 5 runs diverged", "- learning rate 0.3: 2 of 5 runs are at chance at the end",
			"- val loss still falling in the last epoch: learning rate 0.0003 "},
		"lr-sweep-fashion-mnist": {"- learning rate 0.3: 2 of 5 runs diverged", "- learning rate 0.3: 2 of 5 runs are at chance at the end",
			"- val loss still falling in the last epoch: learning rate 0.0003 "},
		"baseline":                  nil,
		"baseline-fashion-mnist":    {"- all: overfits: train accuracy 97.8 %"},
		"regularized-fashion-mnist": {"- none: overfits: train accuracy 99.2 %", "- decay: overfits: train accuracy 98.0 %", "- val loss still falling in the last epoch: both "},
		"regularized":               {"- none: overfits and has learned nearly all its training images"},
		"cifar":                     {"- plain: overfits and has learned nearly all its training images"},
		"cifar-fashion-mnist":       {"- plain: overfits and has learned nearly all its training images"},
		"recipe":                    nil,
		"recipe-wide":               nil,
		"recipe-fashion-mnist":      nil,
		"recipe-cifar-10":           nil,
		"recipe-cifar-10-parts":     {"- plain 0.006: overfits"},
		"recipe-cifar-10-wide":      nil,
		"recipe-cifar-10-deep":      nil,
	}
	results, err := filepath.Glob("../../results/reference/*/runs.csv")
	if err != nil || len(results) != len(findings) {
		t.Errorf("%d results are looked at, there are %d; %v", len(findings), len(results), err)
	}
	for name, want := range findings {
		o := referenceOutcome(t, name)
		by := o.ByVariant
		switch name {
		case "lr-sweep", "lr-sweep-fashion-mnist":
			by = ByRate
		case "baseline", "baseline-fashion-mnist":
			by = func(runs.RunRow) string { return "all" }
		}
		found := o.Diagnosis(o.Groups(by))
		if n := strings.Count(found, "\n- "); n != len(want) {
			t.Errorf("%s: %d findings, want %d:\n%s", name, n, len(want), found)
		}
		for _, w := range want {
			if !strings.Contains(found, w) {
				t.Errorf("%s: no %q in\n%s", name, w, found)
			}
		}
	}
}

// curved is a run with the given train accuracies and val losses, epoch by epoch.
func curved(schedule string, train, valLoss []float64) *Outcome {
	o := &Outcome{Dataset: tiny}
	seedsWith(o, runs.StatusDone)
	row := &o.Runs[0]
	row.Schedule = schedule
	row.ValAccuracy = new(0.7)
	rows := make([]runs.EpochRow, len(train))
	for i := range rows {
		rows[i] = runs.EpochRow{Epoch: i + 1, Step: 10 * (i + 1), TrainAccuracy: train[i], ValLoss: valLoss[i], ValAccuracy: 0.7}
	}
	o.epochs[row.Run] = rows
	return o
}

func TestDiagnosisOfCurves(t *testing.T) {
	full, most := []float64{0.8, 0.9, 0.99, 1, 1, 1}, []float64{0.6, 0.7, 0.8, 0.8, 0.8, 0.8}
	for name, c := range map[string]struct {
		o    *Outcome
		want string // empty: nothing is found
	}{
		"memorizes": {curved("constant", full, []float64{0.9, 0.8, 1, 1.2, 1.4, 1.6}),
			"- plain: overfits and has learned nearly all its training images: train accuracy 100.0 %, val accuracy 70.0 %; val loss lowest at epoch 2 (0.8), on average 1.4 over the last 3 epochs. Regularization"},
		"overfits":               {curved("constant", most, []float64{0.9, 0.8, 1, 1.2, 1.4, 1.6}), "- plain: overfits: train accuracy 80.0 %"},
		"one bad epoch":          {curved("constant", full, []float64{0.9, 0.8, 0.8, 0.8, 0.8, 0.9}), ""},
		"lowest at the end":      {curved("constant", full, []float64{0.9, 0.8, 0.7, 0.6, 0.5, 0.6}), ""},
		"still falling":          {curved("constant", most, []float64{0.9, 0.8, 0.7, 0.6, 0.5, 0.4}), "- val loss still falling in the last epoch: plain (0.5 → 0.4). More epochs may lower it further."},
		"falling by schedule":    {curved("one-cycle", most, []float64{0.9, 0.8, 0.7, 0.6, 0.5, 0.4}), ""},
		"falling by next to nil": {curved("constant", most, []float64{0.9, 0.8, 0.7, 0.6, 0.5, 0.499}), ""},
		"one epoch":              {curved("constant", most[:1], []float64{0.9}), ""},
	} {
		got := c.o.Diagnosis(c.o.Groups(c.o.ByVariant))
		if got = strings.TrimPrefix(got, "Diagnosis:\n\n"); !strings.HasPrefix(got, c.want) || (c.want == "") != (got == "") {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestRecipesThatCannotBeToldApartAreNamed with the seeds that it would take: better is 6
// and 7 images above plain, which two comparisons of two seeds cannot tell.
func TestRecipesThatCannotBeToldApartAreNamed(t *testing.T) {
	untold := compared(comparedVariants(2), First).Untold()
	if len(untold) != 2 || untold[0] != "better and plain cannot be told apart in accuracy with 2 seeds. If the true difference were the measured +5.00 points, with the measured spread, about 3 seeds would show it with a probability of 80 %; this is a rough guide." {
		t.Errorf("%q", untold)
	}
	if untold := compared(comparedVariants(3), First).Untold(); untold != nil {
		t.Errorf("%q, want none", untold)
	}
}

// TestDeadUnitsAreNamed by layer, as a mean over the seeds after the last epoch.
func TestDeadUnitsAreNamed(t *testing.T) {
	o := &Outcome{Dataset: tiny, layers: map[string][]runs.LayerRow{}}
	seedsWith(o, runs.StatusDone, runs.StatusDone)
	for i, row := range o.Runs {
		o.layers[row.Run] = []runs.LayerRow{{Epoch: 1, Layer: "conv1", Dead: new(0.9)}, {Epoch: 2, Layer: "conv1", Dead: new(0.1)},
			{Epoch: 2, Layer: "fc1", Dead: new(0.3 + 0.1*float64(i))}, {Epoch: 2, Layer: "fc2"}}
	}
	want := "Diagnosis:\n\n- plain: 35 % of the units of fc1 never fire on the training images that are scored. A lower learning rate may leave fewer dead."
	if got := o.Diagnosis(o.Groups(o.ByVariant)); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
