// Package own reads a user's own images: a folder of pictures for each class, the IDX
// files of MNIST's kind, or NumPy's arrays. It knows no splits beyond what it finds, and
// nothing of networks.
package own

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"cnnlab/data/durable"
)

// Set is what was read.
type Set struct {
	Classes                 []string
	Channels, Height, Width int
	Train, Test             Images
	Skipped                 []string // the pictures that could not be read, and why
	Notes                   []string // what a user should know before training
}

// Images are images of one shape with their labels.
type Images struct {
	Pixels []byte   // N×C×H×W
	Labels []byte   // N
	Names  []string // of the pictures' files, relative to the folder; nil for arrays
}

// Options says how to read.
type Options struct {
	Size       int    // pictures become Size×Size; 0: they must all have one size
	Transpose  bool   // exchange rows and columns, as EMNIST's files need
	SkipBroken bool   // leave out pictures that cannot be read
	Cache      string // the directory in which decoded pictures are kept; "": none
}

// maxClasses is what a label's byte can tell apart.
const maxClasses = 256

// Is reports whether name is a path, not the name of a known set: it has a separator, or
// there is such a folder or .npz file.
func Is(name string) bool {
	if strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".npz") {
		return true
	}
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// Read reads the images at path.
func Read(ctx context.Context, path string, o Options) (s *Set, err error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, errors.WithStack(durable.Cause(err))
	case strings.HasSuffix(path, ".npz"):
		s, err = readNPZ(path)
	case !info.IsDir():
		return nil, errors.New("a file; want a folder of pictures, a folder of IDX files, or an .npz file")
	case hasIDX(path):
		s, err = readIDX(path)
	default:
		s, err = readFolder(ctx, path, o)
	}
	if err != nil {
		return nil, err
	}
	if o.Transpose {
		s.transpose()
	}
	if o.Size > 0 && (s.Height != o.Size || s.Width != o.Size) {
		s.resize(o.Size)
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	s.note()
	return s, nil
}

// check returns an error if nothing can be learned from the set.
func (s *Set) check() error {
	switch {
	case len(s.Classes) < 2:
		return errors.Errorf("%d class, want at least 2", len(s.Classes))
	case len(s.Classes) > maxClasses:
		return errors.Errorf("%d classes, want at most %d", len(s.Classes), maxClasses)
	case s.Train.Len() < 10:
		return errors.Errorf("%d training images, want at least 10", s.Train.Len())
	case s.Test.Len() == 0:
		return errors.New("no test images")
	}
	return nil
}

// Len returns the number of images.
func (m Images) Len() int { return len(m.Labels) }

// image returns the pixels of image i.
func (m Images) image(i int) []byte {
	size := len(m.Pixels) / m.Len()
	return m.Pixels[i*size : (i+1)*size]
}

// note says what a user should know before training: sizes, counts, and images that are
// in train and in test.
func (s *Set) note() {
	kind := "grey"
	if s.Channels > 1 {
		kind = "colour"
	}
	s.Notes = append([]string{fmt.Sprintf("%d training and %d test images, %d×%d pixels, %s, %d classes", s.Train.Len(), s.Test.Len(), s.Height, s.Width, kind, len(s.Classes))}, s.Notes...)
	s.Notes = append(s.Notes, "training images per class: "+s.counts(s.Train), "test images per class: "+s.counts(s.Test))
	in := make(map[[32]byte]int)
	for i := range s.Train.Len() {
		in[sha256.Sum256(s.Train.image(i))] = i
	}
	twice, example := 0, ""
	for i := range s.Test.Len() {
		if j, ok := in[sha256.Sum256(s.Test.image(i))]; ok {
			if twice++; twice == 1 && s.Test.Names != nil {
				example = fmt.Sprintf(", such as %s, which equals %s", s.Test.Names[i], s.Train.Names[j])
			}
		}
	}
	if twice > 0 {
		s.Notes = append(s.Notes, fmt.Sprintf("warning: %d test images are among the training images, too%s; the test accuracy will be too good", twice, example))
	}
	if n := len(s.Skipped); n > 0 {
		s.Notes = append(s.Notes, fmt.Sprintf("warning: %d pictures that cannot be read are left out, such as %s", n, s.Skipped[0]))
	}
}

// counts lists the classes with their images; equal counts in short.
func (s *Set) counts(m Images) string {
	n := make([]int, len(s.Classes))
	for _, label := range m.Labels {
		n[label]++
	}
	if slices.Min(n) == slices.Max(n) {
		return fmt.Sprintf("%d each", n[0])
	}
	order := make([]int, len(n))
	for k := range order {
		order[k] = k
	}
	if len(order) <= 12 {
		return s.list(order, n)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(n[b], n[a]) })
	return s.list(order[:5], n) + ", …, " + s.list(order[len(order)-5:], n)
}

// list names classes with their counts.
func (s *Set) list(order, n []int) string {
	var parts []string
	for _, k := range order {
		parts = append(parts, fmt.Sprintf("%s %d", s.Classes[k], n[k]))
	}
	return strings.Join(parts, ", ")
}

// transpose exchanges the rows and the columns of all images.
func (s *Set) transpose() {
	for _, m := range []*Images{&s.Train, &s.Test} {
		turned := make([]byte, len(m.Pixels))
		plane := s.Height * s.Width
		for first := 0; first < len(turned); first += plane {
			for y := range s.Height {
				for x := range s.Width {
					turned[first+x*s.Height+y] = m.Pixels[first+y*s.Width+x]
				}
			}
		}
		m.Pixels = turned
	}
	s.Height, s.Width = s.Width, s.Height
}

// numbered are the names of n classes that have none.
func numbered(n int) (names []string) {
	for k := range n {
		names = append(names, fmt.Sprint(k))
	}
	return names
}

// find returns the first of the names that exists in dir, packed or not.
func find(dir string, names ...string) string {
	for _, name := range names {
		for _, suffix := range []string{"", ".gz"} {
			if path := filepath.Join(dir, name+suffix); exists(path) {
				return path
			}
		}
	}
	return ""
}

func exists(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}
