package data

import (
	"context"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"cnnlab/data/draw"
	"cnnlab/data/durable"
	"cnnlab/data/fetch"
)

// Options says where data sets may be found.
type Options = fetch.Options

// ErrUnavailable is in the chain of Load's error if the set is on no disk here and no
// host can be reached.
var ErrUnavailable = fetch.ErrUnavailable

type set struct {
	name         string
	train        int // images, with val
	augmentation augmentation
	standsInFor  string // the name of a set in files, or ""
	load         func(ctx context.Context, o Options) (*Dataset, error)
}

var sets = []set{
	mnist.set(),
	fashionMNIST.set(),
	cifar10.set(),
	generated("digits", 60_000, mnist, Digits),
	generated("shapes", 50_000, cifar10, Shapes),
}

// generated is a set that is drawn with seed 1, with 10,000 test images, and stands in
// for a set in files.
func generated(name string, train int, like stored, draw func(seed uint64, train, test int) *Dataset) set {
	return set{name, train, like.augmentation, like.Name, func(context.Context, Options) (*Dataset, error) {
		return draw(1, train, 10_000), nil
	}}
}

// named returns the set of that name, or an empty one.
func named(name string) set {
	for _, s := range sets {
		if s.name == name {
			return s
		}
	}
	return set{}
}

// Names lists the data sets that Load knows.
func Names() (names []string) {
	for _, s := range sets {
		names = append(names, s.name)
	}
	return names
}

// TrainImages returns the number of training images of the named data set, without val; 0
// if there is no such set. It reads nothing.
func TrainImages(name string) int {
	s := named(name)
	return s.train - heldOut(s.train)
}

// Flips reports whether the mirror image of an image of the named data set belongs to the
// same class: that of a photograph does, that of a digit does not.
func Flips(name string) bool { return named(name).augmentation.flip }

// StandIn returns the name of the generated set that can stand in for the named one, or
// "".
func StandIn(name string) string {
	i := slices.IndexFunc(sets, func(s set) bool { return s.standsInFor != "" && s.standsInFor == name })
	if i < 0 {
		return ""
	}
	return sets[i].name
}

// Load returns the named data set, from the disk or, checked, from the network. The error
// is ErrUnavailable if neither has it.
func Load(ctx context.Context, name string, o Options) (*Dataset, error) {
	s := named(name)
	if s.load == nil {
		return nil, errors.Errorf("unknown data set %q, want one of %s", name, strings.Join(Names(), ", "))
	}
	d, err := s.load(ctx, o)
	return d, errors.Wrap(err, name)
}

// stored is a data set in files.
type stored struct {
	fetch.Set
	classes                 []string
	channels, height, width int
	train                   int          // images, with val
	augmentation            augmentation // of a training image
	sha256                  string       // as Dataset.SHA256; computed if empty
	format                  format
}

// format parses the contents of the files of s, of each its members one after another,
// into splits. These may use the memory of the contents.
type format func(s stored, contents [][]byte) (train, test Split, err error)

// image returns the number of bytes of an image.
func (s stored) image() int { return s.channels * s.height * s.width }

func (s stored) set() set {
	return set{s.Name, s.train, s.augmentation, "", func(ctx context.Context, o Options) (*Dataset, error) {
		contents, err := s.Fetch(ctx, o)
		if err != nil {
			return nil, err
		}
		return s.parse(contents)
	}}
}

func (s stored) parse(contents [][]byte) (*Dataset, error) {
	sum := s.sha256 // each member has been checked
	if sum == "" {
		sum = durable.SHA256(contents...)
	}
	train, test, err := s.format(s, contents)
	if err != nil {
		return nil, err
	}
	d := &Dataset{
		Name: s.Name, SHA256: sum, Classes: slices.Clone(s.classes),
		Channels: s.channels, Height: s.height, Width: s.width,
		augmentation: s.augmentation,
	}
	d.divide(train, test)
	return d, nil
}

// Digits returns a generated set like MNIST (see draw.Digits). The first images of a set
// do not depend on how many there are. Val is the last min(5000, train/10) of the train
// images.
func Digits(seed uint64, train, test int) *Dataset {
	return generate(Dataset{
		Name: "digits", Classes: slices.Clone(mnist.classes),
		Channels: 1, Height: draw.DigitSide, Width: draw.DigitSide,
		augmentation: mnist.augmentation,
	}, draw.Digits, seed, train, test)
}

// Shapes returns a generated set like CIFAR-10 (see draw.Shapes), otherwise as Digits
// does.
func Shapes(seed uint64, train, test int) *Dataset {
	return generate(Dataset{
		Name: "shapes", Classes: draw.ShapeNames(),
		Channels: 3, Height: draw.ShapeSide, Width: draw.ShapeSide,
		augmentation: cifar10.augmentation,
	}, draw.Shapes, seed, train, test)
}

func generate(d Dataset, draw func(seed uint64, split string, n int) (pixels, labels []byte), seed uint64, train, test int) *Dataset {
	var all, held Split
	all.Pixels, all.Labels = draw(seed, "train", train)
	held.Pixels, held.Labels = draw(seed, "test", test)
	d.SHA256 = durable.SHA256(all.Pixels, all.Labels, held.Pixels, held.Labels)
	d.divide(all, held)
	return &d
}
