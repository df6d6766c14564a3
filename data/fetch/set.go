// Package fetch returns the files of a data set, unpacked, from the user's directory,
// the cache or the network. It trusts no byte, header or server: every file is known by
// its size and its SHA-256. It knows nothing of images.
package fetch

import (
	"cmp"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Set is a data set in files.
type Set struct {
	Name    string   // also of the directory that holds the files, if there is no Dir
	Dir     string   // of the files, where sets share them
	Title   string   // for messages
	Mirrors []string // URLs that end in /, tried in this order
	Files   []File
	Form    string // of the files, for messages; needed with Others
	Others  []Form // other forms of the set, or of its neighbours, that cannot be read
}

// Form is another form of a set or of a file, such as the one for Python.
type Form struct {
	Title string // for messages
	// Names are patterns, as those of path.Match and in lower case, of the name of a file or
	// of its folder and name.
	Names []string
}

// of reports whether the file at this path is one of the form.
func (f Form) of(file string) bool {
	file = strings.ToLower(filepath.ToSlash(file))
	name := path.Base(file)
	long := path.Join(path.Base(path.Dir(file)), name)
	return slices.ContainsFunc(f.Names, func(pattern string) bool {
		short, _ := path.Match(pattern, name) // the only error is that of a bad pattern
		full, _ := path.Match(pattern, long)
		return short || full
	})
}

// Member is a file known by its checksum.
type Member struct {
	Name   string
	Size   int64  // in bytes
	SHA256 string // hexadecimal; empty in a member of a sealed file
}

// File is a packed file: a gzip file of one member, a gzipped tar archive, or a zip
// archive of gzip files. It is sealed if its publishers state the sum of the packed file
// alone: then nothing but that very file is taken.
type File struct {
	Member
	Folder  string // that holds the members of an archive; empty for a gzip file alone
	Members []Member

	// Coded is another form of an archive and of its members, named alike up to the first
	// dot; Decode fills a member from what such a file stores. It need not check anything:
	// the member is checked afterwards.
	Coded  Form
	Decode func(stored, member []byte) error
}

// Packed describes a gzip file of one member, with sizes in bytes.
func Packed(name string, size int64, sha256 string, memberSize int64, memberSHA256 string) File {
	return File{Member: Member{name + ".gz", size, sha256}, Members: []Member{{name, memberSize, memberSHA256}}}
}

func (f File) sealed() bool { return f.Members[0].SHA256 == "" }

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

// slack is how many bytes an archive may unpack to beyond its members.
func (f File) slack() int64 {
	if f.Decode == nil {
		return archiveSlack
	}
	return archiveSlack * int64(1+len(f.Members))
}

// coded reports whether a file of this path and size may store member m in its other form.
func (f File) coded(m Member, file string, size int64) bool {
	stem := func(name string) string {
		name, _, _ = strings.Cut(filepath.Base(name), ".")
		return strings.ToLower(name)
	}
	return f.Decode != nil && stem(file) == stem(m.Name) && f.Coded.of(file) && size > m.Size && size <= m.Size+archiveSlack
}

func (f File) newBuffer() []byte { return make([]byte, f.total()) }

// dir is the name of the directory that holds the files.
func (s *Set) dir() string { return cmp.Or(s.Dir, s.Name) }

// byHand tells how to put files into dir without this program.
func (s *Set) byHand(dir string, files []File) string {
	var b strings.Builder
	form := "packed or unpacked"
	if slices.ContainsFunc(files, File.sealed) {
		form = "as they are"
	}
	fmt.Fprintf(&b, "put these files, %s, into %s:", form, dir)
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
