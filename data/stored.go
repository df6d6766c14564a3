package data

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
	"golang.org/x/sync/errgroup"
)

// content is what was found of one file.
type content struct {
	bytes        []byte // of the members, one after another
	storedSHA256 string // SHA-256 of the stored file they came out of, which takes its time; else empty
	err          error
}

// read returns the checked members of f from dir: the copies that lie there
// unpacked if all are right, else what the stored file holds. If that file lies
// in dir, its members may come out of copies, another directory (empty: none)
// that holds what was unpacked before; every byte of either is checked. The error
// is absent if neither the stored file nor any member is in dir.
func (f file) read(dir, copies string) content {
	all, wrong := f.readUnpacked(dir)
	if wrong == nil {
		return content{bytes: all}
	}
	if copies != "" && copies != dir {
		if all, err := f.readCopies(dir, copies); err == nil {
			return content{bytes: all}
		}
	}
	all, stored, err := f.unpack(filepath.Join(dir, f.name))
	if absent(err) {
		err = wrong
	}
	return content{all, stored, err}
}

// readUnpacked returns the checked members from where they lie unpacked in dir.
func (f file) readUnpacked(dir string) ([]byte, error) {
	paths := make([]string, len(f.members))
	var missing []string
	for i, m := range f.members {
		paths[i] = f.memberPath(dir, m)
		if _, err := os.Lstat(paths[i]); absent(err) {
			missing = append(missing, m.name)
		} else if err != nil {
			return nil, err
		}
	}
	switch len(missing) {
	case 0:
	case len(paths):
		return nil, errors.WithMessage(fs.ErrNotExist, filepath.Join(dir, f.name))
	default:
		return nil, errors.Errorf("%s lacks %s, though others of %s are there: unpack the archive again, or put it there as it is",
			dir, strings.Join(missing, ", "), f.folder)
	}
	all := f.newBuffer()
	var group errgroup.Group
	for i, b := range f.parts(all) {
		group.Go(func() error { return readChecked(paths[i], b, f.members[i].sha256) })
	}
	return all, group.Wait()
}

// readCopies is readUnpacked of copies, as long as the stored file in dir is right:
// it is the one that is known, or the one that they came out of.
func (f file) readCopies(dir, copies string) ([]byte, error) {
	if _, err := os.Lstat(f.memberPath(copies, f.members[0])); err != nil {
		return nil, err // do not look through the stored file in vain
	}
	var all []byte
	var group errgroup.Group
	group.Go(func() error {
		stored, err := sumOf(filepath.Join(dir, f.name))
		if err == nil && stored != f.sha256 {
			err = f.note(stored).verify(copies)
		}
		return err
	})
	group.Go(func() (err error) {
		all, err = f.readUnpacked(copies)
		return err
	})
	err := group.Wait() // only then is there all to return
	return all, err
}

// memberPath is where member m of f lies unpacked: in dir, or else in its folder.
func (f file) memberPath(dir string, m member) string {
	path := filepath.Join(dir, m.name)
	if _, err := os.Lstat(path); err != nil {
		return filepath.Join(dir, f.folder, m.name)
	}
	return path
}

// unpack returns the checked members out of the stored file at path, and its
// SHA-256. A gzip file is unpacked only when that is found right.
func (f file) unpack(path string) (all []byte, sum string, err error) {
	if f.folder != "" {
		return f.readArchive(path)
	}
	stored := make([]byte, f.size)
	if err := readChecked(path, stored, f.sha256); err != nil {
		return nil, "", err
	}
	all, err = f.members[0].gunzip(stored)
	if err != nil {
		return nil, "", errors.WithMessage(err, path)
	}
	return all, f.sha256, nil
}

// gunzip returns the member, the only one of the gzip file stored. It reads at
// most one byte more than the size that is wanted.
func (m member) gunzip(stored []byte) ([]byte, error) {
	in := bytes.NewReader(stored) // a ByteReader: gzip takes nothing beyond the member
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, err
	}
	z.Multistream(false)
	b := make([]byte, m.size)
	if err := readSized(z, b); err != nil {
		return nil, err
	}
	if in.Len() > 0 {
		return nil, errors.Errorf("%d bytes follow the gzip stream, want none", in.Len())
	}
	if found := digest(b); found != m.sha256 {
		return nil, errors.Errorf("unpacks to SHA-256 %s, want %s", found, m.sha256)
	}
	return b, nil
}

// readAll reads all files of s from dir at once, with the help of copies.
func (s *source) readAll(dir, copies string) []content {
	contents := make([]content, len(s.files))
	var group errgroup.Group
	for i, f := range s.files {
		group.Go(func() error {
			contents[i] = f.read(dir, copies)
			return nil
		})
	}
	_ = group.Wait() // the errors are in contents
	return contents
}

// missing is the files that are not there at all.
func (s *source) missing(contents []content) []file {
	var files []file
	for i, c := range contents {
		if absent(c.err) {
			files = append(files, s.files[i])
		}
	}
	return files
}

// firstError is the first that is not nil.
func firstError(contents []content) error {
	for _, c := range contents {
		if c.err != nil {
			return c.err
		}
	}
	return nil
}
