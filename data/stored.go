package data

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pkg/errors"
	"golang.org/x/sync/errgroup"
)

// content is what was found of one file.
type content struct {
	members  [][]byte
	unpacked bool // out of an archive, which takes seconds
	err      error
}

// read returns the checked members of f from dir.
func (f file) read(dir string) content {
	if f.folder != "" {
		return f.readArchive(dir)
	}
	b, err := f.readPacked(dir)
	return content{members: [][]byte{b}, err: err}
}

// readPacked returns the one checked member of f from dir, where it lies as
// stored or unpacked. The error is fs.ErrNotExist if it is there in neither form.
// No byte is unpacked or parsed before the checksum of the file is found right.
func (f file) readPacked(dir string) ([]byte, error) {
	path, m := filepath.Join(dir, f.name), f.members[0]
	b, err := readChecked(path, f.size, f.sha256)
	if err == nil {
		b, err = m.unpack(b)
		return b, errors.WithMessage(err, path)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return readChecked(filepath.Join(dir, m.name), m.size, m.sha256)
}

// absent is the error of a file that is not there, or behind a path that cannot
// be walked; any other error is that of a file that is there, but bad.
type absent struct{ error }

func (a absent) Unwrap() error { return a.error }

// openRegular opens a regular file for reading.
func openRegular(path string) (*os.File, error) {
	info, err := os.Stat(path) // before opening: opening a pipe would wait
	if err != nil {
		return nil, absent{err}
	}
	if !info.Mode().IsRegular() {
		return nil, errors.Errorf("%s is not a regular file (%s): remove it", path, info.Mode())
	}
	return os.Open(path)
}

// readChecked reads a whole file and refuses any but the one that is wanted.
func readChecked(path string, size int64, sha256 string) ([]byte, error) {
	in, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() != size {
		return nil, errors.Errorf("%s has %d bytes, want %d: %s", path, info.Size(), size, replaceIt)
	}
	b, err := readSized(in, size)
	if err != nil {
		return nil, errors.WithMessage(err, path)
	}
	if found := digest(b); found != sha256 {
		return nil, errors.Errorf("%s has SHA-256 %s, want %s: %s", path, found, sha256, replaceIt)
	}
	return b, nil
}

// replaceIt is what to do about a bad file in a directory that is not ours.
const replaceIt = "the file is damaged or another one; replace it by a fresh copy"

// unpack returns the member, the only one of the gzip file b. It reads at most
// one byte more than the size that is wanted.
func (m member) unpack(b []byte) ([]byte, error) {
	in := bytes.NewReader(b) // a ByteReader: gzip takes nothing beyond the member
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, err
	}
	z.Multistream(false)
	member, err := readSized(z, m.size)
	if err != nil {
		return nil, err
	}
	if in.Len() > 0 {
		return nil, errors.Errorf("%d bytes follow the gzip stream, want none", in.Len())
	}
	if found := digest(member); found != m.sha256 {
		return nil, errors.Errorf("unpacks to SHA-256 %s, want %s", found, m.sha256)
	}
	return member, nil
}

// readSized reads to the end of r, which must come after size bytes; it never
// takes more than one byte beyond. The size is ours, not one that a file claims.
func readSized(r io.Reader, size int64) ([]byte, error) {
	b := make([]byte, size+1)
	n, err := 0, error(nil)
	for err == nil && n < len(b) { // io.ReadFull hides a truncated gzip stream
		var k int
		k, err = r.Read(b[n:])
		n += k
	}
	switch {
	case n == len(b):
		return nil, errors.Errorf("goes on after %d bytes, want its end there", size)
	case err != io.EOF:
		return nil, errors.WithMessagef(err, "after %d of %d bytes", n, size)
	case int64(n) < size:
		return nil, errors.Errorf("ends after %d bytes, want %d", n, size)
	}
	return b[:size], nil
}

// readAll reads all files of s from dir at once.
func (s *source) readAll(dir string) []content {
	contents := make([]content, len(s.files))
	var group errgroup.Group
	for i, f := range s.files {
		group.Go(func() error {
			contents[i] = f.read(dir)
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
		if errors.Is(c.err, fs.ErrNotExist) {
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
