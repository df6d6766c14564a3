package report

import (
	"io/fs"
	"os"
	"runtime"
	"syscall"

	"github.com/pkg/errors"
)

// fileSystem is every operation by which this package changes the disk, but for
// locks and removeTemps, which may fail unseen. Tests put one in its place that
// fails the N-th operation.
type fileSystem interface {
	MkdirAll(path string) error
	// Create opens a new file for writing; it is an error when path exists.
	Create(path string) (file, error)
	// Truncate opens path for writing, empty, whether it existed or not.
	Truncate(path string) (file, error)
	// Open opens the file at path for writing, as it is.
	Open(path string) (file, error)
	Rename(from, to string) error
	Remove(path string) error
	// SyncDir makes the names in a directory durable, where the system can.
	SyncDir(path string) error
}

// file is an open file of a fileSystem.
type file interface {
	WriteAt(p []byte, offset int64) (int, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

// disk is the fileSystem of the machine.
type disk struct{}

func (disk) MkdirAll(path string) error { return os.MkdirAll(path, 0o777) }

func (disk) Create(path string) (file, error) {
	return open(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
}

func (disk) Truncate(path string) (file, error) {
	return open(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
}

func (disk) Open(path string) (file, error) { return open(path, os.O_WRONLY) }

func (disk) Rename(from, to string) error { return os.Rename(from, to) }

func (disk) Remove(path string) error { return os.Remove(path) }

func (disk) SyncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil // directories cannot be synced; NTFS journals its names
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	err = dir.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		return nil // a file system that has no such thing
	}
	return err
}

// open keeps a nil *os.File from becoming a file that is not nil.
func open(path string, flag int) (file, error) {
	f, err := os.OpenFile(path, flag, fs.FileMode(0o666))
	if err != nil {
		return nil, err
	}
	return f, nil
}
