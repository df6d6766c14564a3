package durable

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/pkg/errors"
)

// tempSuffix ends the name of a temporary file, which begins with a dot.
const tempSuffix = ".tmp"

// WriteFile replaces the file at path by what write writes, whole or not at all:
// a temporary file in the same directory, sync, rename, sync of the directory. On
// an error the file is as it was before and nothing is left beside it, with one
// exception: if only the sync of the directory fails, the file is replaced and a
// power cut may undo that.
func WriteFile(fsys FS, path string, write func(io.Writer) error) error {
	temp, err := writeTemp(fsys, path, write)
	if err != nil {
		return err
	}
	return settle(fsys, temp, path, rename(fsys, temp, path))
}

// WriteRotating is WriteFile that keeps the file it replaces as previous. At every
// moment at least one of the two is there and whole.
func WriteRotating(fsys FS, path, previous string, write func(io.Writer) error) error {
	temp, err := writeTemp(fsys, path, write)
	if err != nil {
		return err
	}
	err = rename(fsys, path, previous)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = rename(fsys, temp, path)
	}
	return settle(fsys, temp, path, err)
}

// Move renames a file and syncs the directory of its new name.
func Move(fsys FS, from, to string) error { return settle(fsys, "", to, rename(fsys, from, to)) }

// WrittenBeside is the error of a file that could not be replaced and was written,
// whole, beside its place: on Windows because a spreadsheet holds it open, on Unix
// because its permissions forbid it. Nothing is lost: report it and go on.
type WrittenBeside struct {
	Path   string // the file meant, which is as it was before
	Beside string // the file written
	Err    error  // why Path could not be replaced
}

// Error implements error.
func (e *WrittenBeside) Error() string {
	advice := "remove it and rename that"
	if mayPass(e.Err) {
		advice = "close the program that holds it and rename that"
	}
	return fmt.Sprintf("%s cannot be replaced (%v); the new content is in %s: %s", e.Path, e.Err, e.Beside, advice)
}

// Unwrap returns why the file could not be replaced.
func (e *WrittenBeside) Unwrap() error { return e.Err }

// WriteFileOrBeside is WriteFile for tables and pictures: where the file cannot be
// replaced, the error is *WrittenBeside.
func WriteFileOrBeside(fsys FS, path string, write func(io.Writer) error) error {
	temp, err := writeTemp(fsys, path, write)
	if err != nil {
		return err
	}
	refusal := rename(fsys, temp, path)
	if refusal == nil || !mayPass(refusal) && !errors.Is(refusal, fs.ErrPermission) {
		return settle(fsys, temp, path, refusal)
	}
	ext := filepath.Ext(path)
	for i := 1; i <= 9; i++ {
		beside := fmt.Sprintf("%s.new%d%s", strings.TrimSuffix(path, ext), i, ext)
		if err := fsys.Rename(temp, beside); err == nil {
			if err := settle(fsys, temp, beside, nil); err != nil {
				return err
			}
			return &WrittenBeside{Path: path, Beside: beside, Err: Cause(refusal)}
		}
	}
	return settle(fsys, temp, path, refusal)
}

// settle finishes a write whose rename to path returned err: it removes the
// temporary file or syncs the directory.
func settle(fsys FS, temp, path string, err error) error {
	if err != nil {
		if temp != "" {
			_ = fsys.Remove(temp)
		}
		return errors.Wrapf(Cause(err), "replace %s", path)
	}
	return errors.Wrapf(fsys.SyncDir(filepath.Dir(path)), "sync the directory of %s", path)
}

// writeTemp writes a complete, synced temporary file beside path.
func writeTemp(fsys FS, path string, write func(io.Writer) error) (string, error) {
	temp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+rand.Text()[:10]+tempSuffix)
	f, err := fsys.Open(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return "", errors.Wrapf(Cause(err), "write %s", path)
	}
	written := false
	defer func() {
		if !written { // after an error, or a panic in write
			_ = f.Close()
			_ = fsys.Remove(temp)
		}
	}()
	buffered := bufio.NewWriterSize(io.NewOffsetWriter(f, 0), 1<<16)
	err = write(buffered)
	if err == nil {
		err = buffered.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = f.Close()
	}
	written = err == nil
	return temp, errors.Wrapf(Cause(err), "write %s", path)
}

// rename retries for two seconds while another program holds the file.
func rename(fsys FS, from, to string) error {
	deadline := time.Now().Add(2 * time.Second)
	for {
		err := fsys.Rename(from, to)
		if err == nil || !mayPass(err) || time.Now().After(deadline) {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// mayPass reports whether a rename failed because someone holds the file, who may
// let go of it. Windows answers with a sharing violation or denies access; on Unix
// a denied rename stays denied.
func mayPass(err error) bool {
	const sharingViolation = syscall.Errno(32)
	windows := runtime.GOOS == "windows" && (errors.Is(err, fs.ErrPermission) || errors.Is(err, sharingViolation))
	return windows || errors.Is(err, syscall.EBUSY)
}

// RemoveTemps removes the temporary files older than age that killed processes
// left in dir. Failures are ignored: the files are hidden and cost only space.
func RemoveTemps(dir string, age time.Duration) {
	names, _ := fs.Glob(os.DirFS(dir), ".*"+tempSuffix)
	for _, name := range names {
		path := filepath.Join(dir, name)
		info, err := os.Lstat(path)
		if err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) >= age {
			_ = os.Remove(path)
		}
	}
}
