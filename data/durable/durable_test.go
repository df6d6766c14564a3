package durable_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pkg/errors"

	"cnnlab/data/durable"
	"cnnlab/data/durable/durabletest"
)

func TestMain(m *testing.M) { durabletest.Main(m) }

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	must(t, err)
	return string(content)
}

// wantNoTemps fails if a temporary file is left below dir.
func wantNoTemps(t *testing.T, dir string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if strings.HasSuffix(path, ".tmp") {
			t.Errorf("left behind: %s", path)
		}
		return err
	}))
}

func TestWriteFileReplacesWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "runs.csv")
	must(t, durable.WriteFile(durable.Disk{}, path, text("old")))
	broken := errors.New("no more numbers")
	err := durable.WriteFile(durable.Disk{}, path, func(w io.Writer) error {
		_ = text(strings.Repeat("new", 1<<20))(w)
		return broken
	})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want the cause and the path", err)
	}
	if got := read(t, path); got != "old" {
		t.Errorf("file holds %.20q, want what it held", got)
	}
	must(t, durable.WriteFile(durable.Disk{}, path, text("new")))
	if got := read(t, path); got != "new" {
		t.Errorf("file holds %q, want %q", got, "new")
	}
	wantNoTemps(t, dir)
}

func TestWriteFileLeavesNothingWhenWritePanics(t *testing.T) {
	dir := t.TempDir()
	func() {
		defer func() { _ = recover() }()
		_ = durable.WriteFile(durable.Disk{}, filepath.Join(dir, "x"), func(io.Writer) error { panic("drawing") })
	}()
	wantNoTemps(t, dir)
}

func TestWriteFileOntoADirectoryOrInNone(t *testing.T) {
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken")
	must(t, os.MkdirAll(filepath.Join(taken, "below"), 0o777))
	plain := filepath.Join(dir, "plain")
	must(t, os.WriteFile(plain, []byte("file"), 0o666))
	for _, path := range []string{taken, filepath.Join(dir, "absent", "x"), filepath.Join(plain, "x")} {
		err := durable.WriteFile(durable.Disk{}, path, text("new"))
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("error %v, want one that names %s", err, path)
		}
	}
	wantNoTemps(t, dir)
}

// TestEveryFailingOperationKeepsOneWholeFile fails each operation of the three ways
// to write, with writes that leave none, half or all of their bytes.
func TestEveryFailingOperationKeepsOneWholeFile(t *testing.T) {
	tried := 0
	for name, write := range map[string]func(fsys durable.FS, path string) error{
		"WriteFile":         func(fsys durable.FS, path string) error { return durable.WriteFile(fsys, path, text("new")) },
		"WriteFileOrBeside": func(fsys durable.FS, path string) error { return durable.WriteFileOrBeside(fsys, path, text("new")) },
		"WriteRotating": func(fsys durable.FS, path string) error {
			return durable.WriteRotating(fsys, path, path+".previous", text("new"))
		},
	} {
		for mode := range 6 {
			for at := 1; ; at++ {
				dir := t.TempDir()
				path := filepath.Join(dir, "x")
				must(t, os.WriteFile(path, []byte("old"), 0o666))
				fsys := &durabletest.Failing{At: at, Persist: mode%2 == 1, Part: float64(mode/2) / 2}
				err := write(fsys, path)
				if fsys.Failed == "" {
					must(t, err)
					break
				}
				tried++
				if !errors.Is(err, durabletest.ErrInjected) || !strings.Contains(err.Error(), path) {
					t.Errorf("%s, operation %d: error %v, want the injected one and the path", name, at, err)
				}
				found := "nothing"
				for _, p := range []string{path, path + ".previous"} {
					if b, err := os.ReadFile(p); err == nil {
						if found = string(b); found != "old" && found != "new" {
							t.Errorf("%s, operation %d: %s holds %q", name, at, p, found)
						}
					}
				}
				if found == "nothing" {
					t.Errorf("%s, operation %d: no file is left", name, at)
				}
				if fsys.Failed != "remove" {
					wantNoTemps(t, dir)
				}
			}
		}
	}
	durabletest.Survived(t, "each operation of a write fails", tried)
}

func TestWriteRotatingKeepsTheFileBefore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoint")
	for _, content := range []string{"first", "second", "third"} {
		must(t, durable.WriteRotating(durable.Disk{}, path, path+".previous", text(content)))
	}
	if now, before := read(t, path), read(t, path+".previous"); now != "third" || before != "second" {
		t.Errorf("%q and before it %q, want third and second", now, before)
	}
}

// refusing refuses renames onto one path.
type refusing struct {
	durable.Disk
	path  string
	with  error
	times int // negative: always
	tried int
}

func (r *refusing) Rename(from, to string) error {
	if to == r.path {
		if r.tried++; r.times < 0 || r.tried <= r.times {
			return &os.LinkError{Op: "rename", Old: from, New: to, Err: r.with}
		}
	}
	return r.Disk.Rename(from, to)
}

func TestAHeldFileIsReplacedOnceItIsFree(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.csv")
	must(t, durable.WriteFile(&refusing{path: path, with: syscall.EBUSY, times: 3}, path, text("new")))
	if got := read(t, path); got != "new" {
		t.Errorf("file holds %q, want %q", got, "new")
	}
}

// TestAFileThatCannotBeReplacedIsWrittenBeside whether another program holds it or
// its permissions forbid it. On Unix the second does not pass, so nothing waits
// for it and no program is blamed.
func TestAFileThatCannotBeReplacedIsWrittenBeside(t *testing.T) {
	for _, c := range []struct {
		with   error
		tries  bool
		advice string
	}{{syscall.EBUSY, true, "close the program that holds it"}, {syscall.EPERM, false, "remove it and rename that"}} {
		dir := t.TempDir()
		path := filepath.Join(dir, "runs.csv")
		must(t, os.WriteFile(path, []byte("old"), 0o666))
		fsys := &refusing{path: path, with: c.with, times: -1}
		err := durable.WriteFileOrBeside(fsys, path, text("new"))
		var beside *durable.WrittenBeside
		if !errors.As(err, &beside) || !errors.Is(err, c.with) || !strings.Contains(err.Error(), "runs.new1.csv") || !strings.Contains(err.Error(), c.advice) {
			t.Fatalf("%v: error %v, want written beside, and %q", c.with, err, c.advice)
		}
		if read(t, path) != "old" || read(t, beside.Beside) != "new" {
			t.Errorf("%v: want the old file as it was and the new one beside it", c.with)
		}
		if fsys.tried > 1 != c.tries {
			t.Errorf("%v: tried %d times, want more than once: %v", c.with, fsys.tried, c.tries)
		}
		if err := durable.WriteFile(fsys, path, text("new")); err == nil || errors.As(err, &beside) {
			t.Errorf("%v: error %v, want a plain one: WriteFile has one place", c.with, err)
		}
		wantNoTemps(t, dir)
	}
}

func TestALockIsWaitedForUntilItsPatienceOrItsContextEnds(t *testing.T) {
	dir := t.TempDir()
	held, err := durable.Acquire(t.Context(), dir, 0)
	must(t, err)
	if !durable.Held(dir) {
		t.Error("a held lock looks free")
	}
	for _, patience := range []time.Duration{0, 30 * time.Millisecond} {
		if _, err := durable.Acquire(t.Context(), dir, patience); !errors.Is(err, durable.ErrLocked) || !strings.Contains(err.Error(), dir) {
			t.Errorf("patience %v: error %v, want ErrLocked and the directory", patience, err)
		}
	}
	stopped := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(30*time.Millisecond, func() { cancel(stopped) })
	if _, err := durable.Acquire(ctx, dir, time.Hour); !errors.Is(err, stopped) {
		t.Errorf("error %v, want the cause of the context's end", err)
	}
	must(t, held.Release())
	must(t, held.Release())
	if durable.Held(dir) {
		t.Error("a free lock looks held")
	}
	again, err := durable.Acquire(t.Context(), dir, 0)
	must(t, err)
	must(t, again.Release())
}

func TestReadFileTakesRegularFilesWithinTheLimit(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x")
	must(t, os.WriteFile(path, []byte("1234"), 0o666))
	if b, err := durable.ReadFile(path, 4); err != nil || string(b) != "1234" {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := durable.ReadFile(path, 3); err == nil || !strings.Contains(err.Error(), "longer than 3 bytes") {
		t.Errorf("error %v, want the limit", err)
	}
	if _, err := durable.ReadFile(dir, 4); err == nil || !strings.Contains(err.Error(), "found a directory, want a regular file") {
		t.Errorf("error %v, want what was found", err)
	}
	if _, err := durable.ReadFile(filepath.Join(dir, "y"), 4); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v, want ErrNotExist", err)
	}
}
