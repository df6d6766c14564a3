// Package durable writes files that survive a crash: a file is replaced whole or
// not at all, a name reaches the disk together with its content, and a lock on a
// directory is released when its holder dies. Every change goes through an FS, so
// tests can make any operation fail (package durabletest). The package knows
// nothing of what the files hold.
package durable

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"runtime"
	"sync"
	"syscall"

	"github.com/pkg/errors"
)

// FS is every operation that changes the disk, except for locks and RemoveTemps.
type FS interface {
	MkdirAll(path string) error
	// Open is os.OpenFile with permissions 0666 (before umask).
	Open(path string, flag int) (File, error)
	Rename(from, to string) error
	Remove(path string) error
	// SyncDir makes the names in a directory durable where the system can.
	SyncDir(path string) error
}

// File is an open file of an FS.
type File interface {
	io.ReaderAt
	io.WriterAt
	Stat() (fs.FileInfo, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

// Disk is the FS of this machine.
type Disk struct{}

// MkdirAll implements FS.
func (Disk) MkdirAll(path string) error { return os.MkdirAll(path, 0o777) }

// Open implements FS.
func (Disk) Open(path string, flag int) (File, error) {
	f, err := os.OpenFile(path, flag, 0o666)
	if err != nil {
		return nil, err // not f: a nil *os.File in a File is not nil
	}
	return f, nil
}

// Rename implements FS.
func (Disk) Rename(from, to string) error { return os.Rename(from, to) }

// Remove implements FS.
func (Disk) Remove(path string) error { return os.Remove(path) }

// say prints a message; tests replace it.
var say = func(message string) { fmt.Fprintln(os.Stderr, message) }

var noticed sync.Map

// notice says, once, what the file system of dir lacks.
func notice(dir, lacks string) {
	if _, before := noticed.LoadOrStore(lacks, true); !before {
		say(dir + ": " + lacks)
	}
}

// SyncDir implements FS. It does nothing on Windows, where directories cannot be
// synced and NTFS journals its names, nor, after a notice, on file systems that
// refuse it.
func (Disk) SyncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	err = dir.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		notice(path, "the file system cannot sync a directory ("+Cause(err).Error()+"): a power cut may lose the last checkpoint")
		return nil
	}
	return err
}

// OpenRegular opens a regular file for reading. Anything else is an error, and is
// not opened: opening a pipe would wait for a writer.
func OpenRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if mode := info.Mode(); mode.IsDir() {
		return nil, errors.Errorf("%s: found a directory, want a regular file", path)
	} else if !mode.IsRegular() {
		return nil, errors.Errorf("%s: found a special file (%v), want a regular file", path, mode.Type())
	}
	return os.Open(path)
}

// ReadFile reads the regular file at path, of at most limit bytes.
func ReadFile(path string, limit int64) ([]byte, error) {
	f, err := OpenRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(content)) > limit {
		err = errors.Errorf("%s: longer than %d bytes", path, limit)
	}
	return content, err
}

// SHA256 is the hexadecimal SHA-256 of parts one after another.
func SHA256(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p) // never fails
	}
	return Sum(h)
}

// Sum is the hexadecimal sum of what h was given.
func Sum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// Cause is err without the operation and path that package os puts before it. Use
// it where the path would name a temporary file or be said twice.
func Cause(err error) error {
	switch e := err.(type) {
	case *os.PathError:
		return e.Err
	case *os.LinkError:
		return e.Err
	}
	return err
}
