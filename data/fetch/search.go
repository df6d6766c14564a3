package fetch

import (
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/pkg/errors"
	"golang.org/x/sync/errgroup"

	"cnnlab/data/durable"
)

// The limits of a search, which may begin in a directory that holds far more than data
// sets. A directory of thousands of files is one of pictures.
const (
	searchDepth   = 4      // directories below the first
	searchEntries = 1_000  // of a directory
	searchAll     = 10_000 // entries together
	searchTries   = 16     // files that are read in search of one
)

// near is a regular file that may belong to a set.
type near struct {
	path string
	size int64
}

// look reads all files of s from dir as readAll does and searches root for those that are
// not right there. Other programs leave the same bytes under other names and in other
// folders; these are known by their checksums.
func (s *Set) look(dir, copies, root string) []content {
	found := s.readAll(dir, copies)
	if !slices.ContainsFunc(found, func(c content) bool { return c.err != nil }) {
		return found
	}
	files := walk(dir, root)
	form := s.formOf(files)
	var group sync.WaitGroup
	for i, f := range s.Files {
		if found[i].err != nil {
			group.Go(func() {
				if c := f.search(files, copies); c.err == nil {
					found[i] = c
				} else {
					found[i].unused, found[i].form = c.unused, form
				}
			})
		}
	}
	group.Wait()
	return found
}

// walk lists the regular files in and below roots, the nearest first. It passes over what
// is hidden and what cannot be read.
func walk(roots ...string) (files []near) {
	type place struct {
		dir   string
		depth int
	}
	var places []place
	seen := map[string]bool{}
	add := func(dir string, depth int) {
		real, err := filepath.EvalSymlinks(dir) // links may lead in circles
		if err != nil {
			real = filepath.Clean(dir)
		}
		if depth <= searchDepth && !seen[real] {
			seen[real] = true
			places = append(places, place{dir, depth})
		}
	}
	for _, root := range roots {
		add(root, 0)
	}
	for left := searchAll; len(places) > 0 && left > 0; places = places[1:] {
		for _, name := range names(places[0].dir, min(left, searchEntries)) {
			left--
			path := filepath.Join(places[0].dir, name)
			if info, err := os.Stat(path); err != nil || strings.HasPrefix(name, ".") {
				continue
			} else if info.IsDir() {
				add(path, places[0].depth+1)
			} else if info.Mode().IsRegular() {
				files = append(files, near{path, info.Size()})
			}
		}
	}
	return files
}

// names lists at most n entries of a directory, sorted.
func names(dir string, n int) []string {
	in, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer in.Close()
	names, _ := in.Readdirnames(n) // those before an error count
	slices.Sort(names)
	return names
}

// search returns the members of f from files, unpacked or packed. Its error is not worth
// telling, but what is unused is.
func (f File) search(files []near, copies string) content {
	all, unused, err := f.gather(files)
	if err == nil {
		return content{bytes: all}
	}
	archives, named := candidates(files, func(n near) bool { return alike(n.path, f.Name) || f.packsCoded(n) }, f.mayPack)
	for i, n := range archives {
		c := f.readPacked(n.path, copies)
		if c.err == nil {
			return c
		}
		if i < named {
			unused = append(unused, c.err.Error())
		}
	}
	return content{err: err, unused: unused}
}

// gather returns the members of f from unpacked files, or what is wrong with those that
// are named like them.
func (f File) gather(files []near) (all []byte, unused []string, err error) {
	if f.sealed() {
		return nil, nil, fs.ErrNotExist
	}
	found, named := make([][]near, len(f.Members)), make([]int, len(f.Members))
	var missing, there []string
	for i, m := range f.Members {
		found[i], named[i] = candidates(files,
			func(n near) bool { return alike(n.path, m.Name) || f.coded(m, n.path, n.size) },
			func(n near) bool { return n.size == m.Size })
		if named[i] == 0 {
			missing = append(missing, m.Name)
		} else {
			there = append(there, found[i][0].path)
		}
	}
	if len(missing) > 0 && len(there) > 0 {
		unused = []string{fmt.Sprintf("%s: there is no %s", there[0], strings.Join(missing, ", "))}
	}
	if slices.ContainsFunc(found, func(c []near) bool { return len(c) == 0 }) {
		return nil, unused, errors.New("members are missing")
	}
	all = f.newBuffer()
	faults := make([][]string, len(f.Members))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0)) // what is decoded is in memory twice
	for i, b := range f.Parts(all) {
		group.Go(func() (err error) {
			faults[i], err = f.readAny(f.Members[i], found[i], b)
			faults[i] = faults[i][:min(len(faults[i]), named[i])]
			return err
		})
	}
	err = group.Wait()
	return all, slices.Concat(append(faults, unused)...), err
}

// readAny reads m from the first of files that holds it into b, and returns the faults of
// those before.
func (f File) readAny(m Member, files []near, b []byte) (faults []string, err error) {
	for _, n := range files {
		read := Member.check
		if f.coded(m, n.path, n.size) {
			read = f.decode
		}
		if err = read(m, n.path, b); err == nil {
			return faults, nil
		}
		faults = append(faults, err.Error())
	}
	return faults, err
}

// candidates returns the files that are named right, and how many these are, and then
// those that are likely for another reason.
func candidates(files []near, named, likely func(near) bool) (all []near, n int) {
	var others []near
	for _, f := range files {
		if named(f) {
			all = append(all, f)
		} else if likely(f) {
			others = append(others, f)
		}
	}
	n = min(len(all), searchTries)
	all = append(all, others...)
	return all[:min(len(all), searchTries)], n
}

// alike reports whether the file at this path is named name, but for what programs change
// in it: train-images.idx3-ubyte is train-images-idx3-ubyte.
func alike(path, name string) bool { return plain(filepath.Base(path)) == plain(name) }

func plain(name string) string {
	name = strings.Replace(strings.ToLower(name), ".tgz", ".tar.gz", 1)
	return strings.NewReplacer(".", "-", "_", "-").Replace(name)
}

func packed(n near) bool { return strings.HasSuffix(n.path, "gz") || strings.HasSuffix(n.path, ".zip") }

// packsCoded reports whether n is named like an archive of the other form of f.
func (f File) packsCoded(n near) bool { return packed(n) && f.Coded.of(n.path) }

// mayPack reports whether n may be a packing of f: by its size, or because it ends as a
// gzip file does that unpacks to so many bytes.
func (f File) mayPack(n near) bool {
	if !packed(n) || n.size < 18 {
		return false
	}
	if n.size == f.Size || f.sealed() {
		return n.size == f.Size
	}
	in, err := durable.OpenRegular(n.path)
	if err != nil {
		return false
	}
	defer in.Close()
	size := make([]byte, 4) // of the content, modulo 2³²
	if _, err := in.ReadAt(size, n.size-4); err != nil {
		return false
	}
	beyond := int64(binary.LittleEndian.Uint32(size)) - f.total()
	return beyond == 0 || f.Folder != "" && beyond > 0 && beyond <= f.slack()
}

// formOf names the form of s that files are in, if it is one that cannot be read.
func (s *Set) formOf(files []near) string {
	for _, form := range s.Others {
		for _, n := range files {
			if form.of(n.path) {
				return fmt.Sprintf("%s is %s", n.path, form.Title)
			}
		}
	}
	return ""
}

// otherForm tells that what was found is in another form than it should be.
func (s *Set) otherForm(found []content) string {
	for _, c := range found {
		if c.form != "" {
			return fmt.Sprintf(" (%s, want %s)", c.form, s.Form)
		}
	}
	return ""
}

// unused lists what was found in a search and why it was not used.
func unused(found []content) string {
	var b strings.Builder
	for _, c := range found {
		for _, u := range c.unused {
			if b.Len() == 0 {
				b.WriteString("\nfound, but not used:")
			}
			b.WriteString("\n  " + u)
		}
	}
	return b.String()
}
