package data

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/pkg/errors"

	"cnnlab/data/fetch"
)

// records is n records of 3×1×2 pixels, byte after byte.
func records(n int, label byte) (b []byte) {
	for i := range n {
		b = append(b, label, byte(i), 1, 2, 3, 4, 5)
	}
	return b
}

// smallBatches parses a training batch a and a test batch b of 3×1×2 pixels.
func smallBatches(a, b []byte) (train, test Split, err error) {
	s := set{channels: 3, height: 1, width: 2, classes: cifar10.classes}
	s.Files = []fetch.File{{Members: []fetch.Member{{Name: "a.bin", Size: int64(len(a))}, {Name: "b.bin", Size: int64(len(b))}}}}
	content := slices.Concat(a, b)
	train, test, err = s.parseBatches([][]byte{content})
	if err == nil && (&train.Pixels[0] != &content[0] || &test.Pixels[0] != &content[len(train.Pixels)]) {
		err = errors.New("the pixels were copied")
	}
	return train, test, err
}

func TestParseBatchesTakesLabelsAndPixelsApart(t *testing.T) {
	train, test, err := smallBatches(records(2, 9), records(1, 4))
	must(t, err)
	for _, c := range []struct {
		got            Split
		pixels, labels []byte
	}{
		{train, []byte{0, 1, 2, 3, 4, 5, 1, 1, 2, 3, 4, 5}, []byte{9, 9}},
		{test, []byte{0, 1, 2, 3, 4, 5}, []byte{4}},
	} {
		if !bytes.Equal(c.got.Pixels, c.pixels) || !bytes.Equal(c.got.Labels, c.labels) {
			t.Errorf("%v, want pixels %v and labels %v", c.got, c.pixels, c.labels)
		}
	}
}

func TestParseBatchesRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"nothing":   {nil, "b.bin: 0 bytes, want one or more records of 7 bytes"},
		"too short": {records(3, 1)[:20], "b.bin: 20 bytes, want one or more records of 7 bytes"},
		"too long":  {append(records(3, 1), 0), "b.bin: 22 bytes, want one or more records of 7 bytes"},
		"label 10":  {append(records(3, 1), records(1, 10)...), "b.bin: offset 21: label 10 of record 3, want 0 to 9"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := smallBatches(records(1, 0), c.b)
			wantError(t, err, c.want)
		})
	}
}

// What is accepted must be the records, whatever the bytes.
func FuzzParseBatches(f *testing.F) {
	f.Add(records(2, 9), records(1, 0))
	f.Add(records(1, 10), []byte{0})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		train, test, err := smallBatches(a, b)
		if err != nil {
			return
		}
		for _, c := range []struct {
			got  Split
			want []byte
		}{{train, a}, {test, b}} {
			var again []byte
			for i, label := range c.got.Labels {
				if label > 9 {
					t.Errorf("label %d of %q", label, c.want)
				}
				again = append(append(again, label), c.got.Pixels[6*i:6*i+6]...)
			}
			if !bytes.Equal(again, c.want) {
				t.Errorf("%d records of %q", c.got.Len(), c.want)
			}
		}
	})
}

// newBatches is a set in the format of CIFAR-10 with images of 3×4×4 random pixels:
// two training batches of 20 and a test batch of 10.
func newBatches() (s set, batches [][]byte) {
	random := rand.New(rand.NewPCG(3, 4))
	var f fetch.File
	for i, name := range []string{"data_batch_1.bin", "data_batch_2.bin", "test_batch.bin"} {
		b := make([]byte, []int{20, 20, 10}[i]*49)
		for k := range b {
			b[k] = byte(random.Uint32())
			if k%49 == 0 {
				b[k] %= 10
			}
		}
		f.Members = append(f.Members, fetch.Member{Name: name, Size: int64(len(b))})
		batches = append(batches, b)
	}
	return set{channels: 3, height: 4, width: 4, classes: cifar10.classes, Set: fetch.Set{Files: []fetch.File{f}}}, batches
}

func TestParseBatchesKeepsTheirOrder(t *testing.T) {
	s, batches := newBatches()
	train, test, err := s.parseBatches([][]byte{slices.Concat(batches...)})
	must(t, err)
	var want Split
	for _, b := range batches {
		for ; len(b) > 0; b = b[49:] {
			want.Labels, want.Pixels = append(want.Labels, b[0]), append(want.Pixels, b[1:49]...)
		}
	}
	if train.Len() != 40 || test.Len() != 10 {
		t.Errorf("splits of %d, %d", train.Len(), test.Len())
	}
	if !bytes.Equal(slices.Concat(train.Pixels, test.Pixels), want.Pixels) || !bytes.Equal(slices.Concat(train.Labels, test.Labels), want.Labels) {
		t.Error("pixels or labels differ from the batches in order")
	}
}

func TestParseBatchesNamesTheBadOne(t *testing.T) {
	for i, name := range []string{"data_batch_1.bin", "data_batch_2.bin", "test_batch.bin"} {
		s, batches := newBatches()
		batches[i][49] = 10
		_, _, err := s.parseBatches([][]byte{slices.Concat(batches...)})
		wantError(t, err, name+": offset 49: label 10 of record 1, want 0 to 9")
	}
}
