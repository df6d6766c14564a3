package suite

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"cnnlab/data/durable/durabletest"
	"cnnlab/experiments/report/runs"
)

// The checkpoints of a run, and changes to a file.
const (
	last     = runs.CheckpointName
	previous = "checkpoint.previous.safetensors"
)

func flipped(b []byte) []byte { b[len(b)/2] ^= 4; return b }

func third(b []byte) []byte { return b[:len(b)/3] }

func emptied([]byte) []byte { return nil }

func longer(b []byte) []byte { return append(b, "lr0.02,18,2,"...) }

// resealed changes a checkpoint and gives it the checksum that then belongs to it.
func resealed(b []byte, change func(b []byte)) []byte {
	change(b)
	at := bytes.Index(b, []byte(`"sha256":"`)) + len(`"sha256":"`)
	copy(b[at:], strings.Repeat("0", 64))
	copy(b[at:], fmt.Sprintf("%x", sha256.Sum256(b)))
	return b
}

func withNaN(b []byte) []byte {
	return resealed(b, func(b []byte) { copy(b[len(b)-4:], "\xff\xff\xff\xff") })
}

func ofAnotherKernel(b []byte) []byte {
	return resealed(b, func(b []byte) { copy(b[bytes.Index(b, []byte(" on "))-1:], "9") })
}

func ofAnotherVersion(b []byte) []byte {
	return resealed(b, func(b []byte) { copy(b[bytes.Index(b, []byte("cnnlab checkpoint 1"))+18:], "9") })
}

func lastRowChanged(b []byte) []byte { b[len(b)-9] ^= 1; return b }

// TestACheckpointThatIsBadIsNotUsed damages files of a run that has made 17
// steps, with a checkpoint there and one after step 12. The run ends as the
// unbroken one all the same.
func TestACheckpointThatIsBadIsNotUsed(t *testing.T) {
	want := oneRun(t).trained(t)
	bad := "truncated or changed"
	cases := []struct {
		name   string
		files  []string
		change func(b []byte) []byte // nil: the file is removed
		from   int                   // step that the run continues after; 0: it starts over
		says   []string
	}{
		{"bit flipped", []string{last}, flipped, 12, []string{last, bad}},
		{"truncated", []string{last}, third, 12, []string{last, bad}},
		{"empty", []string{last}, emptied, 12, []string{last, "no checksum"}},
		{"NaN", []string{last}, withNaN, 12, []string{last, "is NaN, want a finite number"}},
		{"both NaN", []string{last, previous}, withNaN, 0, []string{last, previous, "is NaN, want a finite number"}},
		{"another version", []string{last}, ofAnotherVersion, 12, []string{last, `format "cnnlab checkpoint 9"`}},
		{"gone", []string{last}, nil, 12, nil},
		{"previous gone", []string{previous}, nil, 17, nil},
		{"both flipped", []string{last, previous}, flipped, 0, []string{last, previous, bad}},
		{"both gone", []string{last, previous}, nil, 0, nil},
		{"a row changed", []string{"steps.csv"}, lastRowChanged, 12, []string{last, "steps.csv: its first"}},
		{"rows lost", []string{"steps.csv"}, third, 0, []string{last, previous, "steps.csv: its first"}},
		{"rows too many", []string{"steps.csv"}, longer, 17, nil},
		{"no epochs", []string{"epochs.csv"}, nil, 0, []string{last, previous, "epochs.csv"}},
		{"record gone", []string{"run.json"}, nil, 17, nil},
		{"record empty", []string{"run.json"}, emptied, 17, []string{"run.json: empty", "will be rewritten"}},
	}
	for _, c := range cases {
		s := oneRun(t)
		s.stopAfter(t, 17)
		for _, name := range c.files {
			change(t, filepath.Join(runs.Path(s.dir, s.plan[0].ID), name), c.change)
		}
		var said bytes.Buffer
		s.stderr, s.opts.Quiet = &said, false
		wantFiles(t, c.name, want, s.trained(t))
		for _, text := range c.says {
			if !strings.Contains(said.String(), text) {
				t.Errorf("%s: no %q is said, but\n%s", c.name, text, &said)
			}
		}
		from := fmt.Sprintf("continues after step %d\n", c.from)
		if strings.Contains(said.String(), from) != (c.from > 0) || strings.Contains(said.String(), "continues") != (c.from > 0) {
			t.Errorf("%s: want %q said if that is not 0, but\n%s", c.name, from, &said)
		}
	}
	durabletest.Survived(t, "checkpoint, record or counted rows damaged or gone", len(cases))
}

// TestADirectoryInPlaceOfACheckpointIsReported cannot be trained around: nothing
// can take its place.
func TestADirectoryInPlaceOfACheckpointIsReported(t *testing.T) {
	s := oneRun(t)
	if err := os.MkdirAll(filepath.Join(runs.Path(s.dir, s.plan[0].ID), last, "x"), 0o777); err != nil {
		t.Fatal(err)
	}
	statuses, err := s.train(context.Background(), s.plan)
	if err == nil || !strings.Contains(err.Error(), last) || statuses[0] != runs.StatusFailed {
		t.Errorf("%v, %v, want failed and the path", statuses, err)
	}
}

// TestACheckpointOfAnotherRunOrKernelStopsTheRun leaves the run as it is.
func TestACheckpointOfAnotherRunOrKernelStopsTheRun(t *testing.T) {
	s := oneRun(t)
	s.stopAfter(t, 3)
	path := filepath.Join(runs.Path(s.dir, s.plan[0].ID), runs.CheckpointName)
	mine, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := oneRun(t, func(c *Config) { c.Seed = 2 })
	other.stopAfter(t, 3)
	theirs, err := os.ReadFile(filepath.Join(runs.Path(other.dir, other.plan[0].ID), runs.CheckpointName))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		file []byte
		want string
	}{{theirs, "not a checkpoint of this run"}, {ofAnotherKernel(bytes.Clone(mine)), "which may round differently"}} {
		change(t, path, func([]byte) []byte { return c.file })
		statuses, err := s.train(context.Background(), s.plan)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "-fresh") || statuses[0] != runs.StatusFailed {
			t.Errorf("%s: %v, %v", c.want, statuses, err)
		}
		if now, _ := os.ReadFile(path); !bytes.Equal(now, c.file) {
			t.Errorf("%s: it is not left as it is", c.want)
		}
	}
	change(t, path, func([]byte) []byte { return mine })
	wantFiles(t, "with its own checkpoint again", oneRun(t).trained(t), s.trained(t))
	durabletest.Survived(t, "checkpoint of another run or kernel", 2)
}

// TestWhatAnotherProgramBeganSaysSo finds another version of Go in the record.
func TestWhatAnotherProgramBeganSaysSo(t *testing.T) {
	s := oneRun(t)
	s.stopAfter(t, 3)
	dir := runs.Path(s.dir, s.plan[0].ID)
	change(t, filepath.Join(dir, "run.json"), func(b []byte) []byte {
		b = bytes.Replace(b, []byte("record_sha256"), []byte("earlier"), 1) // as earlier revisions, without a sum
		return bytes.Replace(b, []byte(runtime.Version()), []byte("go1.0"), 1)
	})
	s.trained(t)
	record, err := runs.ReadRecord(dir)
	if err != nil || len(record.Notes) != 1 || !strings.Contains(record.Notes[0], "Begun by another build of this program: go1.0") {
		t.Errorf("notes %q, %v", record.Notes, err)
	}
}

// change rewrites a file, or removes it if there is no f.
func change(t *testing.T, path string, f func(b []byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err == nil && f == nil {
		err = os.Remove(path)
	} else if err == nil {
		err = os.WriteFile(path, f(b), 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}
