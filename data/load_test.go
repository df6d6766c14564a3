package data

import (
	"slices"
	"testing"

	"cnnlab/data/durable"
)

func TestNamesAreThoseThatLoadKnows(t *testing.T) {
	if got, want := Names(), []string{"mnist", "fashion-mnist", "kmnist", "emnist-letters", "emnist-balanced", "cifar-10", "cifar-100", "digits", "shapes"}; !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
	_, err := Load(t.Context(), "../mnist", Options{})
	wantError(t, err, `unknown data set "../mnist", want one of mnist, fashion-mnist, kmnist, emnist-letters, emnist-balanced, cifar-10, cifar-100, digits, shapes`)
}

// Those of the stored sets are held against their files in real_test.go.
func TestTrainImagesKnowsEveryName(t *testing.T) {
	for name, want := range map[string]int{
		"mnist": 55000, "fashion-mnist": 55000, "kmnist": 55000, "emnist-letters": 119800, "emnist-balanced": 107800, "cifar-10": 45000, "cifar-100": 45000, "digits": 55000, "shapes": 45000, "other": 0,
	} {
		if n := TrainImages(name); n != want {
			t.Errorf("%s: %d training images, want %d", name, n, want)
		}
	}
}

func TestOnlyCharactersHaveNoMirrorImages(t *testing.T) {
	for name, want := range map[string]bool{"mnist": false, "kmnist": false, "emnist-letters": false, "cifar-100": true, "digits": false, "fashion-mnist": true, "cifar-10": true, "shapes": true, "other": false} {
		if Flips(name) != want {
			t.Errorf("%s: %v, want %v", name, Flips(name), want)
		}
	}
}

func TestLoadPrefixesItsErrorsByTheName(t *testing.T) {
	_, err := Load(t.Context(), "fashion-mnist", Options{Dir: t.TempDir()})
	wantError(t, err, "fashion-mnist: 4 of 4 files are missing", "26421880 bytes")
}

// TestStandInsAreGeneratedSets: where there is no network, they take the place of the
// default sets.
func TestStandInsAreGeneratedSets(t *testing.T) {
	for name, want := range map[string]string{"mnist": "digits", "cifar-10": "shapes", "fashion-mnist": "", "digits": "", "": ""} {
		if got := StandIn(name); got != want {
			t.Errorf("%q stands in for %q, want %q", got, name, want)
		}
	}
}

// The checksum is over the members in the order of the files.
func TestTheChecksumIsOverTheMembersInOrder(t *testing.T) {
	s := mnist
	s.sha256 = ""
	contents := [][]byte{
		idx(0x803, []uint32{20, 28, 28}, 20*784), idx(0x801, []uint32{20}, 20),
		idx(0x803, []uint32{10, 28, 28}, 10*784), idx(0x801, []uint32{10}, 10),
	}
	contents[0][100] = 7
	d, err := s.parse(contents)
	must(t, err)
	if want := durable.SHA256(slices.Concat(contents...)); d.SHA256 != want {
		t.Errorf("SHA-256 %s, want %s", d.SHA256, want)
	}
	if d.Train.Len() != 18 || d.Val.Len() != 2 || d.Test.Len() != 10 || d.Train.Pixels[84] != 7 {
		t.Errorf("splits of %d, %d, %d", d.Train.Len(), d.Val.Len(), d.Test.Len())
	}
}
