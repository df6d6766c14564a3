package fetch

import (
	"cmp"
	"io"
	"os"
	"path/filepath"

	"github.com/pkg/errors"

	"cnnlab/data/durable"
)

// part is a file that is being downloaded, <file>.part. It outlives the process, so that
// a later one can continue.
type part struct {
	Member           // what the finished file has to be
	path      string // of the finished file
	disk      durable.FS
	out       durable.File
	have      int64  // bytes so far
	inherited int64  // those of them that are older than the current mirror's
	heard     func() // called whenever something comes
}

// diskError is a fault of the disk: another mirror would not help.
type diskError struct{ error }

// openPart opens the part of m in dir, or creates it, and continues where it ends.
func openPart(disk durable.FS, dir string, m Member) (*part, error) {
	p := &part{Member: m, path: filepath.Join(dir, m.Name), disk: disk}
	var err error
	if p.out, err = disk.Open(p.path+".part", os.O_RDWR|os.O_CREATE); err != nil {
		return nil, diskError{err}
	}
	info, err := p.out.Stat()
	if err != nil {
		err = diskError{err}
	} else if p.have = info.Size(); p.have > m.Size {
		err = p.restart()
	}
	if err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// Write appends to the file.
func (p *part) Write(b []byte) (int, error) {
	p.heard()
	n, err := p.out.WriteAt(b, p.have)
	p.have += int64(n)
	if err != nil {
		err = diskError{err}
	}
	return n, err
}

func (p *part) restart() error {
	if err := p.out.Truncate(0); err != nil {
		return diskError{err}
	}
	p.have, p.inherited = 0, 0
	return nil
}

func (p *part) verify() error {
	if p.have != p.Size {
		return errors.Errorf("%d bytes or more, want %d", p.have, p.Size)
	}
	found, err := sumAll(io.NewSectionReader(p.out, 0, p.Size))
	if err != nil {
		return diskError{err}
	}
	if found != p.SHA256 {
		return errors.Errorf("SHA-256 %s, want %s", found, p.SHA256)
	}
	return nil
}

// commit gives the complete part its final name, once its bytes are on the disk.
func (p *part) commit() error {
	err := cmp.Or(p.out.Sync(), p.out.Close())
	if err == nil {
		err = p.disk.Rename(p.path+".part", p.path)
	}
	if err != nil {
		return diskError{err}
	}
	// A name that a power cut loses costs no more than another download.
	_ = p.disk.SyncDir(filepath.Dir(p.path))
	return nil
}

func (p *part) close() {
	if p.out.Close() == nil && p.have == 0 {
		_ = p.disk.Remove(p.path + ".part")
	}
}
