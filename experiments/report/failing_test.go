package report

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
}

func (f *failing) hit() error {
	f.n++
	if f.n == f.at || f.persist && f.n > f.at {
		return errInjected
	}
	return nil
}

func (f *failing) MkdirAll(path string) error {
	if err := f.hit(); err != nil {
		return err
	}
	return f.disk.MkdirAll(path)
}

func (f *failing) Create(path string) (file, error) { return f.open(f.disk.Create, path) }

func (f *failing) Truncate(path string) (file, error) { return f.open(f.disk.Truncate, path) }

func (f *failing) Open(path string) (file, error) { return f.open(f.disk.Open, path) }

func (f *failing) open(open func(string) (file, error), path string) (file, error) {
	if err := f.hit(); err != nil {
		return nil, err
	}
	to, err := open(path)
	if err != nil {
		return nil, err
	}
	return &failingFile{to, f}, nil
}

func (f *failing) Rename(from, to string) error {
	if err := f.hit(); err != nil {
		return err
	}
	return f.disk.Rename(from, to)
}

// Remove and the files' Truncate fail only as the N-th operation: a full disk
// lets files be removed and made smaller.
func (f *failing) Remove(path string) error {
	if f.n++; f.n == f.at {
		return errInjected
	}
	return f.disk.Remove(path)
}

func (f *failingFile) Truncate(size int64) error {
	if f.fs.n++; f.fs.n == f.fs.at {
		return errInjected
	}
	return f.file.Truncate(size)
}

func (f *failing) SyncDir(string) error {
	return f.hit()
}

type failingFile struct {
	file
	fs *failing
}

func (f *failingFile) WriteAt(p []byte, offset int64) (int, error) {
	if err := f.fs.hit(); err != nil {
		n, _ := f.file.WriteAt(p[:int(f.fs.part*float64(len(p)))], offset)
		return n, err
	}
	return f.file.WriteAt(p, offset)
}

func (f *failingFile) Sync() error {
	return f.fs.hit()
}

func (f *failingFile) Close() error {
	err := f.file.Close()
	if injected := f.fs.hit(); injected != nil {
		return injected
	}
	return err
}
