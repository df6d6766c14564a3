package suite

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cnnlab/data"
	"cnnlab/experiments/report/runs"
)

// mirrors is small on shapes, scored with their mirror images or not.
func mirrors(t *testing.T, tta bool) *study {
	t.Helper()
	s := small(t, Options{Rates: []float64{0.05}}, func(c *Config) { c.TTA = tta })
	s.set = data.Shapes(1, 400, 130)
	s.plan = nil
	if err := s.makePlan(s.opts.Rates); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestTheMirrorImageChangesTheScoresAndNotTheTraining compares two runs.
func TestTheMirrorImageChangesTheScoresAndNotTheTraining(t *testing.T) {
	plain, mirrored := mirrors(t, false), mirrors(t, true)
	plain.finish(t)
	mirrored.finish(t)
	file := func(s *study, name string) []byte {
		text, err := os.ReadFile(filepath.Join(runs.Path(s.dir, s.plan[0].ID), name))
		if err != nil {
			t.Fatal(err)
		}
		if name == runs.WeightsName { // the header says of which run they are
			text = text[8+binary.LittleEndian.Uint64(text):]
		}
		return text
	}
	for name, same := range map[string]bool{runs.WeightsName: true, "steps.csv": true, "predictions.csv": false} {
		was := bytes.ReplaceAll(file(plain, name), []byte(plain.plan[0].ID), []byte(mirrored.plan[0].ID))
		if bytes.Equal(was, file(mirrored, name)) != same {
			t.Errorf("%s: the same is %v, want %v", name, !same, same)
		}
	}
	was, err := runs.ReadEpochs(filepath.Join(plain.dir, "epochs.csv"))
	if err != nil {
		t.Fatal(err)
	}
	is, err := runs.ReadEpochs(filepath.Join(mirrored.dir, "epochs.csv"))
	if err != nil || len(is) != 2 {
		t.Fatal(len(is), err)
	}
	for i := range is {
		if is[i].TrainLoss == was[i].TrainLoss || is[i].ValLoss == was[i].ValLoss {
			t.Errorf("epoch %d is scored as without mirror images: %+v", i+1, is[i])
		}
	}
}

// TestTheMirroredScoreIsThatOfThePredictions counts by hand.
func TestTheMirroredScoreIsThatOfThePredictions(t *testing.T) {
	s := mirrors(t, true)
	s.finish(t)
	dir := runs.Path(s.dir, s.plan[0].ID)
	record, err := runs.ReadRecord(dir)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := runs.ReadPredictions(filepath.Join(dir, "predictions.csv"))
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

// TestTTAThatCannotBeIsRefused before anything is read.
func TestTTAThatCannotBeIsRefused(t *testing.T) {
	mirroring := sweep
	mirroring.Variants = func(c Config) []Variant {
		averaged := c
		averaged.TTA = false
		return []Variant{{"averaged", averaged}, {"mirrored", c}}
	}
	for _, c := range []struct{ dataset, variant, want string }{
		{"mnist", "", "mnist"}, {"digits", "", "digits"}, {"shapes", "averaged", "averaged"}, {"shapes", "", ""}, {"cifar-10", "averaged,mirrored", ""},
	} {
		o := NewOptions()
		o.Dataset, o.Given["tta"] = c.dataset, "true"
		if c.variant != "" {
			o.Variants = strings.Split(c.variant, ",")
		}
		err := mirroring.check(o)
		if c.want == "" && err != nil || c.want != "" && (!errors.As(err, new(UsageError)) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s, %q: error %v", c.dataset, c.variant, err)
		}
	}
}
