package own

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"path/filepath"
	"slices"

	"github.com/pkg/errors"

	"cnnlab/data/durable"
)

// maxFile is the largest file that is read, unpacked, in bytes.
const maxFile = 16 << 30

// idxNames are MNIST's four names: training images and labels, test images and labels.
// Some tools write a dot in place of the last hyphen.
var idxNames = [4][]string{
	{"train-images-idx3-ubyte", "train-images.idx3-ubyte"}, {"train-labels-idx1-ubyte", "train-labels.idx1-ubyte"},
	{"t10k-images-idx3-ubyte", "t10k-images.idx3-ubyte", "test-images-idx3-ubyte"}, {"t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte", "test-labels-idx1-ubyte"},
}

// hasIDX reports whether dir has any of the four files.
func hasIDX(dir string) bool {
	return slices.ContainsFunc(idxNames[:], func(names []string) bool { return find(dir, names...) != "" })
}

// readIDX reads MNIST's four files, of any count, size and number of classes.
func readIDX(dir string) (*Set, error) {
	s := &Set{Channels: 1}
	var splits [2]Images
	for i, names := range idxNames {
		path := find(dir, names...)
		if path == "" {
			return nil, errors.Errorf("%s is missing; a folder of IDX files has all four of MNIST's names", names[0])
		}
		content, err := unpacked(path)
		if err != nil {
			return nil, errors.WithMessage(err, filepath.Base(path))
		}
		body, shape, err := parseIDX(content)
		switch {
		case err != nil:
			return nil, errors.WithMessage(err, filepath.Base(path))
		case i%2 == 0 && len(shape) == 3:
			if i > 0 && (shape[1] != s.Height || shape[2] != s.Width) {
				return nil, errors.Errorf("%s has images of %d×%d pixels, train-images-idx3-ubyte of %d×%d", filepath.Base(path), shape[1], shape[2], s.Height, s.Width)
			}
			s.Height, s.Width, splits[i/2].Pixels = shape[1], shape[2], body
		case i%2 == 1 && len(shape) == 1:
			splits[i/2].Labels = body
		default:
			return nil, errors.Errorf("%s has %d dimensions, want %d", filepath.Base(path), len(shape), 3-2*(i%2))
		}
	}
	s.Train, s.Test = splits[0], splits[1]
	return s, s.label()
}

// label names the classes of a set whose labels are numbers: 0 to the largest, or 1 to the
// largest, as in EMNIST's letters, where 0 does not occur.
func (s *Set) label() error {
	for what, m := range map[string]Images{"training": s.Train, "test": s.Test} {
		if size := s.Channels * s.Height * s.Width; size == 0 || len(m.Pixels) != m.Len()*size {
			return errors.Errorf("%d labels of %s images, but pixels for %d", m.Len(), what, len(m.Pixels)/max(1, size))
		}
	}
	if s.Train.Len() == 0 {
		return nil // said later
	}
	low, high := slices.Min(s.Train.Labels), slices.Max(s.Train.Labels)
	if s.Test.Len() > 0 && (slices.Min(s.Test.Labels) < low || slices.Max(s.Test.Labels) > high) {
		return errors.Errorf("test labels from %d to %d, but training labels from %d to %d", slices.Min(s.Test.Labels), slices.Max(s.Test.Labels), low, high)
	}
	s.Classes = numbered(int(high) + 1)
	if low == 1 {
		s.Classes = s.Classes[1:]
		for _, labels := range [][]byte{s.Train.Labels, s.Test.Labels} {
			for i := range labels {
				labels[i]--
			}
		}
	}
	return nil
}

// unpacked returns the content of a file, unpacked if it is in gzip's format.
func unpacked(path string) ([]byte, error) {
	content, err := durable.ReadFile(path, maxFile)
	if err != nil || !bytes.HasPrefix(content, []byte{0x1F, 0x8B}) {
		return content, err
	}
	r, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, errors.WithStack(err)
	}
	all, err := io.ReadAll(io.LimitReader(r, maxFile))
	return all, errors.WithStack(err)
}

// parseIDX returns the body of an IDX file of bytes and its dimensions
// (http://yann.lecun.com/exdb/mnist).
func parseIDX(b []byte) (body []byte, shape []int, err error) {
	if len(b) < 8 || b[0] != 0 || b[1] != 0 || b[3] < 1 || b[3] > 4 {
		return nil, nil, errors.New("not an IDX file")
	}
	if b[2] != 8 {
		return nil, nil, errors.Errorf("an IDX file of type %#x, want 0x8, bytes", b[2])
	}
	dimensions := int(b[3])
	if len(b) < 4+4*dimensions {
		return nil, nil, errors.New("the file ends within its header")
	}
	body, size := b[4+4*dimensions:], uint64(1)
	for i := range dimensions {
		n := binary.BigEndian.Uint32(b[4+4*i:])
		if size *= uint64(n); size > maxFile {
			return nil, nil, errors.New("the header states more than can be read")
		}
		shape = append(shape, int(n))
	}
	if uint64(len(body)) != size {
		return nil, nil, errors.Errorf("the header states %d bytes, found %d", size, len(body))
	}
	return body, shape, nil
}
