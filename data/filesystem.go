package data

import (
	"io"
	"os"
)

// fileSystem is every operation by which this package changes the disk, locks
// apart. Tests put one in its place that fails the N-th operation.
type fileSystem interface {
	MkdirAll(path string) error
	// Open opens the file at path for reading and writing, and makes it where
	// there is none.
	Open(path string) (openFile, error)
	Rename(from, to string) error
	Remove(path string) error
	// SyncDir makes the names in a directory durable, where the system can.
	SyncDir(path string) error
}

// openFile is an open file of a fileSystem.
type openFile interface {
	io.ReadWriteSeeker
	Truncate(size int64) error
	Sync() error
	Close() error
}

// disk is the fileSystem of the machine.
type disk struct{}

func (disk) MkdirAll(path string) error { return os.MkdirAll(path, 0o755) }

func (disk) Open(path string) (openFile, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err // not f: a nil *os.File is an openFile that is not nil
	}
	return f, nil
}

func (disk) Rename(from, to string) error { return os.Rename(from, to) }

func (disk) Remove(path string) error { return os.Remove(path) }

func (disk) SyncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
