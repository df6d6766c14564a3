package report

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pkg/errors"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func TestWriteFileReplacesWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "runs.csv")
	must(t, WriteFile(path, text("old")))
	broken := errors.New("no more numbers")
	err := WriteFile(path, func(w io.Writer) error {
		_ = text(strings.Repeat("new", 1<<20))(w)
		return broken
	})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want the cause and the path", err)
	}
	if got := read(t, path); got != "old" {
		t.Errorf("file holds %.20q, want what it held", got)
	}
	must(t, WriteFile(path, text("new")))
	if got := read(t, path); got != "new" {
		t.Errorf("file holds %q, want %q", got, "new")
	}
	if left := temps(t, dir); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

func TestWriteFileLeavesNothingWhenWritePanics(t *testing.T) {
	dir := t.TempDir()
	func() {
		defer func() { _ = recover() }()
		_ = WriteFile(filepath.Join(dir, "x"), func(io.Writer) error { panic("drawing") })
	}()
	if left := temps(t, dir); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

func TestWriteFileOntoDirectoryOrInNone(t *testing.T) {
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken")
	must(t, os.MkdirAll(filepath.Join(taken, "below"), 0o777))
	plain := filepath.Join(dir, "plain")
	must(t, os.WriteFile(plain, []byte("file"), 0o666))
	for _, path := range []string{taken, filepath.Join(dir, "absent", "x"), filepath.Join(plain, "x")} {
		err := WriteFile(path, text("new"))
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("error %v, want one that names %s", err, path)
		}
	}
	if left := temps(t, dir); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

// holding refuses every rename onto one path, as Windows does while a
// spreadsheet holds it.
type holding struct {
	disk
	path  string
	tries int // refusals left; negative: for ever
}

func (h *holding) Rename(from, to string) error {
	if to == h.path && h.tries != 0 {
		h.tries--
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: os.ErrPermission}
	}
	return h.disk.Rename(from, to)
}

func TestHeldFileIsReplacedOnceItIsFree(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.csv")
	must(t, writeBeside(&holding{path: path, tries: 3}, path, text("new")))
	if got := read(t, path); got != "new" {
		t.Errorf("file holds %q, want %q", got, "new")
	}
}

func TestHeldFileIsWrittenBeside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "runs.csv")
	must(t, WriteFile(path, text("old")))
	err := writeBeside(&holding{path: path, tries: -1}, path, text("new"))
	var beside *WrittenBeside
	if !errors.As(err, &beside) || !strings.Contains(err.Error(), "runs.new1.csv") {
		t.Fatalf("error %v, want written beside", err)
	}
	if read(t, path) != "old" || read(t, beside.Beside) != "new" {
		t.Error("want the old file as it was and the new one beside it")
	}
	if err := replaceFile(&holding{path: path, tries: -1}, path, text("new")); err == nil || errors.As(err, &beside) {
		t.Errorf("error %v, want a plain one: run.json has one place", err)
	}
	if left := temps(t, dir); left != nil {
		t.Errorf("left behind: %v", left)
	}
}
