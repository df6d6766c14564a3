package experiments

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cnnlab/data"
	"cnnlab/experiments/report"
)

// mirrors is small on shapes, scored with their mirror images or not.
func mirrors(t *testing.T, tta bool) *study {
	t.Helper()
	s := small(t, Options{Rates: []float64{0.05}, Override: []func(c *Config){func(c *Config) { c.TTA = tta }}})
	s.set = data.Shapes(1, 400, 130)
	s.plan = s.runs(lrSweep.Variants(s.config(), s.Rates))
	return s
}

// TestTheMirrorImageChangesTheScoresAndNotTheTraining compares two runs.
func TestTheMirrorImageChangesTheScoresAndNotTheTraining(t *testing.T) {
	plain, mirrored := mirrors(t, false), mirrors(t, true)
	plain.finish(t)
	mirrored.finish(t)
	file := func(s *study, name string) []byte {
		text, err := os.ReadFile(filepath.Join(report.RunDir(s.dir, s.plan[0].ID), name))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	if !bytes.Equal(file(plain, report.WeightsName), file(mirrored, report.WeightsName)) {
		t.Error("the weights differ")
	}
	if bytes.Equal(file(plain, "predictions.csv"), file(mirrored, "predictions.csv")) {
		t.Error("the predictions are the same")
	}
	record, err := report.ReadRecord(report.RunDir(mirrored.dir, mirrored.plan[0].ID))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := report.ReadPredictions(filepath.Join(report.RunDir(mirrored.dir, mirrored.plan[0].ID), "predictions.csv"))
	if err != nil {
		t.Fatal(err)
	}
	correct := 0
	for _, row := range rows {
		if row.Predicted == row.Label {
			correct++
		}
	}
	if want := float64(correct) / 130; *record.Metrics.TestAccuracy != want {
		t.Errorf("test accuracy %v, by hand %v", *record.Metrics.TestAccuracy, want)
	}
}

// TestMirrorImagesOfDigitsAreRefused before anything is trained.
func TestMirrorImagesOfDigitsAreRefused(t *testing.T) {
	o := Options{Override: []func(c *Config){func(c *Config) { c.TTA = true }}}
	err := o.checkMirror(data.Digits(1, 100, 10))
	if !errors.As(err, new(UsageError)) || !strings.Contains(err.Error(), "digits") {
		t.Errorf("error %v", err)
	}
	if err := o.checkMirror(data.Shapes(1, 100, 10)); err != nil {
		t.Error(err)
	}
	o.Override = nil
	if err := o.checkMirror(data.Digits(1, 100, 10)); err != nil {
		t.Error(err)
	}
}
