package outcome

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cnnlab/experiments/report/runs"
)

var tiny = Dataset{Name: "tiny", SHA256: "abc", Classes: []string{"a", "b"}, TestImages: 130}

// predicted are predictions of 130 images, of which wrong are misclassified after
// the first skip.
func predicted(skip, wrong int) predictions {
	p := predictions{make([]int, 130), make([]int, 130)}
	for i := skip; i < skip+wrong; i++ {
		p.classes[i] = 1
	}
	return p
}

// comparedVariants are three variants of three seeds, with 8, 2 and 0 of 130 images
// wrong, different ones each.
func comparedVariants() *Outcome {
	o := &Outcome{Dataset: tiny, variants: map[string]string{}, epochs: map[string][]runs.EpochRow{}, predictions: map[string]predictions{}}
	for i, v := range []struct {
		variant     string
		skip, wrong int
	}{{"plain", 0, 8}, {"better", 8, 2}, {"best", 0, 0}} {
		for seed := range 3 {
			run := v.variant + "-" + string(rune('1'+seed))
			accuracy := 1 - float64(v.wrong)/130
			row := runs.RunRow{Run: run, Status: runs.StatusDone, Config: runs.Config{Seed: uint64(seed), LR: 0.1, Dropout: float64(i)}}
			row.ValAccuracy, row.TestAccuracy = &accuracy, &accuracy
			o.Runs, o.variants[run] = append(o.Runs, row), v.variant
			o.epochs[run] = []runs.EpochRow{{Epoch: 1, TrainAccuracy: 1, ValAccuracy: accuracy}}
			o.predictions[run] = predicted(v.skip, v.wrong)
		}
	}
	return o
}

// TestSeedsAreCombinedAndNotPooled: 2 against 8 images is p = 112/1024 by one seed;
// three seeds of the same images know no more.
func TestSeedsAreCombinedAndNotPooled(t *testing.T) {
	for name, c := range map[string]struct {
		versus  Versus
		header  string
		p       []float64 // of the second and the third variant
		verdict []string
	}{
		"with the first":         {First, "compared with plain", []float64{2 * 112.0 / 1024, 2 * 2.0 / 256}, []string{"may be chance", "p < 0.05"}},
		"with the one before it": {Before, "compared with the one before", []float64{2 * 112.0 / 1024, 1}, []string{"may be chance", "may be chance"}},
	} {
		o := comparedVariants()
		a := o.Accuracies(o.Groups(o.ByVariant), c.versus)
		for i, want := range c.p {
			row := a.rows[i+1]
			if row.P == nil || math.Abs(*row.P-want) > 1e-12 || row.Verdict != c.verdict[i] || row.Runs != 3 {
				t.Errorf("%s: %s: %+v, want p = %v, %s", name, row.Variant, row, want, c.verdict[i])
			}
		}
		if row := a.rows[1]; *row.OnlyFirst != 6 || *row.OnlyThis != 24 {
			t.Errorf("%s: %d and %d images, want 6 and 24 over the seeds", name, *row.OnlyFirst, *row.OnlyThis)
		}
		columns := a.Table().Columns
		if got := columns[len(columns)-1].Name; got != c.header {
			t.Errorf("%s: column %q, want %q", name, got, c.header)
		}
		if !strings.Contains(a.Meaning(), "twice the median") {
			t.Errorf("%s: %q does not explain p", name, a.Meaning())
		}
	}
}

// TestNothingIsComparedWithAnUnfinishedVariant, and p is not explained.
func TestNothingIsComparedWithAnUnfinishedVariant(t *testing.T) {
	o := comparedVariants()
	o.Runs = o.Runs[:6]
	o.Runs[1].Status = runs.StatusDiverged
	a := o.Accuracies(o.Groups(o.ByVariant), First)
	for _, row := range a.rows {
		if row.P != nil || row.Verdict != "" || row.Runs != 3 {
			t.Errorf("%+v, want 3 runs and no comparison", row)
		}
	}
	if a.rows[0].TestAccuracy != nil || a.rows[1].TestAccuracy == nil {
		t.Error("want the accuracy of the variant whose seeds are done, and of no other")
	}
	if a.Meaning() != "" {
		t.Errorf("meaning %q, want none", a.Meaning())
	}
}

// TestAccuraciesAreWrittenAsInEveryCSV in the shortest form that reads back.
func TestAccuraciesAreWrittenAsInEveryCSV(t *testing.T) {
	o := comparedVariants()
	for _, run := range []string{"best-1", "best-2", "best-3"} {
		o.predictions[run] = predicted(10, 100)
	}
	a := o.Accuracies(o.Groups(o.ByVariant), First)
	var b strings.Builder
	if err := a.File().Write(&b); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(b.String(), "variant,dataset,lr,dropout,conv_dropout,weight_decay,augment,tta,epochs,runs,test_accuracy,"+
		"test_accuracy_sd,test_accuracy_low,test_accuracy_high,train_accuracy,val_accuracy,gap,only_first,only_this,mcnemar_p,difference\n") {
		t.Errorf("%s", &b)
	}
	if !strings.Contains(b.String(), "e-2") || strings.Contains(b.String(), "E-") {
		t.Errorf("%s: want small numbers such as 1e-22", &b)
	}
}

// TestPredictionsThatDoNotMatchTheTestSetAreRefused by run, file and number.
func TestPredictionsThatDoNotMatchTheTestSetAreRefused(t *testing.T) {
	o := &Outcome{Dataset: tiny, dir: t.TempDir()}
	path := filepath.Join(runs.Path(o.dir, "a"), runs.PredictionsName)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	for content, want := range map[string]string{
		"0,1,1,0.5\n":                        ": 1 predictions, want one for each of the 130 test images",
		strings.Repeat("0,1,1,0.5\n", 130):   "",
		strings.Repeat("0,1,2,0.5\n", 130):   ": line 2: label 1, predicted 2, want 0 to 1",
		strings.Repeat("0,-1,1,0.5\n", 130):  ": line 2: label -1, predicted 1, want 0 to 1",
		strings.Repeat("0,1,one,0.5\n", 130): ": line 2: column predicted",
	} {
		if err := os.WriteFile(path, []byte("index,label,predicted,confidence\n"+content), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := o.readPredictions("a")
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), path+want) || !strings.Contains(err.Error(), "run a (train it again with -fresh)")) {
			t.Errorf("%.12q: error %v, want %q", content, err, want)
		}
	}
}
