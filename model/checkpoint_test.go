package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// solvers makes one of each, by name.
var solvers = map[string]func() Solver{
	"sgd":  func() Solver { return &SGD{LearningRate: 0.05, Momentum: 0.9, WeightDecay: 1e-3} },
	"adam": func() Solver { return &Adam{LearningRate: 0.01, WeightDecay: 1e-3} },
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
	for name, solver := range solvers {
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

// TestEveryFlippedBitAndEveryTruncationIsFound damages a checkpoint in every
// way that there is of the two.
func TestEveryFlippedBitAndEveryTruncationIsFound(t *testing.T) {
	small := plan{n: 1, c: 1, h: 2, w: 2, maps: []int{1}, kernel: 1, hidden: 1, classes: 2}
	_, trainer := small.train(t, FastOps, &SGD{})
	file := checkpointOf(t, trainer)
	refused := 0
	for i := range file {
		if _, err := ParseCheckpoint(file[:i]); err != nil {
			refused++
		}
		for bit := range 8 {
			file[i] ^= 1 << bit
			if _, err := ParseCheckpoint(file); err != nil {
				refused++
			}
			file[i] ^= 1 << bit
		}
	}
	if _, err := ParseCheckpoint(append(bytes.Clone(file), 0)); err == nil {
		t.Error("a byte too many was accepted")
	}
	if refused != 9*len(file) {
		t.Errorf("%d of %d damaged checkpoints refused", refused, 9*len(file))
	}
	t.Logf("%d damaged checkpoints tried, all refused", refused)
}

// resealed is a file after a change, with the checksum that then belongs to it.
func resealed(t *testing.T, file []byte, old, new string) []byte {
	t.Helper()
	if !bytes.Contains(file, []byte(old)) {
		t.Fatalf("no %q in the checkpoint", old)
	}
	file = bytes.Replace(file, []byte(old), []byte(new), 1)
	if err := seal(file); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestCheckpointsThatAreNotOfThisTrainingAreRefused(t *testing.T) {
	net, trainer := tiny.train(t, FastOps, &SGD{})
	before := bytes.Clone(checkpointOf(t, trainer))
	w := net.weights["fc2.bias"]
	w[1] = float32(math.NaN())
	broken := bytes.Clone(checkpointOf(t, trainer))
	w[1] = float32(math.Inf(-1))
	infinite := bytes.Clone(checkpointOf(t, trainer))
	w[1] = 0
	_, other := odd.train(t, FastOps, &SGD{})
	_, adam := tiny.train(t, FastOps, &Adam{})
	_, more := plan{n: 1, c: 1, h: 8, w: 8, maps: []int{2, 3, 4}, kernel: 3, hidden: 5, classes: 4}.train(t, FastOps, &SGD{})
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"NaN":            {broken, "fc2.bias: entry 1 is NaN"},
		"infinite":       {infinite, "fc2.bias: entry 1 is -Inf"},
		"another shape":  {checkpointOf(t, other), "is F32 of shape"},
		"another solver": {checkpointOf(t, adam), "which this network and solver have not"},
		"another depth":  {checkpointOf(t, more), "which this network and solver have not"},
		"no tensor":      {resealed(t, before, `"velocity.fc1.bias"`, `"__metadat1__.bias"`), "which this network and solver have not"},
		"version":        {resealed(t, before, "cnnlab checkpoint 1", "cnnlab checkpoint 9"), `format "cnnlab checkpoint 9"`},
		"step":           {resealed(t, before, `"step":"0"`, `"step":"-"`), `step "-"`},
		"first loss":     {resealed(t, before, `"first_loss":"0"`, `"first_loss":"N"`), `first_loss "N"`},
		"type":           {resealed(t, before, `{"dtype":"F32"`, `{"dtype":"I32"`), "is I32"},
		"type of 16 bit": {resealed(t, before, `{"dtype":"F32"`, `{"dtype":"F16"`), "offsets mismatch"},
		"huge header":    {resealed(t, before, string(before[:8]), "\xff\xff\xff\xff\xff\xff\xff\xff"), "a header of 18446744073709551615 bytes, want at most"},
		"long header":    {resealed(t, before, string(before[:8]), "\x00\x00\x10\x00\x00\x00\x00\x00"), "invalid header length"},
	} {
		found, err := ParseCheckpoint(c.file)
		if err == nil {
			err = trainer.Restore(found)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, ErrOtherKernel) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	if !bytes.Equal(checkpointOf(t, trainer), before) {
		t.Error("a refused checkpoint changed the training")
	}
}

// TestRefusingACheckpointTakesLittleMemory has a header that claims to be longer
// than the file, and one that is full of numbers.
func TestRefusingACheckpointTakesLittleMemory(t *testing.T) {
	sum := `"sha256":"` + noDigits + `"`
	for name, text := range map[string]string{
		"claims":  "\x00\x00\x10\x00\x00\x00\x00\x00{" + sum,
		"numbers": "\x00\x00\x10\x00\x00\x00\x00\x00" + `{"__metadata__":{` + sum + `},"x":{"shape":[1` + strings.Repeat(",1", maxHeader/2-100) + `]}}` + strings.Repeat(" ", 200),
	} {
		file := []byte(text)
		if err := seal(file); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := ParseCheckpoint(file)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; err == nil || took > 1<<16+100*uint64(len(file)) {
			t.Errorf("%s: %d bytes taken for a file of %d; %v", name, took, len(file), err)
		}
	}
}

func TestAnotherKernelIsRefusedAsSuch(t *testing.T) {
	_, trainer := tiny.train(t, FastOps, &SGD{})
	c, err := ParseCheckpoint(checkpointOf(t, trainer))
	if err != nil {
		t.Fatal(err)
	}
	c.Kernel = "avx9 on amd64"
	if err := trainer.Restore(c); !errors.Is(err, ErrOtherKernel) || !strings.Contains(err.Error(), "avx9 on amd64") {
		t.Errorf("error %v", err)
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
