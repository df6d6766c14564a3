package own

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"golang.org/x/sync/errgroup"
)

// testShare is the share of each class that becomes the test set where a folder has no
// division of its own.
const testShare = 0.2

// picture is one file.
type picture struct {
	name  string // relative to the folder, with slashes
	class string
	test  bool
	rgb   []byte // 3×H×W
	size  [2]int // H, W
	grey  bool
	err   error
}

// readFolder reads a folder with one folder of pictures for each class, or with two such,
// train and test. The images of a split are in an order that only their names decide, so
// that classes are mixed and val is like the rest.
func readFolder(ctx context.Context, dir string, o Options) (*Set, error) {
	pictures, notes, err := list(dir)
	if err != nil {
		return nil, err
	}
	cache := o.cacheFile(dir, pictures)
	if s := cached(cache); s != nil {
		return s, nil
	}
	if err := decodeAll(ctx, dir, pictures, o.Size); err != nil {
		return nil, err
	}
	s := &Set{Channels: 1, Notes: notes}
	pictures = slices.DeleteFunc(pictures, func(p *picture) bool {
		if p.err != nil && err == nil {
			err = errors.WithMessage(p.err, p.name)
		}
		if p.err != nil {
			s.Skipped = append(s.Skipped, fmt.Sprintf("%s (%v)", p.name, p.err))
		}
		return p.err != nil
	})
	if err != nil && !o.SkipBroken {
		return nil, errors.Errorf("%v; repair or remove it, or leave out what cannot be read with -skip-broken (%d of %d files)", err, len(s.Skipped), len(s.Skipped)+len(pictures))
	}
	if len(pictures) == 0 {
		return nil, errors.New("no picture can be read")
	}
	if err := s.sizes(pictures); err != nil {
		return nil, err
	}
	for _, p := range pictures {
		if !p.grey {
			s.Channels = 3
		}
		if !slices.Contains(s.Classes, p.class) {
			s.Classes = append(s.Classes, p.class)
		}
	}
	slices.SortFunc(s.Classes, naturally)
	s.collect(pictures)
	s.keep(cache)
	return s, nil
}

// sizes wants all pictures to have one size.
func (s *Set) sizes(pictures []*picture) error {
	first := pictures[0]
	for _, p := range pictures {
		if p.size != first.size {
			return errors.Errorf("%s has %d×%d pixels, %s %d×%d; with -size N, all become N×N", first.name, first.size[1], first.size[0], p.name, p.size[1], p.size[0])
		}
	}
	s.Height, s.Width = first.size[0], first.size[1]
	return nil
}

// collect moves the pictures into the splits.
func (s *Set) collect(pictures []*picture) {
	slices.SortFunc(pictures, func(a, b *picture) int { return cmp.Compare(lot("order", a.name), lot("order", b.name)) })
	plane := s.Height * s.Width
	for _, p := range pictures {
		m := &s.Train
		if p.test {
			m = &s.Test
		}
		m.Pixels = append(m.Pixels, p.rgb[:s.Channels*plane]...)
		m.Labels = append(m.Labels, byte(min(maxClasses-1, slices.Index(s.Classes, p.class))))
		m.Names = append(m.Names, p.name)
		p.rgb = nil
	}
}

// lot is a number that looks random and depends on the name alone, so that a picture that
// is added moves no other one.
func lot(purpose, name string) string {
	sum := sha256.Sum256([]byte(purpose + "\x00" + name))
	return string(sum[:])
}

// list returns the pictures of a folder, with their classes and splits.
func list(dir string) (pictures []*picture, notes []string, err error) {
	top, err := subfolders(dir)
	if err != nil {
		return nil, nil, err
	}
	train, test := slices.Contains(top, "train"), slices.Contains(top, "test")
	switch {
	case train && test:
		for _, split := range []string{"train", "test"} {
			found, err := classes(dir, split)
			if err != nil {
				return nil, nil, err
			}
			for _, p := range found {
				p.test = split == "test"
			}
			pictures = append(pictures, found...)
		}
		if extra := slices.DeleteFunc(top, func(name string) bool { return name == "train" || name == "test" }); len(extra) > 0 {
			notes = append(notes, fmt.Sprintf("beside train and test, these folders are left out: %s", strings.Join(extra, ", ")))
		}
		return pictures, notes, missing(pictures)
	case len(top) == 0:
		return nil, nil, errors.New("no folders in it; want a folder of pictures for each class, such as cats/ and dogs/")
	}
	if pictures, err = classes(dir, "."); err != nil {
		return nil, nil, err
	}
	byClass := make(map[string][]*picture)
	for _, p := range pictures {
		byClass[p.class] = append(byClass[p.class], p)
	}
	for class, of := range byClass {
		if len(of) < 2 {
			return nil, nil, errors.Errorf("class %s has one picture; want at least 2, one to learn from and one to test with", class)
		}
		slices.SortFunc(of, func(a, b *picture) int { return cmp.Compare(lot("test", a.name), lot("test", b.name)) })
		for _, p := range of[:max(1, int(testShare*float64(len(of))))] {
			p.test = true
		}
	}
	notes = append(notes, fmt.Sprintf("no folders train and test: %.0f %% of each class, drawn by the pictures' names, are the test set", 100*testShare))
	return pictures, notes, nil
}

// missing returns an error if a class of the training pictures has no test picture, or the
// other way round.
func missing(pictures []*picture) error {
	seen := make(map[string][2]bool)
	for _, p := range pictures {
		s := seen[p.class]
		s[map[bool]int{false: 0, true: 1}[p.test]] = true
		seen[p.class] = s
	}
	for class, s := range seen {
		if !s[0] {
			return errors.Errorf("class %s is in test and not in train", class)
		}
		if !s[1] {
			return errors.Errorf("class %s is in train and not in test", class)
		}
	}
	return nil
}

// subfolders returns the names of the folders in dir, hidden ones left out.
func subfolders(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	for _, e := range entries {
		info, err := os.Stat(filepath.Join(dir, e.Name())) // follows links
		if err == nil && info.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// suffixes are those of pictures; other files are no pictures, and reported.
var suffixes = []string{".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp"}

// HasPictureName reports whether a file has the name of a picture, and is not hidden.
func HasPictureName(path string) bool {
	return !strings.HasPrefix(filepath.Base(path), ".") && slices.Contains(suffixes, strings.ToLower(filepath.Ext(path)))
}

// classes returns the pictures of the classes in a folder of dir.
func classes(dir, in string) (pictures []*picture, err error) {
	names, err := subfolders(filepath.Join(dir, in))
	if err != nil {
		return nil, err
	}
	for _, class := range names {
		before := len(pictures)
		root := filepath.Join(dir, in, class)
		if resolved, err := filepath.EvalSymlinks(root); err == nil {
			root = resolved // WalkDir follows no link, not even this one
		}
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !HasPictureName(path) {
				return err
			}
			relative, err := filepath.Rel(root, path)
			pictures = append(pictures, &picture{name: filepath.ToSlash(filepath.Join(in, class, relative)), class: class})
			return err
		})
		if err != nil {
			return nil, errors.WithStack(err)
		}
		if len(pictures) == before {
			return nil, errors.Errorf("class %s has no picture (%s)", filepath.Join(in, class), strings.Join(suffixes, ", "))
		}
	}
	return pictures, nil
}

// decodeAll decodes the pictures on all cores.
func decodeAll(ctx context.Context, dir string, pictures []*picture, size int) error {
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(runtime.GOMAXPROCS(0))
	for of := range slices.Chunk(pictures, 64) {
		work.Go(func() error {
			for _, p := range of {
				if ctx.Err() != nil {
					return context.Cause(ctx)
				}
				p.decode(filepath.Join(dir, filepath.FromSlash(p.name)), size)
			}
			return nil
		})
	}
	return work.Wait()
}

// naturally orders names, numbers by their value: 2 before 10.
func naturally(a, b string) int {
	x, errX := strconv.Atoi(a)
	y, errY := strconv.Atoi(b)
	if errX == nil && errY == nil && x != y {
		return cmp.Compare(x, y)
	}
	return cmp.Compare(a, b)
}
