package data

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"golang.org/x/sync/errgroup"
)

// archiveSlack is how many bytes an archive may unpack to beyond its members:
// headers, padding, a page of explanation. More is taken for a bomb.
const archiveSlack = 1 << 20

// readArchive returns the checked members out of the archive at path, whatever
// its own checksum, and that.
func (f file) readArchive(path string) (all []byte, sum string, err error) {
	in, err := openRegular(path)
	if err != nil {
		return nil, "", err
	}
	defer in.Close()
	h := sha256.New()
	all, err = f.unpackArchive(io.TeeReader(in, h))
	if err != nil {
		return nil, "", errors.Errorf("%s: %s: %s", path, err, replaceIt)
	}
	return all, hex.EncodeToString(h.Sum(nil)), nil
}

// unpackArchive reads a gzipped tar archive to its end and returns the members,
// checked, one after another. Entries of other names are passed over, no name
// becomes a path, and never is more read than members and archiveSlack.
func (f file) unpackArchive(in io.Reader) ([]byte, error) {
	z, err := gzip.NewReader(bufio.NewReaderSize(in, 1<<16))
	if err != nil {
		return nil, err
	}
	all := f.newBuffer()
	most := int64(len(all)) + archiveSlack
	rest := &io.LimitedReader{R: z, N: most}
	found, err := f.walkArchive(tar.NewReader(rest), f.parts(all))
	if err == nil {
		_, err = io.Copy(io.Discard, rest) // to where gzip has its checksum
	}
	if rest.N == 0 {
		return nil, errors.Errorf("unpacks to %d bytes or more, want less", most)
	}
	if err != nil {
		return nil, err
	}
	if i := slices.Index(found, false); i >= 0 {
		return nil, errors.Errorf("has no %s/%s", f.folder, f.members[i].name)
	}
	return all, nil
}

// walkArchive reads the members out of the entries of an archive into their
// parts, and says which it found. The checksum of one is found while the next is
// unpacked; all are right when it returns.
func (f file) walkArchive(entries *tar.Reader, parts [][]byte) (found []bool, err error) {
	found = make([]bool, len(parts))
	var checks errgroup.Group
	for {
		entry, err := entries.Next()
		if err == io.EOF {
			return found, checks.Wait()
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			_ = checks.Wait() // the archive's fault tells more
			return nil, err
		}
		i := f.wanted(entry.Name)
		if i < 0 {
			continue
		}
		m, b := f.members[i], parts[i]
		if err := m.take(entry, entries, b, found[i]); err != nil {
			_ = checks.Wait()
			return nil, errors.WithMessage(err, entry.Name)
		}
		found[i] = true
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

// take reads the entry that should be m into b.
func (m member) take(entry *tar.Header, in io.Reader, b []byte, again bool) error {
	switch {
	case entry.Typeflag != tar.TypeReg:
		return errors.Errorf("an entry of type %q, want a regular file", entry.Typeflag)
	case again:
		return errors.New("is there twice, want it once")
	case entry.Size != m.size:
		return errors.Errorf("has %d bytes, want %d", entry.Size, m.size)
	}
	return readSized(in, b)
}
