package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"regexp"
	"strings"
	"testing"
)

// kinds makes one solver of each kind.
var kinds = map[string]func() Solver{
	"sgd":  func() Solver { return &SGD{LearningRate: 0.05, Momentum: 0.9, WeightDecay: 1e-3} },
	"adam": func() Solver { return &Adam{LearningRate: 0.01, WeightDecay: 1e-3} },
	"averaged sgd": func() Solver {
		return &EMA{Solver: &SGD{LearningRate: 0.05, Momentum: 0.9, WeightDecay: 1e-3}, Decay: 0.4}
	},
	"averaged adam": func() Solver { return &EMA{Solver: &Adam{LearningRate: 0.01}, Decay: 0.9} },
}

// checkpointOf is what the trainer writes.
func checkpointOf(t testing.TB, trainer *Trainer) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := trainer.WriteCheckpoint(&file, map[string]string{"epoch": `2 "sha256":"`}); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// TestAContinuedTrainingHasTheBitsOfTheUnbrokenOne stops after every step, and
// goes on in a trainer that was drawn from another seed.
func TestAContinuedTrainingHasTheBitsOfTheUnbrokenOne(t *testing.T) {
	const steps = 6
	for name, solver := range kinds {
		for _, backend := range []Ops{FastOps, GorgoniaOps} {
			_, whole := drops.train(t, backend, solver())
			x, y := drops.batch(4)
			files := [][]byte{checkpointOf(t, whole)}
			for range steps {
				if _, err := whole.Step(x, y); err != nil {
					t.Fatal(err)
				}
				files = append(files, checkpointOf(t, whole))
			}
			for k, file := range files {
				net, rest := drops.train(t, backend, solver())
				for _, w := range net.weights {
					for i := range w {
						w[i] += 1
					}
				}
				c, err := ParseCheckpoint(file)
				if err != nil || c.Step != k || c.Meta["epoch"] != `2 "sha256":"` {
					t.Fatal(c, err)
				}
				if err := rest.Restore(c); err != nil {
					t.Fatal(err)
				}
				for range steps - k {
					if _, err := rest.Step(x, y); err != nil {
						t.Fatal(err)
					}
				}
				if !bytes.Equal(checkpointOf(t, rest), files[steps]) {
					t.Errorf("%s, %s: continued after step %d, the training ends otherwise", name, backend.Name, k)
				}
			}
		}
	}
}

// TestTheChecksumIsThatOfTheWholeFile computes it by its definition.
func TestTheChecksumIsThatOfTheWholeFile(t *testing.T) {
	_, trainer := tiny.train(t, FastOps, &SGD{})
	file := checkpointOf(t, trainer)
	digits := regexp.MustCompile(`"sha256":"([0-9a-f]{64})"`).FindSubmatch(file)[1]
	sum := sha256.Sum256(bytes.Replace(file, digits, bytes.Repeat([]byte("0"), 64), 1))
	if string(digits) != hex.EncodeToString(sum[:]) {
		t.Errorf("the file says %s, its bytes %x", digits, sum)
	}
	if n := int64(len(file)); n > trainer.CheckpointLimit() {
		t.Errorf("%d bytes, more than the limit of %d", n, trainer.CheckpointLimit())
	}
}

// TestTheFirstLossSurvives gives a continued training a batch of which the loss
// is above ten times that of the first step, though not of its own first.
func TestTheFirstLossSurvives(t *testing.T) {
	x, y := tiny.batch(3)
	huge := make([]float32, len(x))
	for i := range x {
		huge[i] = 1e6 * x[i]
	}
	_, first := tiny.train(t, FastOps, &SGD{})
	if _, err := first.Step(x, y); err != nil {
		t.Fatal(err)
	}
	c, err := ParseCheckpoint(checkpointOf(t, first))
	if err != nil {
		t.Fatal(err)
	}
	_, continued := tiny.train(t, FastOps, &SGD{})
	if err := continued.Restore(c); err != nil {
		t.Fatal(err)
	}
	if _, err := continued.Step(huge, y); !errors.Is(err, ErrDiverged) || !strings.Contains(err.Error(), "ten times") {
		t.Errorf("error %v, want ErrDiverged", err)
	}
	_, fresh := tiny.train(t, FastOps, &SGD{})
	if _, err := fresh.Step(huge, y); err != nil {
		t.Errorf("as a first step: %v", err)
	}
}

func TestASolverWithoutStateCannotBeCheckpointed(t *testing.T) {
	_, trainer := tiny.train(t, FastOps, new(keeper))
	if err := trainer.WriteCheckpoint(new(bytes.Buffer), nil); err == nil || !strings.Contains(err.Error(), "keeper") {
		t.Errorf("error %v", err)
	}
}
