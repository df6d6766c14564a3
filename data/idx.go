package data

import (
	"encoding/binary"

	"github.com/pkg/errors"
)

// The magic numbers of IDX: two zero bytes, 8 for unsigned bytes, and the number
// of dimensions. http://yann.lecun.com/exdb/mnist describes the format.
const (
	idxImages = 0x803 // count, height, width, then count×height×width bytes
	idxLabels = 0x801 // count, then count bytes
)

// parseIDX is the format of MNIST: training images, training labels, test images,
// test labels.
func (s *source) parseIDX(contents [][]byte) (train, test Split, err error) {
	train, err = parseSplit(contents[0], contents[1], s.height, s.width, len(s.classes))
	if err != nil {
		return train, test, errors.WithMessage(err, "train")
	}
	test, err = parseSplit(contents[2], contents[3], s.height, s.width, len(s.classes))
	return train, test, errors.WithMessage(err, "t10k")
}

// parseImages returns the pixels, N×height×width, of an uncompressed IDX file.
// They are a part of b: nothing is allocated, whatever the header claims.
func parseImages(b []byte, height, width int) ([]byte, error) {
	dims, body, err := parseHeader(b, idxImages, 3)
	if err != nil {
		return nil, err
	}
	if dims[1] != uint64(height) || dims[2] != uint64(width) {
		return nil, errors.Errorf("offset 8: images of %dx%d, want %dx%d", dims[1], dims[2], height, width)
	}
	if want := dims[0] * uint64(height*width); uint64(len(body)) != want {
		return nil, errors.Errorf("offset 4: a count of %d images needs %d bytes from offset 16 on, found %d",
			dims[0], want, len(body))
	}
	return body, nil
}

// parseLabels returns the N labels, each below classes, of an uncompressed IDX
// file. They are a part of b.
func parseLabels(b []byte, classes int) ([]byte, error) {
	dims, body, err := parseHeader(b, idxLabels, 1)
	if err != nil {
		return nil, err
	}
	if uint64(len(body)) != dims[0] {
		return nil, errors.Errorf("offset 4: a count of %d labels needs as many bytes from offset 8 on, found %d",
			dims[0], len(body))
	}
	for i, label := range body {
		if int(label) >= classes {
			return nil, errors.Errorf("offset %d: label %d of sample %d, want 0 to %d", 8+i, label, i, classes-1)
		}
	}
	return body, nil
}

// parseHeader checks the magic number and returns the dimensions, of which the
// first is not 0, and what follows them. Dimensions have 32 bits in the file, so
// a count times 28×28 does not overflow 64.
func parseHeader(b []byte, magic uint32, rank int) (dims []uint64, body []byte, err error) {
	header := 4 + 4*rank
	if len(b) < header {
		return nil, nil, errors.Errorf("offset %d: the file ends within its header, want %d bytes", len(b), header)
	}
	if found := binary.BigEndian.Uint32(b); found != magic {
		return nil, nil, errors.Errorf("offset 0: bad magic %#x, want %#x", found, magic)
	}
	for i := 4; i < header; i += 4 {
		dims = append(dims, uint64(binary.BigEndian.Uint32(b[i:])))
	}
	if dims[0] == 0 {
		return nil, nil, errors.New("offset 4: 0 samples, want at least 1")
	}
	return dims, b[header:], nil
}

// parseSplit puts images and labels of one split together.
func parseSplit(images, labels []byte, height, width, classes int) (Split, error) {
	var s Split
	var err error
	if s.Pixels, err = parseImages(images, height, width); err != nil {
		return Split{}, errors.WithMessage(err, "images")
	}
	if s.Labels, err = parseLabels(labels, classes); err != nil {
		return Split{}, errors.WithMessage(err, "labels")
	}
	if n := len(s.Pixels) / (height * width); n != s.Len() {
		return Split{}, errors.Errorf("%d images but %d labels, want as many", n, s.Len())
	}
	return s, nil
}
