package model

import (
	"bytes"
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/nlpodyssey/safetensors"
)

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
	_, averaged := tiny.train(t, FastOps, &EMA{Solver: &SGD{}, Decay: 0.9})
	_, more := plan{n: 1, c: 1, h: 8, w: 8, maps: []int{2, 3, 4}, kernel: 3, hidden: 5, classes: 4}.train(t, FastOps, &SGD{})
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"NaN":            {broken, "fc2.bias: entry 1 is NaN"},
		"infinite":       {infinite, "fc2.bias: entry 1 is -Inf"},
		"another shape":  {checkpointOf(t, other), "is F32 of shape"},
		"another solver": {checkpointOf(t, adam), "which this network and solver do not have"},
		"averages":       {checkpointOf(t, averaged), "which this network and solver do not have"},
		"another depth":  {checkpointOf(t, more), "which this network and solver do not have"},
		"renamed tensor": {resealed(t, before, `"velocity.fc1.bias"`, `"__metadat1__.bias"`), "which this network and solver do not have"},
		"no tensor":      {without(t, before, "velocity.fc1.bias"), `found no tensor "velocity.fc1.bias"`},
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
		if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, ErrOtherArithmetic) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	if !bytes.Equal(checkpointOf(t, trainer), before) {
		t.Error("a refused checkpoint changed the training")
	}
}

// without is a checkpoint that lacks one tensor.
func without(t *testing.T, file []byte, name string) []byte {
	t.Helper()
	header, meta, err := safetensors.ReadMetadata(file)
	if err != nil {
		t.Fatal(err)
	}
	rest := make(map[string]safetensors.TensorView)
	for found, info := range meta.Tensors() {
		if found == name {
			continue
		}
		data := file[8+header:][info.DataOffsets[0]:info.DataOffsets[1]]
		if rest[found], err = safetensors.NewTensorView(info.DType, info.Shape, data); err != nil {
			t.Fatal(err)
		}
	}
	own := meta.Metadata()
	own["sha256"] = noDigits
	lacking, err := safetensors.Serialize(rest, own)
	if err != nil {
		t.Fatal(err)
	}
	if err := seal(lacking); err != nil {
		t.Fatal(err)
	}
	return lacking
}

func TestMetadataThatCannotBeReadAgainIsNotWritten(t *testing.T) {
	_, trainer := tiny.train(t, FastOps, &SGD{})
	for want, extra := range map[string]map[string]string{
		"a header of":          {"note": strings.Repeat("x", maxHeader)},
		`"step" is metadata`:   {"step": "7"},
		`"sha256" is metadata`: {"sha256": ""},
	} {
		var file bytes.Buffer
		if err := trainer.WriteCheckpoint(&file, extra); err == nil || !strings.Contains(err.Error(), want) || file.Len() > 0 {
			t.Errorf("error %v and %d bytes, want %q and none", err, file.Len(), want)
		}
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
	c.Arithmetic = "avx9 on amd64"
	if err := trainer.Restore(c); !errors.Is(err, ErrOtherArithmetic) || !strings.Contains(err.Error(), "avx9 on amd64") {
		t.Errorf("error %v", err)
	}
}
