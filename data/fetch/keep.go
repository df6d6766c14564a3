package fetch

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/pkg/errors"

	"cnnlab/data/durable"
)

// keep writes what was unpacked into dir, in the cache, so that the next start need not
// unpack it. It is checked like anything else when it is read; of a sealed file, whose
// members cannot be checked, nothing is kept. A failure costs no more than a warning.
func (l *loader) keep(ctx context.Context, dir string, found []content) {
	for i, c := range found {
		if c.packed == "" || l.Files[i].sealed() || ctx.Err() != nil {
			continue
		}
		if err := l.Files[i].keep(ctx, l.disk, dir, c); err != nil && !errors.Is(err, durable.ErrLocked) {
			fmt.Fprintf(l.log, "%s: cannot keep the unpacked %s, so every start will unpack it again: %s\n", l.Name, l.Files[i].Name, err)
		}
	}
}

// keep writes the members of f to where they are looked for, and where they came from.
// The error is durable.ErrLocked if another process is doing that.
func (f File) keep(ctx context.Context, disk durable.FS, dir string, c content) error {
	folder := filepath.Join(dir, f.Folder)
	if err := disk.MkdirAll(folder); err != nil {
		return err
	}
	lock, err := durable.Acquire(ctx, dir, 0)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Release() }()
	durable.RemoveTemps(folder, time.Hour)
	for i, b := range f.Parts(c.bytes) {
		path := f.memberPath(dir, f.Members[i])
		if there, err := durable.ReadFile(path, int64(len(b))); err == nil && bytes.Equal(there, b) {
			continue
		}
		if err := writeFile(disk, path, b); err != nil {
			return err
		}
	}
	if c.packed == f.SHA256 || f.checkOrigin(dir, c.packed) == nil {
		return nil
	}
	return writeFile(disk, f.originPath(dir), f.origin(c.packed))
}

func writeFile(disk durable.FS, path string, b []byte) error {
	return durable.WriteFile(disk, path, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// originPath is the file that names, as sha256sum does, the packed file that the copies
// beside it came from, if that holds the members of f but is not f itself.
func (f File) originPath(dir string) string { return filepath.Join(dir, f.Name+".sha256") }

func (f File) origin(packed string) []byte { return fmt.Appendf(nil, "%s  %s\n", packed, f.Name) }

// checkOrigin returns an error unless the copies in dir came from that packed file.
func (f File) checkOrigin(dir, packed string) error {
	found, err := durable.ReadFile(f.originPath(dir), 1<<10)
	if err == nil && string(found) != string(f.origin(packed)) {
		err = errors.Errorf("%s names another file", f.originPath(dir))
	}
	return err
}
