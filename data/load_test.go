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

// Those of the stored sets are held against their files in real_test.go.
func TestTrainImagesKnowsEveryName(t *testing.T) {
	for name, want := range map[string]int{
		"mnist": 55000, "fashion-mnist": 55000, "cifar-10": 45000, "digits": 55000, "shapes": 45000, "other": 0,
	} {
		if n := TrainImages(name); n != want {
			t.Errorf("%s: %d training images, want %d", name, n, want)
		}
	}
}

func TestOnlyDigitsHaveNoMirrorImages(t *testing.T) {
	for name, want := range map[string]bool{"mnist": false, "digits": false, "fashion-mnist": true, "cifar-10": true, "shapes": true, "other": false} {
		if Flips(name) != want {
			t.Errorf("%s: %v, want %v", name, Flips(name), want)
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
		member, err := f.files[i].members[0].gunzip(b)
		must(t, err)
		all = append(all, member...)
	}
	if d.SHA256 != digest(all) {
		t.Errorf("SHA-256 %s, want %s", d.SHA256, digest(all))
	}
}
