package data

import (
	"path/filepath"
	"slices"
	"testing"
)

func TestNamesAreThoseThatLoadKnows(t *testing.T) {
	if got, want := Names(), []string{"mnist", "fashion-mnist", "cifar-10", "digits", "shapes"}; !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
	_, err := Load(t.Context(), "../mnist", Options{})
	wantError(t, err, `unknown data set "../mnist", want one of mnist, fashion-mnist, cifar-10, digits, shapes`)
}

func TestTrainImagesKnowsEveryName(t *testing.T) {
	for _, name := range Names() {
		if TrainImages(name) < 1 {
			t.Errorf("%s: %d training images", name, TrainImages(name))
		}
	}
	if n := TrainImages("other"); n != 0 {
		t.Errorf("a set that is not there has %d training images", n)
	}
	for name, all := range map[string]int{"digits": 60000, "shapes": 50000, "cifar-10": 50000} {
		if n, want := TrainImages(name), all-heldOut; n != want {
			t.Errorf("%s: %d training images, want %d", name, n, want)
		}
	}
}

func TestLoadPrefixesItsErrorsByTheName(t *testing.T) {
	_, err := Load(t.Context(), "fashion-mnist", Options{Dir: t.TempDir()})
	wantError(t, err, "fashion-mnist: 4 of 4 files are missing", "26421880 bytes")
}

// The checksum is that of the members in the order of the table.
func TestLoadHashesTheMembersInOrder(t *testing.T) {
	f := newFixture()
	root := t.TempDir()
	f.write(t, filepath.Join(root, "tiny"))
	l, _ := testLoader(t)
	d, err := f.load(t.Context(), l, Options{Dir: root})
	must(t, err)
	var all []byte
	for i, b := range f.stored {
		member, err := f.files[i].members[0].unpack(b)
		must(t, err)
		all = append(all, member...)
	}
	if d.SHA256 != digest(all) {
		t.Errorf("SHA-256 %s, want %s", d.SHA256, digest(all))
	}
}
