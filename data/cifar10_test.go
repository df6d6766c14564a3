package data

import (
	"bytes"
	"fmt"
	"testing"

	"cnnlab/data/fetch"

	"github.com/pkg/errors"
)

// records is n records of 3×1×2 pixels, byte after byte.
func records(n int, label byte) (b []byte) {
	for i := range n {
		b = append(b, label, byte(i), 1, 2, 3, 4, 5)
	}
	return b
}

// smallBatches parses two batches of 3×1×2 pixels that lie one after another.
func smallBatches(a, b []byte) (Split, error) {
	s := stored{channels: 3, height: 1, width: 2, classes: cifar10.classes}
	all := append(bytes.Clone(a), b...)
	names, batches := []fetch.Member{{Name: "a.bin"}, {Name: "b.bin"}}, [][]byte{all[:len(a)], all[len(a):]}
	apart, wrong := s.parseRecords(nil, names, batches)
	within, err := s.parseRecords(all[:0], names, batches)
	if fmt.Sprint(wrong) != fmt.Sprint(err) || !bytes.Equal(apart.Pixels, within.Pixels) || !bytes.Equal(apart.Labels, within.Labels) {
		return within, errors.Errorf("%v, %v within the batches; %v, %v apart", within, err, apart, wrong)
	}
	if len(within.Pixels) > 0 && &within.Pixels[0] != &all[0] {
		return within, errors.New("the pixels were copied")
	}
	return within, err
}

func TestParseRecordsPutsBatchesTogether(t *testing.T) {
	got, err := smallBatches(records(2, 9), records(1, 4))
	must(t, err)
	if want := []byte{0, 1, 2, 3, 4, 5, 1, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5}; !bytes.Equal(got.Pixels, want) {
		t.Errorf("pixels %v, want %v", got.Pixels, want)
	}
	if want := []byte{9, 9, 4}; !bytes.Equal(got.Labels, want) {
		t.Errorf("labels %v, want %v", got.Labels, want)
	}
}

func TestParseRecordsRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"nothing":   {nil, "b.bin: 0 bytes, want records of 7 bytes each, at least one"},
		"too short": {records(3, 1)[:20], "b.bin: 20 bytes, want records of 7 bytes each"},
		"too long":  {append(records(3, 1), 0), "b.bin: 22 bytes, want records of 7 bytes each"},
		"label 10":  {append(records(3, 1), records(1, 10)...), "b.bin: offset 21: label 10 of record 3, want 0 to 9"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := smallBatches(records(1, 0), c.b)
			wantError(t, err, c.want)
		})
	}
}

// What is accepted must be the records, whatever the bytes.
func FuzzParseRecords(f *testing.F) {
	f.Add(records(2, 9), records(1, 0))
	f.Add(records(1, 10), []byte{0})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		got, err := smallBatches(a, b)
		if err != nil {
			return
		}
		var again []byte
		for i, label := range got.Labels {
			if label > 9 {
				t.Errorf("label %d of %q", label, a)
			}
			again = append(append(again, label), got.Pixels[6*i:6*i+6]...)
		}
		if !bytes.Equal(again, append(bytes.Clone(a), b...)) {
			t.Errorf("%d records of %q and %q", got.Len(), a, b)
		}
	})
}
