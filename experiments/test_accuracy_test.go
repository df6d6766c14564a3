package experiments

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cnnlab/experiments/report"
)

// predicted writes for each run a predictions.csv of images, of which the first
// wrong ones are misclassified, and skip images before them are not.
func predicted(t *testing.T, o *Outcome, run string, skip, wrong, images int) {
	t.Helper()
	dir := report.RunDir(o.Dir, run)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	var rows []report.PredictionRow
	for i := range images {
		row := report.PredictionRow{Index: i}
		if i >= skip && i < skip+wrong {
			row.Predicted = 1
		}
		rows = append(rows, row)
	}
	if err := writeRows(o, filepath.Join("runs", run, "predictions.csv"), rows); err != nil {
		t.Fatal(err)
	}
}

// comparedVariants are three variants of three seeds, with 8, 2 and 0 of 130
// images wrong, other ones each.
func comparedVariants(t *testing.T) *Outcome {
	o := &Outcome{Dir: t.TempDir(), Set: testSet, labels: map[string]string{}, epochs: map[string][]report.EpochRow{}}
	for i, v := range []struct {
		label       string
		skip, wrong int
	}{{"plain", 0, 8}, {"better", 8, 2}, {"best", 0, 0}} {
		for seed := range 3 {
			run := v.label + "-" + string(rune('1'+seed))
			accuracy := 1 - float64(v.wrong)/130
			row := report.RunRow{Run: run, Status: report.StatusDone, Config: Config{Seed: uint64(seed), LR: 0.1, Dropout: float64(i)}}
			row.ValAccuracy, row.TestAccuracy = &accuracy, &accuracy
			o.Runs, o.labels[run] = append(o.Runs, row), v.label
			o.epochs[run] = []report.EpochRow{{Epoch: 1, TrainAccuracy: 1, ValAccuracy: accuracy}}
			predicted(t, o, run, v.skip, v.wrong, 130)
		}
	}
	return o
}

// TestSeedsAreCombinedAndNotPooled: 2 against 8 images is p = 112/1024 by one
// seed; three seeds of the same images know no more.
func TestSeedsAreCombinedAndNotPooled(t *testing.T) {
	for name, c := range map[string]struct {
		compare func(o *Outcome, groups []*group) error
		header  string
		p       []float64 // of the second and the third variant
		verdict []string
	}{
		"with the first":         {(*Outcome).testAccuracy, "difference to plain", []float64{2 * 112.0 / 1024, 2 * 2.0 / 256}, []string{"may be chance", "p < 0.05"}},
		"with the one before it": {(*Outcome).testAccuracyByStep, "difference to the one before", []float64{2 * 112.0 / 1024, 1}, []string{"may be chance", "may be chance"}},
	} {
		o := comparedVariants(t)
		groups := o.groups(o.label)
		if err := c.compare(o, groups); err != nil {
			t.Fatal(err)
		}
		for i, want := range c.p {
			row := o.accuracies[i+1]
			if row.P == nil || math.Abs(*row.P-want) > 1e-12 || row.Verdict != c.verdict[i] || row.Runs != 3 {
				t.Errorf("%s: %s: %+v, want p = %v, %s", name, row.Variant, row, want, c.verdict[i])
			}
		}
		if row := o.accuracies[1]; *row.OnlyFirst != 6 || *row.OnlyThis != 24 {
			t.Errorf("%s: %d and %d images, want 6 and 24 over the seeds", name, *row.OnlyFirst, *row.OnlyThis)
		}
		columns := o.accuracyTable(groups).Columns
		if got := columns[len(columns)-1].Name; got != c.header {
			t.Errorf("%s: column %q, want %q", name, got, c.header)
		}
		if text := o.text(); !strings.Contains(text, "twice the median") {
			t.Errorf("%s: text %q does not say what p is", name, text)
		}
	}
}

// TestNothingIsComparedWithAnUnfinishedVariant nor said of p.
func TestNothingIsComparedWithAnUnfinishedVariant(t *testing.T) {
	o := comparedVariants(t)
	o.Runs = o.Runs[:6]
	o.Runs[1].Status = report.StatusDiverged
	if err := o.testAccuracy(o.groups(o.label)); err != nil {
		t.Fatal(err)
	}
	for _, row := range o.accuracies {
		if row.P != nil || row.Verdict != "" || row.Runs != 3 {
			t.Errorf("%+v, want 3 runs and no comparison", row)
		}
	}
	if o.accuracies[0].TestAccuracy != nil || o.accuracies[1].TestAccuracy == nil {
		t.Error("want the accuracy of the variant whose seeds are done, and of no other")
	}
	if text := o.text(); text != "" {
		t.Errorf("text %q, want none", text)
	}
}

// TestAccuraciesAreWrittenAsInEveryCSV in the shortest form that reads back.
func TestAccuraciesAreWrittenAsInEveryCSV(t *testing.T) {
	o := comparedVariants(t)
	for _, run := range []string{"best-1", "best-2", "best-3"} {
		predicted(t, o, run, 10, 100, 130)
	}
	if err := o.testAccuracy(o.groups(o.label)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(o.path("test-accuracy.csv"))
	if err != nil || !strings.HasPrefix(string(text), "variant,dataset,lr,dropout,conv_dropout,weight_decay,augment,tta,epochs,runs,test_accuracy,"+
		"test_accuracy_sd,test_accuracy_low,test_accuracy_high,train_accuracy,val_accuracy,gap,only_first,only_this,mcnemar_p,difference\n") {
		t.Errorf("%s %v", text, err)
	}
	if !strings.Contains(string(text), "e-2") || strings.Contains(string(text), "E-") {
		t.Errorf("%s: want small numbers such as 1e-22", text)
	}
}
