// Package fetch returns the files of a data set, unpacked, from the user's directory,
// the cache or the network. It trusts no byte, header or server: every file is known by
// its size and its SHA-256. It knows nothing of images.
package fetch

import (
	"fmt"
	"strings"
)

// Set is a data set in files.
type Set struct {
	Name    string   // also of the directory that holds the files
	Title   string   // for messages
	Mirrors []string // URLs that end in /, tried in this order
	Files   []File
}

// Member is a file known by its checksum.
type Member struct {
	Name   string
	Size   int64  // in bytes
	SHA256 string // hexadecimal
}

// File is a packed file: a gzip file of one member, or a gzipped tar archive.
type File struct {
	Member
	Folder  string // that holds the members of an archive; empty for a gzip file
	Members []Member
}

// Packed describes a gzip file of one member, with sizes in bytes.
func Packed(name string, size int64, sha256 string, memberSize int64, memberSHA256 string) File {
	return File{Member: Member{name + ".gz", size, sha256}, Members: []Member{{name, memberSize, memberSHA256}}}
}

// Parts cuts the content of f, its members one after another, into the members.
func (f File) Parts(content []byte) [][]byte {
	parts := make([][]byte, len(f.Members))
	for i, m := range f.Members {
		parts[i], content = content[:m.Size:m.Size], content[m.Size:]
	}
	return parts
}

// total is the size of the members together.
func (f File) total() (bytes int64) {
	for _, m := range f.Members {
		bytes += m.Size
	}
	return bytes
}

func (f File) newBuffer() []byte { return make([]byte, f.total()) }

// byHand tells how to put files into dir without this program.
func (s *Set) byHand(dir string, files []File) string {
	var b strings.Builder
	fmt.Fprintf(&b, "put these files, packed or unpacked, into %s:", dir)
	for _, f := range files {
		fmt.Fprintf(&b, "\n  %s  %d bytes  SHA-256 %s", f.Name, f.Size, f.SHA256)
		for _, m := range s.Mirrors {
			fmt.Fprintf(&b, "\n    %s%s", m, f.Name)
		}
	}
	return b.String()
}

// amount formats a number of bytes for people.
func amount(bytes int64) string {
	if bytes < 1e6 {
		return fmt.Sprintf("%.1f kB", float64(bytes)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
}
