package data

import (
	"context"
	"io"
	"os"
	"path/filepath"
)

// keep writes what had to be unpacked out of an archive beside it, into the
// cache: a start that finds it there takes a fraction of the time. It is
// checked like anything else when it is read.
func (s *source) keep(ctx context.Context, dir string, contents []content, log io.Writer) error {
	for i, c := range contents {
		if c.unpacked {
			if err := s.files[i].keep(ctx, dir, c.members, log); err != nil {
				return err
			}
		}
	}
	return nil
}

// keep writes the members of f to where they are looked for, one process at a time.
func (f file) keep(ctx context.Context, dir string, members [][]byte, log io.Writer) error {
	unlock, err := lock(ctx, dir, log)
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := f.readUnpacked(dir); err == nil {
		return nil // another process was faster
	}
	for i, m := range f.members {
		path := f.unpacked(dir, m)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := m.keep(path, members[i]); err != nil {
			return err
		}
	}
	return nil
}

// keep writes b, which is m, to path; no half of it takes that name.
func (m member) keep(path string, b []byte) error {
	p, err := openPart(path, m.size, m.sha256)
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
