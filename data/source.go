package data

import (
	"fmt"
	"strings"
)

// source is a data set that is stored in files and known by their checksums.
type source struct {
	name     string // as given to Load, and the directory that holds the files
	title    string // as written in messages
	classes  []string
	channels int
	height   int
	width    int
	varied   variation // of a training image, when augmented
	mirrors  []string  // URLs that a file's name is appended to, tried in this order
	files    []file
	sha256   string // over the members of all files, as in Dataset; empty: computed
	format   format
}

// format makes splits of the checked contents of the source's files: of each the
// members, one after another. The splits may lie where the contents lay.
type format func(s *source, contents [][]byte) (train, test Split, err error)

// file is one file of a source as it is stored: a gzip file of one member, or a
// gzipped tar archive of some.
type file struct {
	name    string // on disk and on the mirrors
	size    int64  // in bytes
	sha256  string
	folder  string // that an archive has its members in; empty for a gzip file
	members []member
}

// member is one uncompressed file within a stored one.
type member struct {
	name   string
	size   int64
	sha256 string
}

// packed is a gzip file of one member.
func packed(name string, size int64, sha256 string, memberSize int64, memberSHA256 string) file {
	return file{name: name + ".gz", size: size, sha256: sha256,
		members: []member{{name, memberSize, memberSHA256}}}
}

// parts cuts the members out of what holds them one after another.
func (f file) parts(all []byte) [][]byte {
	parts := make([][]byte, len(f.members))
	for i, m := range f.members {
		parts[i], all = all[:m.size:m.size], all[m.size:]
	}
	return parts
}

// newBuffer is memory for the members of f, one after another.
func (f file) newBuffer() []byte {
	var total int64
	for _, m := range f.members {
		total += m.size
	}
	return make([]byte, total)
}

// size is the number of bytes of one image.
func (s *source) size() int { return s.channels * s.height * s.width }

// byHand says how to put files into dir without the help of this program.
func (s *source) byHand(dir string, files []file) string {
	var b strings.Builder
	fmt.Fprintf(&b, "put these files, as they are or unpacked, into %s:", dir)
	for _, f := range files {
		fmt.Fprintf(&b, "\n  %s  %d bytes  SHA-256 %s", f.name, f.size, f.sha256)
		for _, m := range s.mirrors {
			fmt.Fprintf(&b, "\n    %s%s", m, f.name)
		}
	}
	return b.String()
}

// amount writes a number of bytes for people to read.
func amount(bytes int64) string {
	if bytes < 1e6 {
		return fmt.Sprintf("%.1f kB", float64(bytes)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
}
