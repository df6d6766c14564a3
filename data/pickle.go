package data

import (
	"bytes"
	"encoding/binary"

	"github.com/pkg/errors"
)

// cifarRecord is the size of a record of CIFAR-10: a label and 3×32×32 pixels.
const cifarRecord = 1 + 3*32*32

// unpickle fills the records of a batch of CIFAR-10 from the same batch of the Python
// version. That is a pickle, a program for Python's pickle machine, which is not run here:
// the labels and the pixels stand in it as plain bytes, and their places are known. Whether
// the records are right is for their checksum to tell.
func unpickle(stored, records []byte) error {
	n := len(records) / cifarRecord
	_, labels, found := bytes.Cut(stored, []byte("U\x06labels")) // a string of 6 bytes
	if !found {
		return errors.New("no labels, want a batch of CIFAR-10's Python version")
	}
	for k := 0; k < n; {
		if len(labels) < 2 {
			return errors.Errorf("ends after %d labels, want %d", k, n)
		}
		switch labels[0] {
		case 'K': // an integer of one byte
			records[k*cifarRecord] = labels[1]
			labels = labels[2:]
			k++
		case 'q': // remember the object, in one byte
			labels = labels[2:]
		case ']', '(', 'e': // a list, and those after the mark appended to it
			labels = labels[1:]
		default:
			return errors.Errorf("operation %q after %d labels, want a list of %d", labels[0], k, n)
		}
	}
	size := n * (cifarRecord - 1)
	_, pixels, found := bytes.Cut(labels, binary.LittleEndian.AppendUint32([]byte{'T'}, uint32(size))) // a string of that size
	if !found || len(pixels) < size {
		return errors.Errorf("no string of %d pixels after the labels", size)
	}
	for k := range n {
		copy(records[k*cifarRecord+1:(k+1)*cifarRecord], pixels[k*(cifarRecord-1):])
	}
	return nil
}
