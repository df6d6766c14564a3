package data

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
)

// keep writes what had to be unpacked into dir, in the cache: a start that finds
// it there takes a fraction of the time. It is checked like anything else when
// it is read. A fault is told and does no other harm.
func (s *source) keep(ctx context.Context, fsys fileSystem, dir string, contents []content, log io.Writer) {
	for i, c := range contents {
		if c.storedSHA256 != "" && ctx.Err() == nil {
			if err := s.files[i].keep(fsys, dir, c); err != nil {
				fmt.Fprintf(log, "%s: every start will unpack %s again: %s\n", s.name, s.files[i].name, err)
			}
		}
	}
}

// keep writes the members of f to where they are looked for, unless another
// process is at it or has done so.
func (f file) keep(fsys fileSystem, dir string, c content) error {
	if err := fsys.MkdirAll(filepath.Join(dir, f.folder)); err != nil {
		return err
	}
	l := newLock(dir)
	held, err := l.TryLock()
	if err != nil || !held {
		return err
	}
	defer func() { _ = l.Close() }()
	for i, b := range f.parts(c.bytes) {
		m := f.members[i]
		if err := m.write(fsys, f.memberPath(dir, m), b); err != nil {
			return err
		}
	}
	if c.storedSHA256 == f.sha256 {
		return nil
	}
	n := f.note(c.storedSHA256)
	return n.member().write(fsys, filepath.Join(dir, n.name), []byte(n.text))
}

// note says, as sha256sum does, which file the copies beside it came out of, if
// that is another packing of the members than f.
type note struct{ name, text string }

func (f file) note(stored string) note {
	return note{f.name + ".sha256", fmt.Sprintf("%s  %s\n", stored, f.name)}
}

// member is what the file of n has to be.
func (n note) member() member {
	return member{n.name, int64(len(n.text)), digest([]byte(n.text))}
}

// verify refuses the copies in dir if they came out of another file.
func (n note) verify(dir string) error {
	m := n.member()
	return verifyFile(filepath.Join(dir, m.name), m.size, m.sha256)
}

// write writes b, which is m, to path, unless it is there; no half of it takes that name.
func (m member) write(fsys fileSystem, path string, b []byte) error {
	if verifyFile(path, m.size, m.sha256) == nil {
		return nil
	}
	p, err := openPart(fsys, path, m.size, m.sha256)
	if err != nil {
		return err
	}
	defer p.close()
	if err := p.restart(); err != nil {
		return err
	}
	if _, err := p.Write(b); err != nil {
		_ = p.restart() // leave nothing: this is no download that continues
		return err
	}
	return p.commit()
}
