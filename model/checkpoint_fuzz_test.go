package model

import (
	"bytes"
	"math"
	"testing"
)

// FuzzCheckpoint holds that no file makes the reader panic or take a weight that
// is no number, and that what it takes it writes again the same. A file with a
// checksum is tried also with the one that belongs to it.
func FuzzCheckpoint(f *testing.F) {
	small := plan{n: 1, c: 1, h: 2, w: 2, maps: []int{1}, kernel: 1, hidden: 1, classes: 2}
	_, trainer := small.train(f, FastOps, &SGD{LearningRate: 0.1, Momentum: 0.9})
	f.Add(checkpointOf(f, trainer))
	x, y := small.batch(1)
	if _, err := trainer.Step(x, y); err != nil {
		f.Fatal(err)
	}
	f.Add(checkpointOf(f, trainer))
	f.Add([]byte(`{"sha256":"` + noDigits))
	f.Add(checkpointOf(f, trainer)[:100])
	restore := func(t *testing.T, file []byte) {
		c, err := ParseCheckpoint(file)
		if err != nil || trainer.Restore(c) != nil {
			return
		}
		for name, w := range trainer.net.weights {
			for _, v := range w {
				if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
					t.Errorf("%s holds %v", name, v)
				}
			}
		}
		again, err := ParseCheckpoint(checkpointOf(t, trainer))
		if err != nil || again.Step != c.Step || again.FirstLoss != c.FirstLoss {
			t.Errorf("%+v, written and read again %+v; %v", c, again, err)
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		restore(t, file)
		file = bytes.Clone(file)
		if seal(file) == nil {
			restore(t, file)
		}
	})
}
