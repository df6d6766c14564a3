package data

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"path/filepath"

	"github.com/pkg/errors"
)

// part is a file on its way into the cache: <file>.part, with the checksum of
// what it holds so far. It outlives the process, so that a download continues.
type part struct {
	path      string // of the finished file
	size      int64  // that it will have
	sha256    string // that it will have
	fsys      fileSystem
	out       openFile
	hash      hash.Hash
	have      int64 // bytes so far
	inherited int64 // of them, those from before the present mirror
}

// diskError is a fault of the disk: asking another mirror would not help.
type diskError struct{ error }

func (d diskError) Unwrap() error { return d.error }

// openPart opens or creates the part of the file that path is for. What it holds
// already is to be continued or thrown away: by resume or restart.
func openPart(fsys fileSystem, path string, size int64, sum string) (*part, error) {
	out, err := fsys.Open(path + ".part")
	if err != nil {
		return nil, diskError{err}
	}
	return &part{fsys: fsys, path: path, size: size, sha256: sum, out: out, hash: sha256.New()}, nil
}

// resume goes on where p ends. One that cannot become the file, being too long,
// starts anew.
func (p *part) resume() (err error) {
	p.have, err = io.Copy(p.hash, io.LimitReader(p.out, p.size+1))
	if err != nil {
		return diskError{err}
	}
	if p.have > p.size {
		return p.restart()
	}
	return nil
}

// Write appends to the file and to its checksum.
func (p *part) Write(b []byte) (int, error) {
	n, err := p.out.Write(b)
	p.hash.Write(b[:n])
	p.have += int64(n)
	if err != nil {
		return n, diskError{err}
	}
	return n, nil
}

// restart throws away what there is.
func (p *part) restart() error {
	if err := p.out.Truncate(0); err != nil {
		return diskError{err}
	}
	if _, err := p.out.Seek(0, io.SeekStart); err != nil {
		return diskError{err}
	}
	p.hash.Reset()
	p.have, p.inherited = 0, 0
	return nil
}

// verify says what is wrong with a part that should be complete.
func (p *part) verify() error {
	if p.have != p.size {
		return errors.Errorf("%d bytes or more, want %d", p.have, p.size)
	}
	if found := hex.EncodeToString(p.hash.Sum(nil)); found != p.sha256 {
		return errors.Errorf("SHA-256 %s, want %s", found, p.sha256)
	}
	return nil
}

// commit gives the complete part its final name, once its bytes are on the disk.
func (p *part) commit() error {
	err := p.out.Sync()
	if closed := p.out.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = p.fsys.Rename(p.path+".part", p.path)
	}
	if err != nil {
		return diskError{err}
	}
	// The new name reaches the disk with the directory. Not every system can
	// sync one, and a name that is lost costs no more than another download.
	_ = p.fsys.SyncDir(filepath.Dir(p.path))
	return nil
}

// close lets go of the file; a part that has nothing in it is removed.
func (p *part) close() {
	if p.out.Close() == nil && p.have == 0 {
		_ = p.fsys.Remove(p.path + ".part")
	}
}
