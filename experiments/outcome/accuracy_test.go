package outcome

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cnnlab/experiments/report/runs"
)

var tiny = Dataset{Name: "tiny", SHA256: "abc", Classes: []string{"a", "b"}, TestImages: 130}

// predicted are predictions of 130 images, of which wrong are misclassified after
// the first skip. All have a confidence of 0.9.
func predicted(skip, wrong int) predictions {
	p := predictions{make([]int, 130), make([]int, 130), make([]float64, 130)}
	for i := range p.confidences {
		p.confidences[i] = 0.9
	}
	for i := skip; i < skip+wrong; i++ {
		p.classes[i] = 1
	}
	return p
}

// comparedVariants are three variants of that many seeds, with 8, 2 and 0 of 130 images
// wrong, different ones each. Of each seed one image more is wrong in the first.
func comparedVariants(seeds int) *Outcome {
	o := &Outcome{Dataset: tiny, variants: map[string]string{}, epochs: map[string][]runs.EpochRow{}, predictions: map[string]predictions{}}
	for i, v := range []struct {
		variant     string
		skip, wrong int
	}{{"plain", 0, 8}, {"better", 12, 2}, {"best", 0, 0}} {
		for seed := range seeds {
			run := v.variant + "-" + string(rune('1'+seed))
			wrong := v.wrong
			if i == 0 {
				wrong += seed
			}
			accuracy, loss := 1-float64(wrong)/130, 0.1*float64(wrong)
			row := runs.RunRow{Run: run, Status: runs.StatusDone, Config: runs.Config{Seed: uint64(seed), LR: 0.1, Dropout: float64(i)}}
			row.ValAccuracy, row.TestAccuracy, row.TestLoss = &accuracy, &accuracy, &loss
			o.Runs, o.variants[run] = append(o.Runs, row), v.variant
			o.epochs[run] = []runs.EpochRow{{Epoch: 1, TrainAccuracy: 1, ValAccuracy: accuracy}}
			o.predictions[run] = predicted(v.skip, wrong)
		}
	}
	return o
}

func compared(o *Outcome, versus Versus) Accuracies {
	return o.Accuracies(o.Groups(o.ByVariant), versus)
}

// TestRecipesAreComparedOverSeeds: better has 6, 7 and 8 of 130 images fewer wrong than
// plain. The mean of 7 with a standard deviation of 1 is t = 7√3 with 2 degrees of
// freedom, p = 1 − t/√(2+t²). Holm's correction doubles the smaller p and, since both
// comparisons are then close, raises the other to it or leaves it.
func TestRecipesAreComparedOverSeeds(t *testing.T) {
	p := func(mean float64) float64 {
		t := mean * math.Sqrt(3)
		return 1 - t/math.Sqrt(2+t*t)
	}
	near := func(what string, got *float64, want float64) {
		t.Helper()
		if got == nil || math.Abs(*got-want) > 1e-9 {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	a := compared(comparedVariants(3), First)
	better, best := a.row(1), a.row(2)
	near("difference", better.Accuracy.Mean, 7.0/130)
	near("p", better.Accuracy.P, p(7))
	near("p after Holm", better.Accuracy.Holm, max(p(7), 2*p(9))) // best, with 9 fewer, has the smaller p
	near("p after Holm", best.Accuracy.Holm, 2*p(9))
	near("loss", best.Loss.Mean, -0.9)
	near("low", better.Accuracy.Low, (7-4.302652729911275/math.Sqrt(3))/130) // the t quantile from a table
	if want := "accuracy: differs (corrected p < 0.05); loss: differs (corrected p < 0.05)"; best.Verdict != want {
		t.Errorf("verdict %q, want %q", best.Verdict, want)
	}
	if columns := a.Table().Columns; columns[len(columns)-2].Name != "accuracy − plain" {
		t.Errorf("columns %v", columns)
	}
	for _, want := range []string{"means over 3 seeds", "Holm's method for the comparisons of this table"} {
		if !strings.Contains(a.Meaning(), want) {
			t.Errorf("%q does not say %q", a.Meaning(), want)
		}
	}
}

// TestOneSeedGivesNoVerdict, but its difference, and says why.
func TestOneSeedGivesNoVerdict(t *testing.T) {
	a := compared(comparedVariants(1), First)
	row := a.row(1)
	if row.Verdict != "one seed: no verdict" || row.Accuracy.Mean != nil || row.Loss.P != nil {
		t.Errorf("%+v", row)
	}
	cells := a.Table().Rows[1]
	if got := cells[len(cells)-2]; got != "+4.62 points, one seed" {
		t.Errorf("cell %q", got)
	}
	if !strings.Contains(a.Meaning(), "One seed cannot show which recipe is better") {
		t.Error(a.Meaning())
	}
}

// TestTwoSeedsGiveAnInterval, however wide: 6 and 7 images are t = 13 with one degree of
// freedom, p = 2/π · arctan 1/13 = 0.049; 8 and 9 images are t = 17 and p = 0.037, which
// Holm's correction doubles and which the larger p may not fall below.
func TestTwoSeedsGiveAnInterval(t *testing.T) {
	cells := compared(comparedVariants(2), First).Table().Rows[1]
	if got, want := cells[len(cells)-2], "+5.00 [+0.11, +9.89] points, p = 0.075"; got != want {
		t.Errorf("cell %q, want %q", got, want)
	}
}

// TestTheAnswerSaysWhatTheSeedsShow, and nothing of a difference that was not tested.
func TestTheAnswerSaysWhatTheSeedsShow(t *testing.T) {
	for _, c := range []struct {
		seeds  int
		versus Versus
		want   string
	}{
		{1, First, "The test accuracy is 93.85 % for plain, 98.46 % for better and 100.00 % for best (one seed). One seed cannot show which is better."},
		{2, First, "The seeds do not tell better or best from plain."},
		{3, First, "The seeds show a difference between better and plain (+5.38 [+3.47, +7.30] points, p = 0.0082); between best and plain (+6.92 [+5.01, +8.83] points, p = 0.0082)."},
		{3, Before, "(mean ± standard deviation of 3 seeds). The seeds show a difference between better and plain (+5.38 [+3.47, +7.30] points, p = 0.0067)."},
	} {
		if got := compared(comparedVariants(c.seeds), c.versus).Answer(); !strings.HasSuffix(got, c.want) {
			t.Errorf("%d seeds: %q, want %q", c.seeds, got, c.want)
		}
	}
}

// TestReferenceAnswersFollowFromTheirRuns computes the answers of the committed summaries
// from the committed runs.
func TestReferenceAnswersFollowFromTheirRuns(t *testing.T) {
	for name, versus := range map[string]Versus{
		"regularized": First, "regularized-fashion-mnist": First, "cifar": First, "cifar-fashion-mnist": First,
		"recipe": Before, "recipe-wide": Before, "recipe-fashion-mnist": Before,
		"recipe-cifar-10": Before, "recipe-cifar-10-parts": Before,
		"recipe-cifar-10-wide": Before, "recipe-cifar-10-deep": Before,
	} {
		summary, err := os.ReadFile(filepath.Join("../../results/reference", name, "summary.md"))
		if err != nil {
			t.Fatal(err)
		}
		if want := "**Answer:** " + compared(referenceOutcome(t, name), versus).Answer() + "\n"; !strings.Contains(string(summary), want) {
			t.Errorf("%s/summary.md has no %q", name, want)
		}
	}
}

// TestEqualDifferencesHaveNoInterval: best against the one before has the same two
// images at every seed.
func TestEqualDifferencesHaveNoInterval(t *testing.T) {
	a := compared(comparedVariants(3), Before)
	cells := a.Table().Rows[2]
	if got, want := cells[len(cells)-2], "+1.54 points at every seed"; got != want {
		t.Errorf("cell %q, want %q", got, want)
	}
	if got, want := a.row(2).Verdict, "accuracy: same difference at every seed, no test; loss: same difference at every seed, no test"; got != want {
		t.Errorf("verdict %q, want %q", got, want)
	}
}

// TestMcNemarComparesNetworks, seed by seed: 2 against 8 images is p = 112/1024, 9 and
// 10 likewise by the sums of binomial coefficients.
func TestMcNemarComparesNetworks(t *testing.T) {
	a := compared(comparedVariants(3), First)
	want := []float64{112.0 / 1024, 2 * (1 + 11 + 55) / 2048.0, 2 * (1 + 12 + 66) / 4096.0}
	for i, row := range a.comparisons[1].rows {
		if math.Abs(row.P-want[i]) > 1e-12 || row.Seed != uint64(i) || row.OnlyThis != 8+i || row.OnlyAgainst != 2 {
			t.Errorf("%+v, want p = %v", row, want[i])
		}
	}
	if row := a.row(1); *row.OnlyFirst != 6 || *row.OnlyThis != 27 || math.Abs(*row.P-2*want[1]) > 1e-12 {
		t.Errorf("%d and %d images, p = %v; want 6 and 27 over the seeds and twice the median", *row.OnlyFirst, *row.OnlyThis, *row.P)
	}
}

// TestNothingIsComparedWithAnUnfinishedVariant, and p is not explained.
func TestNothingIsComparedWithAnUnfinishedVariant(t *testing.T) {
	o := comparedVariants(3)
	o.Runs = o.Runs[:6]
	o.Runs[1].Status = runs.StatusDiverged
	a := compared(o, First)
	for i := range a.groups {
		if row := a.row(i); row.P != nil || row.Verdict != "" || row.Runs != 3 || row.Accuracy.P != nil {
			t.Errorf("%+v, want 3 runs and no comparison", row)
		}
	}
	if a.row(0).TestAccuracy != nil || a.row(1).TestAccuracy == nil {
		t.Error("want the accuracy of the variant whose seeds are done, and of no other")
	}
	if strings.Contains(a.Meaning(), "paired") {
		t.Errorf("meaning %q, want none of differences", a.Meaning())
	}
}

// TestCalibrationIsOfEachVariant: all confidences are 0.9, so the calibration error is
// their distance from the accuracy.
func TestCalibrationIsOfEachVariant(t *testing.T) {
	row := compared(comparedVariants(1), First).row(1)
	if math.Abs(*row.Confidence-0.9) > 1e-12 || math.Abs(*row.ECE-math.Abs(128.0/130-0.9)) > 1e-12 {
		t.Errorf("confidence %v, ECE %v", *row.Confidence, *row.ECE)
	}
}

// written returns the content of a file of the results.
func written(t *testing.T, f File) string {
	t.Helper()
	var b strings.Builder
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestAccuraciesAreWrittenAsInEveryCSV in the shortest form that reads back.
func TestAccuraciesAreWrittenAsInEveryCSV(t *testing.T) {
	o := comparedVariants(3)
	for _, run := range []string{"best-1", "best-2", "best-3"} {
		o.predictions[run] = predicted(10, 100)
	}
	files := compared(o, First).Files()
	accuracies, differences := written(t, files[0]), written(t, files[1])
	if !strings.HasPrefix(accuracies, "variant,dataset,lr,dropout,conv_dropout,weight_decay,augment,tta,epochs,runs,test_accuracy,"+
		"test_accuracy_sd,test_accuracy_low,test_accuracy_high,train_accuracy,val_accuracy,gap,only_first,only_this,mcnemar_p,verdict,"+
		"test_loss,test_loss_sd,mean_confidence,ece,difference,difference_low,difference_high,difference_p,difference_p_holm,"+
		"loss_difference,loss_difference_low,loss_difference_high,loss_difference_p,loss_difference_p_holm\n") {
		t.Errorf("%s", accuracies)
	}
	if !strings.HasPrefix(differences, "variant,against,seed,test_accuracy,against_test_accuracy,test_loss,against_test_loss,only_against,only_this,mcnemar_p\n") ||
		strings.Count(differences, "\n") != 7 {
		t.Errorf("%s", differences)
	}
	if !strings.Contains(accuracies, "e-2") || strings.Contains(accuracies, "E-") {
		t.Errorf("%s: want small numbers such as 1e-22", accuracies)
	}
}

// TestPredictionsOfAllRunsAreOneFile from which the accuracies follow.
func TestPredictionsOfAllRunsAreOneFile(t *testing.T) {
	o := comparedVariants(2)
	o.Runs[3].Status = runs.StatusInterrupted
	delete(o.predictions, o.Runs[3].Run)
	rows, err := csv.NewReader(strings.NewReader(written(t, o.Predictions()))).ReadAll()
	if err != nil || len(rows) != 131 || strings.Join(rows[0], " ") != "label plain-1 plain-2 better-1 best-1 best-2" {
		t.Fatalf("%d rows, header %v, error %v", len(rows), rows[0], err)
	}
	if got := strings.Join(rows[1], ","); got != "0,1 0.9,1 0.9,0 0.9,0 0.9,0 0.9" {
		t.Errorf("first image %q", got)
	}
	if f := new(Outcome).Predictions(); f.Write != nil {
		t.Error("without a finished run, want the file removed")
	}
}

// TestPredictionsThatDoNotMatchTheTestSetAreRefused with line and number.
func TestPredictionsThatDoNotMatchTheTestSetAreRefused(t *testing.T) {
	o := &Outcome{Dataset: tiny}
	path := filepath.Join(t.TempDir(), runs.PredictionsName)
	if _, err := o.readPredictions(path); err == nil || err.Error() != "no such file or directory" {
		t.Errorf("missing: %v", err)
	}
	for content, want := range map[string]string{
		"0,1,1,0.5\n":                        "1 predictions, want one for each of the 130 test images",
		strings.Repeat("0,1,1,0.5\n", 130):   "",
		strings.Repeat("0,1,2,0.5\n", 130):   "line 2: label 1, predicted 2, want 0 to 1",
		strings.Repeat("0,-1,1,0.5\n", 130):  "line 2: label -1, predicted 1, want 0 to 1",
		strings.Repeat("0,1,one,0.5\n", 130): "line 2: column predicted",
		strings.Repeat("0,1,1,1.5\n", 130):   "line 2: confidence 1.5, want 0 to 1",
	} {
		if err := os.WriteFile(path, []byte("index,label,predicted,confidence\n"+content), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := o.readPredictions(path)
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%.12q: error %v, want %q", content, err, want)
		}
	}
}
