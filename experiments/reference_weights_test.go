package experiments

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"

	"cnnlab/data"
	"cnnlab/experiments/report"
	"cnnlab/model"
)

// TestReferenceWeightsScoreAsTheirRunSays scores the committed weights, those of
// the run of the full recipe that is the best on val, on the real test set. Other
// loops than those they were trained with may tip an image or two.
func TestReferenceWeightsScoreAsTheirRunSays(t *testing.T) {
	root := os.Getenv("CNNLAB_DATA")
	if root == "" {
		t.Skip("CNNLAB_DATA is not set: no real data to test with")
	}
	for _, dir := range []string{"recipe", "recipe-cifar-10", "recipe-cifar-10-wide"} {
		row := bestRun(t, dir)
		file, err := os.ReadFile(filepath.Join(reference, dir, "weights.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		set, err := data.Load(context.Background(), row.Dataset, data.Options{Dir: root})
		if err != nil {
			t.Fatal(err)
		}
		in, err := input(row.Config, set)
		if err != nil {
			t.Fatal(err)
		}
		net, err := model.New(in, recipeLayers(row.Config, len(set.Classes)))
		if err != nil {
			t.Fatal(err)
		}
		if err := net.ReadWeights(file); err != nil {
			t.Fatal(err)
		}
		evaluator, err := model.NewEvaluator(net, evalBatch)
		if err != nil {
			t.Fatal(err)
		}
		defer evaluator.Close()
		scored := &training{run: run{Config: row.Config}, set: set, evaluator: evaluator}
		s, err := scored.score(set.Test, nil)
		if err != nil {
			t.Fatal(err)
		}
		if want := *row.TestAccuracy; math.Abs(s.Accuracy()-want) > 2.5/10_000 {
			t.Errorf("%s: accuracy %v on test, want %v", row.Run, s.Accuracy(), want)
		}
	}
}

// bestRun is the run of the full recipe with the best accuracy on val.
func bestRun(t *testing.T, dir string) (best report.RunRow) {
	t.Helper()
	rows, err := report.ReadRuns(filepath.Join(reference, dir, "runs.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if row.EMA > 0 && (best.ValAccuracy == nil || *row.ValAccuracy > *best.ValAccuracy) {
			best = row
		}
	}
	if best.TestAccuracy == nil {
		t.Fatalf("%s has no run of the full recipe", dir)
	}
	return best
}
