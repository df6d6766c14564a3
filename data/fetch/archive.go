package fetch

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"golang.org/x/sync/errgroup"

	"cnnlab/data/durable"
)

// archiveSlack is how many bytes an archive may unpack to beyond its members: headers,
// padding, a page of explanation. More is taken for a decompression bomb. A member in
// another form may have as many again.
const archiveSlack = 1 << 20

// unpack returns the members in the packed file, checked, and the SHA-256 of that
// file, which may be another packing of the same members.
func (f File) unpack(from string) (all []byte, packed string, err error) {
	in, err := durable.OpenRegular(from)
	if err != nil {
		return nil, "", err
	}
	defer in.Close()
	h := sha256.New()
	if strings.HasSuffix(f.Name, ".zip") {
		if _, err = io.CopyBuffer(h, struct{ io.Reader }{in}, make([]byte, chunk)); err == nil {
			all, err = f.unzip(in)
		}
	} else {
		all, err = f.unpackFrom(io.TeeReader(in, h))
	}
	if found := durable.Sum(h); f.sealed() && err == nil && found != f.SHA256 {
		err = errors.Errorf("has SHA-256 %s, want %s", found, f.SHA256)
	}
	if err != nil {
		if info, _ := in.Stat(); info != nil && info.Size() != f.Size {
			err = errors.WithMessagef(err, "has %d bytes, want %d", info.Size(), f.Size)
		}
		return nil, "", errors.Errorf("%s: %s: %s", from, err, replaceIt)
	}
	return all, durable.Sum(h), nil
}

// unpackFrom reads a packed file to its end and returns the members, checked, one after
// another. It skips other entries of an archive, never uses a name as a path, and never
// unpacks more than the members and f.slack().
func (f File) unpackFrom(in io.Reader) ([]byte, error) {
	z, err := gzip.NewReader(bufio.NewReaderSize(in, 1<<16))
	if err != nil {
		return nil, err
	}
	all := f.newBuffer()
	if f.Folder == "" {
		if err := readSized(z, all); err != nil {
			return nil, err
		}
		return all, f.Members[0].compare(all)
	}
	most := int64(len(all)) + f.slack()
	rest := &io.LimitedReader{R: z, N: most}
	found, other, err := f.walkArchive(tar.NewReader(rest), f.Parts(all))
	if err == nil {
		_, err = io.Copy(io.Discard, rest) // to the checksum of gzip
	}
	if rest.N == 0 {
		return nil, errors.Errorf("unpacks to %d bytes or more, which is too many", most)
	}
	if err != nil {
		return nil, err
	}
	if i := slices.Index(found, false); i >= 0 {
		if other != "" {
			other = fmt.Sprintf(", but %.200q", other)
		}
		return nil, errors.Errorf("has no %s/%s%s", f.Folder, f.Members[i].Name, other)
	}
	return all, nil
}

// unzip returns the members of a zip archive of gzip files, one after another.
func (f File) unzip(in *os.File) ([]byte, error) {
	info, err := in.Stat()
	if err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(in, info.Size())
	if err != nil {
		return nil, err
	}
	all := f.newBuffer()
	for i, b := range f.Parts(all) {
		m := f.Members[i]
		entry, err := archive.Open(path.Join(f.Folder, m.Name+".gz"))
		if err != nil {
			return nil, err
		}
		z, err := gzip.NewReader(bufio.NewReaderSize(entry, 1<<16))
		if err == nil {
			err = readSized(z, b)
		}
		if err == nil {
			err = m.compare(b)
		}
		_ = entry.Close()
		if err != nil {
			return nil, errors.WithMessage(err, m.Name)
		}
	}
	return all, nil
}

// compare checks b, unless m is a member of a sealed file, which is checked as a whole.
func (m Member) compare(b []byte) error {
	if m.SHA256 == "" {
		return nil
	}
	if found := durable.SHA256(b); found != m.SHA256 {
		return errors.Errorf("%s has SHA-256 %s, want %s", m.Name, found, m.SHA256)
	}
	return nil
}

// walkArchive reads the members from the entries of an archive into parts, and reports
// which it found, and the first file that is none. It hashes one while it unpacks the
// next, and has checked all when it returns.
func (f File) walkArchive(entries *tar.Reader, parts [][]byte) (found []bool, other string, err error) {
	found = make([]bool, len(parts))
	var checks errgroup.Group
	for {
		entry, err := entries.Next()
		if err == io.EOF {
			return found, other, checks.Wait()
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			_ = checks.Wait() // the fault of the archive tells more
			return nil, "", err
		}
		i := f.index(entry)
		if i < 0 {
			if other == "" && entry.Typeflag == tar.TypeReg && entry.Size > archiveSlack {
				other = entry.Name
			}
			continue
		}
		m, b := f.Members[i], parts[i]
		if err := f.take(m, entry, entries, b, found[i]); err != nil {
			_ = checks.Wait()
			return nil, "", errors.WithMessage(err, entry.Name)
		}
		found[i] = true
		checks.Go(func() error { return m.compare(b) })
	}
}

// index returns the index of the member that an entry should hold, or -1. Some archives
// lack the folder, some begin with a dot.
func (f File) index(entry *tar.Header) int {
	name := strings.TrimPrefix(entry.Name, "./")
	name = strings.TrimPrefix(name, f.Folder+"/")
	return slices.IndexFunc(f.Members, func(m Member) bool {
		return m.Name == name || f.coded(m, entry.Name, entry.Size)
	})
}

// take reads the entry that should be m, as it is or in its other form, into b.
func (f File) take(m Member, entry *tar.Header, in io.Reader, b []byte, again bool) error {
	switch {
	case entry.Typeflag != tar.TypeReg:
		return errors.Errorf("an entry of type %q, want a regular file", entry.Typeflag)
	case again:
		return errors.New("occurs twice, want one")
	case f.coded(m, entry.Name, entry.Size):
		stored := make([]byte, entry.Size)
		if err := readSized(in, stored); err != nil {
			return err
		}
		return f.Decode(stored, b)
	case entry.Size != m.Size:
		return errors.Errorf("has %d bytes, want %d", entry.Size, m.Size)
	}
	return readSized(in, b)
}
