package data

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"golang.org/x/sync/errgroup"
)

// archiveSlack is how many bytes an archive may unpack to beyond its members:
// headers, padding, a page of explanation. More is taken for a bomb.
const archiveSlack = 1 << 20

// readArchive returns the checked members of f from dir: the copies that lie
// there unpacked, in dir or in its folder, if all are right, else what the archive
// holds, whatever its own checksum. The error is fs.ErrNotExist if neither the
// archive nor any copy is there.
func (f file) readArchive(dir string) content {
	members, wrong := f.readUnpacked(dir)
	if wrong == nil {
		return content{members: members}
	}
	path := filepath.Join(dir, f.name)
	in, err := openRegular(path)
	if err != nil {
		if errors.As(err, new(absent)) {
			err = wrong
		}
		return content{err: err}
	}
	defer in.Close()
	members, err = f.unpackArchive(in)
	if err != nil {
		return content{err: errors.Errorf("%s: %s: %s", path, err, replaceIt)}
	}
	return content{members: members, unpacked: true}
}

// readUnpacked returns the checked members from where they lie unpacked.
func (f file) readUnpacked(dir string) ([][]byte, error) {
	paths := make([]string, len(f.members))
	var missing []string
	for i, m := range f.members {
		paths[i] = f.unpacked(dir, m)
		if _, err := os.Lstat(paths[i]); err != nil {
			missing = append(missing, m.name)
		}
	}
	switch len(missing) {
	case 0:
	case len(paths):
		return nil, absent{errors.WithMessage(os.ErrNotExist, filepath.Join(dir, f.name))}
	default:
		return nil, errors.Errorf("%s lacks %s, though others of %s are there: unpack the archive again, or put it there as it is",
			dir, strings.Join(missing, ", "), f.folder)
	}
	members := make([][]byte, len(paths))
	var group errgroup.Group
	for i, m := range f.members {
		group.Go(func() (err error) {
			members[i], err = readChecked(paths[i], m.size, m.sha256)
			return err
		})
	}
	return members, group.Wait()
}

// unpacked is where member m of f lies unpacked: in dir, or else in its folder.
func (f file) unpacked(dir string, m member) string {
	path := filepath.Join(dir, m.name)
	if _, err := os.Lstat(path); err != nil {
		return filepath.Join(dir, f.folder, m.name)
	}
	return path
}

// unpackArchive reads a gzipped tar archive to its end and returns the members,
// checked. Entries of other names are passed over, no name becomes a path, and
// never is more read than members and archiveSlack.
func (f file) unpackArchive(in io.Reader) ([][]byte, error) {
	z, err := gzip.NewReader(bufio.NewReaderSize(in, 1<<16))
	if err != nil {
		return nil, err
	}
	rest := &io.LimitedReader{R: z, N: archiveSlack}
	for _, m := range f.members {
		rest.N += m.size
	}
	most := rest.N
	members, err := f.walkArchive(tar.NewReader(rest))
	if err == nil {
		_, err = io.Copy(io.Discard, rest) // to where gzip has its checksum
	}
	if rest.N == 0 {
		return nil, errors.Errorf("unpacks to %d bytes or more, want less", most)
	}
	if err != nil {
		return nil, err
	}
	for i, m := range f.members {
		if members[i] == nil {
			return nil, errors.Errorf("has no %s/%s", f.folder, m.name)
		}
	}
	return members, nil
}

// walkArchive takes the members out of the entries of an archive. The checksum
// of one is found while the next is unpacked; all are right when it returns.
func (f file) walkArchive(entries *tar.Reader) ([][]byte, error) {
	members := make([][]byte, len(f.members))
	var checks errgroup.Group
	for {
		entry, err := entries.Next()
		if err == io.EOF {
			return members, checks.Wait()
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			_ = checks.Wait() // the archive's fault tells more
			return nil, err
		}
		i := f.wanted(entry.Name)
		if i < 0 {
			continue
		}
		m := f.members[i]
		b, err := m.take(entry, entries, members[i] != nil)
		if err != nil {
			_ = checks.Wait()
			return nil, errors.WithMessage(err, entry.Name)
		}
		members[i] = b
		checks.Go(func() error {
			if found := digest(b); found != m.sha256 {
				return errors.Errorf("%s has SHA-256 %s, want %s", m.name, found, m.sha256)
			}
			return nil
		})
	}
}

// wanted is the index of the member that an entry's name stands for, or -1. Some
// archives lack the folder, some begin with a dot.
func (f file) wanted(entry string) int {
	entry = strings.TrimPrefix(entry, "./")
	entry = strings.TrimPrefix(entry, f.folder+"/")
	return slices.IndexFunc(f.members, func(m member) bool { return m.name == entry })
}

// take reads the entry that should be m.
func (m member) take(entry *tar.Header, in io.Reader, again bool) ([]byte, error) {
	switch {
	case entry.Typeflag != tar.TypeReg:
		return nil, errors.Errorf("an entry of type %q, want a regular file", entry.Typeflag)
	case again:
		return nil, errors.New("is there twice, want it once")
	case entry.Size != m.size:
		return nil, errors.Errorf("has %d bytes, want %d", entry.Size, m.size)
	}
	return readSized(in, m.size)
}
