package data

import "github.com/pkg/errors"

var errInjected = errors.New("injected fault")

// failing is a disk whose N-th operation fails, as does, where persist is set,
// every later one that needs room. A failing write leaves a part of its bytes.
// Nothing is really synced: that would take the test most of its time.
type failing struct {
	disk
	n, at   int
	persist bool
	part    float64 // of its bytes that a failing write leaves
	failed  string  // the operation that failed first
}

// hit counts an operation, which needs room on the disk or does not.
func (f *failing) hit(operation string, room bool) error {
	f.n++
	if f.n != f.at && !(f.persist && room && f.n > f.at) {
		return nil
	}
	if f.failed == "" {
		f.failed = operation
	}
	return errInjected
}

func (f *failing) MkdirAll(path string) error {
	if err := f.hit("mkdir", true); err != nil {
		return err
	}
	return f.disk.MkdirAll(path)
}

func (f *failing) Open(path string) (openFile, error) {
	if err := f.hit("open", true); err != nil {
		return nil, err
	}
	to, err := f.disk.Open(path)
	return &failingFile{openFile: to, on: f}, err
}

func (f *failing) Rename(from, to string) error {
	if err := f.hit("rename", true); err != nil {
		return err
	}
	return f.disk.Rename(from, to)
}

func (f *failing) Remove(path string) error {
	if err := f.hit("remove", false); err != nil {
		return err
	}
	return f.disk.Remove(path)
}

func (f *failing) SyncDir(string) error { return f.hit("sync of a directory", true) }

type failingFile struct {
	openFile
	on     *failing
	closed bool
}

func (f *failingFile) Read(p []byte) (int, error) {
	if err := f.on.hit("read", false); err != nil {
		return 0, err
	}
	return f.openFile.Read(p)
}

func (f *failingFile) Write(p []byte) (int, error) {
	if err := f.on.hit("write", true); err != nil {
		n, _ := f.openFile.Write(p[:int(f.on.part*float64(len(p)))])
		return n, err
	}
	return f.openFile.Write(p)
}

func (f *failingFile) Seek(offset int64, whence int) (int64, error) {
	if err := f.on.hit("seek", false); err != nil {
		return 0, err
	}
	return f.openFile.Seek(offset, whence)
}

func (f *failingFile) Truncate(size int64) error {
	if err := f.on.hit("truncate", false); err != nil {
		return err
	}
	return f.openFile.Truncate(size)
}

func (f *failingFile) Sync() error { return f.on.hit("sync", true) }

func (f *failingFile) Close() error {
	err := f.openFile.Close()
	if f.closed {
		return err // to close twice is no operation
	}
	f.closed = true
	if injected := f.on.hit("close", true); injected != nil {
		return injected
	}
	return err
}
