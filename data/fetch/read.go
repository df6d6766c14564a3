package fetch

import (
	"crypto/sha256"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/pkg/errors"
	"golang.org/x/sync/errgroup"

	"cnnlab/data/durable"
)

// chunk is how many bytes are read before they are hashed: few enough to be still in the
// processor's cache.
const chunk = 1 << 18

// replaceIt is the advice on a bad file in a directory that is not ours.
const replaceIt = "the file is damaged or not the expected one; replace it with a fresh copy"

// content is what was found of one file.
type content struct {
	bytes  []byte // of the members, one after another
	packed string // SHA-256 of the packed file, if this was unpacked from it
	err    error
	unused []string // what looked like it elsewhere, and what is wrong with that
	form   string   // another form of the set, which was found instead
}

// readAll reads all files of s from dir at once, with the help of copies, another
// directory (or none, if empty) that holds what was unpacked before.
func (s *Set) readAll(dir, copies string) []content {
	found := make([]content, len(s.Files))
	var group sync.WaitGroup
	for i, f := range s.Files {
		group.Go(func() { found[i] = f.read(dir, copies) })
	}
	group.Wait()
	return found
}

// read returns the members of f from dir, every byte of them checked: unpacked if all of
// them are there and right, else from the packed file, or from copies if the packed file
// is right. The error is that of an absent file if dir has neither.
func (f File) read(dir, copies string) content {
	all, wrong := f.readUnpacked(dir)
	if wrong == nil {
		return content{bytes: all}
	}
	c := f.readPacked(filepath.Join(dir, f.Name), copies)
	if absent(c.err) {
		c.err = wrong
	}
	return c
}

// readPacked returns the members of f from the packed file at path, or from copies if
// they came from it.
func (f File) readPacked(path, copies string) content {
	if copies != "" && copies != filepath.Dir(path) && !f.sealed() {
		if all, err := f.readCopies(path, copies); err == nil {
			return content{bytes: all}
		}
	}
	all, packed, err := f.unpack(path)
	return content{bytes: all, packed: packed, err: err}
}

func (f File) readUnpacked(dir string) ([]byte, error) {
	if f.sealed() {
		return nil, errors.WithMessage(fs.ErrNotExist, filepath.Join(dir, f.Name))
	}
	paths := make([]string, len(f.Members))
	var missing []string
	for i, m := range f.Members {
		paths[i] = f.memberPath(dir, m)
		if _, err := os.Lstat(paths[i]); absent(err) {
			missing = append(missing, m.Name)
		} else if err != nil {
			return nil, err
		}
	}
	switch len(missing) {
	case 0:
	case len(paths):
		return nil, errors.WithMessage(fs.ErrNotExist, filepath.Join(dir, f.Name))
	default:
		return nil, errors.Errorf("%s lacks %s but has other files of %s: unpack the archive again, or put the archive itself there",
			dir, strings.Join(missing, ", "), f.Folder)
	}
	all := f.newBuffer()
	var group errgroup.Group
	for i, b := range f.Parts(all) {
		group.Go(func() error { return f.Members[i].check(paths[i], b) })
	}
	return all, group.Wait()
}

// readCopies is readUnpacked of copies, provided that the packed file at path is right: it
// is the known one, or the one that they were unpacked from.
func (f File) readCopies(path, copies string) ([]byte, error) {
	if _, err := os.Lstat(f.memberPath(copies, f.Members[0])); err != nil {
		return nil, err // before the packed file is read
	}
	var all []byte
	var group errgroup.Group
	group.Go(func() error {
		in, err := durable.OpenRegular(path)
		if err != nil {
			return err
		}
		defer in.Close()
		packed, err := sumAll(in)
		if err != nil || packed == f.SHA256 {
			return err
		}
		return f.checkOrigin(copies, packed)
	})
	group.Go(func() (err error) {
		all, err = f.readUnpacked(copies)
		return err
	})
	err := group.Wait() // only then is all set
	return all, err
}

// memberPath is where member m of f is unpacked: in dir, or else in its folder.
func (f File) memberPath(dir string, m Member) string {
	path := filepath.Join(dir, m.Name)
	if _, err := os.Lstat(path); err != nil {
		return filepath.Join(dir, f.Folder, m.Name)
	}
	return path
}

// check reads the file at path, which should be m, into b. After an error b holds nothing
// of use.
func (m Member) check(path string, b []byte) error {
	in, err := durable.OpenRegular(path)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	if info.Size() != m.Size {
		return errors.Errorf("%s has %d bytes, want %d: %s", path, info.Size(), m.Size, replaceIt)
	}
	h := sha256.New()
	if err := readSized(io.TeeReader(in, h), b); err != nil {
		return errors.WithMessage(err, path)
	}
	if found := durable.Sum(h); found != m.SHA256 {
		return errors.Errorf("%s has SHA-256 %s, want %s: %s", path, found, m.SHA256, replaceIt)
	}
	return nil
}

// decode reads the file at path, which should store m in its other form, into b.
func (f File) decode(m Member, path string, b []byte) error {
	stored, err := durable.ReadFile(path, m.Size+archiveSlack)
	if err != nil {
		return err
	}
	if err = f.Decode(stored, b); err == nil {
		err = m.compare(b)
	}
	return errors.WithMessage(err, path)
}

func sumAll(r io.Reader) (string, error) {
	h := sha256.New()
	// The bare Reader hides a file's WriteTo, which uses a smaller buffer.
	_, err := io.CopyBuffer(h, struct{ io.Reader }{r}, make([]byte, chunk))
	return durable.Sum(h), err
}

// readSized fills b from r, which must end there. It reads at most one byte beyond: the
// size is the known one, not one that a file states.
func readSized(r io.Reader, b []byte) error {
	n, err := 0, error(nil)
	for err == nil && n < len(b) { // io.ReadFull hides a truncated gzip stream
		var k int
		k, err = r.Read(b[n:min(n+chunk, len(b))])
		n += k
	}
	for beyond := make([]byte, 1); err == nil; {
		var k int
		if k, err = r.Read(beyond); k > 0 {
			return errors.Errorf("is longer than %d bytes", n)
		}
	}
	switch {
	case err != io.EOF:
		return errors.WithMessagef(err, "after %d of %d bytes", n, len(b))
	case n < len(b):
		return errors.Errorf("ends after %d bytes, want %d", n, len(b))
	}
	return nil
}
