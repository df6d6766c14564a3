package report

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/pkg/errors"
)

// A refused rename is tried again for renamePatience, every renamePause.
const (
	renamePatience = 2 * time.Second
	renamePause    = 50 * time.Millisecond
)

// WrittenBeside is the error of a file that could not be replaced, because
// another program (a spreadsheet, on Windows) holds it, and that was therefore
// written, whole, beside the one meant. Nothing is lost: say it and go on.
type WrittenBeside struct {
	Path   string // the file meant, which is as it was before
	Beside string // the file written
	Err    error  // why Path could not be replaced
}

// Error implements error.
func (e *WrittenBeside) Error() string {
	return fmt.Sprintf("%s: in use by another program (%v): written beside it as %s; close the program and rename it",
		e.Path, e.Err, e.Beside)
}

// Unwrap implements the interface of errors.Is and errors.As.
func (e *WrittenBeside) Unwrap() error { return e.Err }

// WriteFile replaces the file at path, whole or not at all, by what write
// writes: a temporary file in the same directory, sync, rename, sync of the
// directory. On an error the file is as it was before and nothing is left
// beside it, with two exceptions: *WrittenBeside, and where only the sync of the
// directory failed: the file is replaced, and a power cut may undo that.
func WriteFile(path string, write func(io.Writer) error) error {
	return writeBeside(disk{}, path, write)
}

// writeBeside is WriteFile on any file system.
func writeBeside(fsys fileSystem, path string, write func(io.Writer) error) error {
	temp, err := writeTemp(fsys, path, write)
	if err != nil {
		return err
	}
	refusal := renamePatiently(fsys, temp, path)
	if refusal == nil || !refused(refusal) {
		return settle(fsys, temp, path, refusal)
	}
	ext := filepath.Ext(path)
	for i := 1; i <= 9; i++ {
		beside := fmt.Sprintf("%s.new%d%s", strings.TrimSuffix(path, ext), i, ext)
		if err := fsys.Rename(temp, beside); err == nil {
			if err := settle(fsys, temp, beside, nil); err != nil {
				return err
			}
			return &WrittenBeside{Path: path, Beside: beside, Err: cause(refusal)}
		}
	}
	return settle(fsys, temp, path, refusal)
}

// replaceFile is WriteFile for files that have one place or none: it never
// writes beside.
func replaceFile(fsys fileSystem, path string, write func(io.Writer) error) error {
	temp, err := writeTemp(fsys, path, write)
	if err != nil {
		return err
	}
	return settle(fsys, temp, path, renamePatiently(fsys, temp, path))
}

// settle ends a write whose rename from temp to path came out as err.
func settle(fsys fileSystem, temp, path string, err error) error {
	if err != nil {
		_ = fsys.Remove(temp)
		return errors.Wrapf(cause(err), "replace %s", path)
	}
	return errors.Wrapf(fsys.SyncDir(filepath.Dir(path)), "sync the directory of %s", path)
}

// writeTemp writes a complete, synced temporary file beside path.
func writeTemp(fsys fileSystem, path string, write func(io.Writer) error) (string, error) {
	temp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+rand.Text()[:10]+tempSuffix)
	f, err := fsys.Create(temp)
	if err != nil {
		return "", errors.Wrapf(cause(err), "write %s", path)
	}
	written := false
	defer func() {
		if !written { // after an error, or a panic in write
			_ = f.Close()
			_ = fsys.Remove(temp)
		}
	}()
	buffered := bufio.NewWriterSize(&sequential{to: f}, 1<<16)
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
	return temp, errors.Wrapf(cause(err), "write %s", path)
}

// sequential writes to a file from its start on.
type sequential struct {
	to     file
	offset int64
}

// Write implements io.Writer.
func (s *sequential) Write(p []byte) (int, error) {
	n, err := s.to.WriteAt(p, s.offset)
	s.offset += int64(n)
	return n, err
}

func renamePatiently(fsys fileSystem, from, to string) error {
	deadline := time.Now().Add(renamePatience)
	for {
		err := fsys.Rename(from, to)
		if err == nil || !refused(err) || time.Now().After(deadline) {
			return err
		}
		time.Sleep(renamePause)
	}
}

// refused reports whether a rename failed for a reason that may pass: someone
// else holds the file. The temporary file beside it could be made, so the
// directory itself can be written.
func refused(err error) bool {
	const sharingViolation = syscall.Errno(32) // ERROR_SHARING_VIOLATION of Windows, EPIPE elsewhere
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EBUSY) ||
		errors.Is(err, sharingViolation)
}

// cause leaves out of an error of package os what names the temporary file.
func cause(err error) error {
	switch e := err.(type) {
	case *os.PathError:
		return e.Err
	case *os.LinkError:
		return e.Err
	}
	return err
}

const tempSuffix = ".tmp"

// removeTemps removes the temporary files that killed processes left in dir
// and that are older than age. It is best effort: they are invisible and harm
// nothing but the disk's space.
func removeTemps(dir string, age time.Duration) {
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasPrefix(name, ".") || !strings.HasSuffix(name, tempSuffix) {
			continue
		}
		info, err := entry.Info()
		if err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) >= age {
			_ = os.Remove(filepath.Join(dir, name))
		}
	}
}
