package data

import (
	"slices"
	"testing"
)

// TestEMNISTStandsUpright: the files hold every image with rows and columns exchanged, and
// the labels of letters begin with 1.
func TestEMNISTStandsUpright(t *testing.T) {
	for name, c := range map[string]struct {
		set     set
		first   byte
		classes int
	}{"letters": {emnistLetters, 1, 26}, "balanced": {emnistBalanced, 0, 47}} {
		s := c.set
		if len(s.classes) != c.classes {
			t.Fatalf("%s: %d classes, want %d", name, len(s.classes), c.classes)
		}
		s.Files = slices.Clone(s.Files)
		s.Files[0].Members = slices.Clone(s.Files[0].Members)
		contents := [][]byte{
			idx(0x803, []uint32{20, 28, 28}, 20*784), idx(0x801, []uint32{20}, 20),
			idx(0x803, []uint32{10, 28, 28}, 10*784), idx(0x801, []uint32{10}, 10),
		}
		for _, i := range []int{1, 3} {
			for k := 8; k < len(contents[i]); k++ {
				contents[i][k] = c.first
			}
		}
		contents[1][8] = c.first + byte(c.classes) - 1
		contents[0][16+3*28+5] = 200 // column 3, row 5
		var all []byte
		for i, b := range contents {
			s.Files[0].Members[i].Size = int64(len(b))
			all = append(all, b...)
		}
		d, err := s.parse([][]byte{all})
		must(t, err)
		if d.Train.Pixels[5*28+3] != 200 || d.Train.Pixels[3*28+5] != 0 {
			t.Errorf("%s: the image lies on its side", name)
		}
		if last := d.Train.Labels[0]; int(last) != c.classes-1 || d.Train.Labels[1] != 0 {
			t.Errorf("%s: labels %d and %d, want %d and 0", name, last, d.Train.Labels[1], c.classes-1)
		}
		all[len(all)-1] = c.first + byte(c.classes)
		_, err = s.parse([][]byte{all})
		wantError(t, err, "label")
	}
}

// TestCIFAR100HasFineClasses: a record has two labels, of which the second counts.
func TestCIFAR100HasFineClasses(t *testing.T) {
	s := cifar100
	if len(s.classes) != 100 || s.classes[0] != "apple" || s.classes[99] != "worm" || s.classes[53] != "orange" {
		t.Fatalf("%d classes %q", len(s.classes), s.classes)
	}
	if !slices.IsSorted(s.classes) {
		t.Error("the classes are not in the order of the alphabet, as those of the file are")
	}
	const record = 2 + 3072
	all := make([]byte, 30*record)
	for i := range 30 {
		all[i*record], all[i*record+1], all[i*record+2] = 19, byte(70+i), byte(i)
	}
	s.Files = slices.Clone(s.Files)
	s.Files[0].Members = slices.Clone(s.Files[0].Members)
	s.Files[0].Members[0].Size, s.Files[0].Members[1].Size = 20*record, 10*record
	d, err := s.parse([][]byte{all})
	must(t, err)
	if d.Train.Len()+d.Val.Len() != 20 || d.Test.Len() != 10 || d.Train.Labels[1] != 71 || d.Train.Pixels[3072] != 1 || d.Test.Labels[9] != 99 {
		t.Errorf("%d, %d and %d images; labels %v, %v", d.Train.Len(), d.Val.Len(), d.Test.Len(), d.Train.Labels, d.Test.Labels)
	}
	all[record+1] = 100
	_, err = s.parse([][]byte{all})
	wantError(t, err, "train.bin", "label 100 of record 1, want 0 to 99")
}
