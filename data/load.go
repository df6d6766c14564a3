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

// set is a data set in files, or one that package draw generates.
type set struct {
	fetch.Set               // of a generated set only the name
	classes                 []string
	first                   int // label of the first class
	coarse                  int // bytes of coarser labels before that of an image
	channels, height, width int
	train                   int          // images, with val
	augmentation            augmentation // of a training image
	centred                 bool         // of digits, light on black, with the centre of mass in the middle
	sha256                  string       // as Dataset.SHA256; computed if empty

	// format parses the contents of the files, of each its members one after another,
	// into splits. These may use the memory of the contents.
	format func(s set, contents [][]byte) (train, test Split, err error)

	draw        func(seed uint64, split string, n int) (pixels, labels []byte)
	standsInFor string // the name of a set in files, or ""
}

var digits = set{
	channels: 1, height: draw.DigitSide, width: draw.DigitSide, train: 60_000,
	classes: mnist.classes, augmentation: mnist.augmentation, centred: true,
	draw: draw.Digits, standsInFor: "mnist", Set: fetch.Set{Name: "digits"},
}

var shapes = set{
	channels: 3, height: draw.ShapeSide, width: draw.ShapeSide, train: 50_000,
	classes: draw.ShapeNames(), augmentation: cifar10.augmentation,
	draw: draw.Shapes, standsInFor: "cifar-10", Set: fetch.Set{Name: "shapes"},
}

var sets = []set{mnist, fashionMNIST, kmnist, emnistLetters, emnistBalanced, cifar10, cifar100, digits, shapes}

// named returns the set of that name, known or read by LoadOwn, or an empty one.
func named(name string) set {
	for _, s := range sets {
		if s.Name == name {
			return s
		}
	}
	owned.Lock()
	defer owned.Unlock()
	for _, s := range owned.all {
		if s.Name == name {
			return s.set
		}
	}
	return set{}
}

// Names lists the data sets that Load knows.
func Names() (names []string) {
	for _, s := range sets {
		names = append(names, s.Name)
	}
	return names
}

// TrainImages returns the number of training images of the named data set, without val; 0
// if there is no such set. It reads nothing.
func TrainImages(name string) int {
	s := named(name)
	return s.train - heldOut(s.train)
}

// Size returns the height and width, in pixels, of the images of the named data set; 0 if
// there is no such set. It reads nothing.
func Size(name string) (height, width int) {
	s := named(name)
	return s.height, s.width
}

// Describe returns the named data set without its images: their shape and the names of
// the classes. It reads nothing.
func Describe(name string) (*Dataset, error) {
	s := named(name)
	if s.Name == "" {
		return nil, unknown(name)
	}
	return &Dataset{Name: s.Name, Classes: slices.Clone(s.classes), Channels: s.channels, Height: s.height, Width: s.width, Centred: s.centred, augmentation: s.augmentation}, nil
}

func unknown(name string) error {
	return errors.Errorf("unknown data set %q, want one of %s", name, strings.Join(Names(), ", "))
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
	return sets[i].Name
}

// Load returns the named data set, from the disk or, checked, from the network; a
// generated one is drawn with seed 1 and 10,000 test images. The error is ErrUnavailable
// if neither has it.
func Load(ctx context.Context, name string, o Options) (*Dataset, error) {
	s := named(name)
	switch {
	case s.draw != nil:
		return s.generate(1, s.train, 10_000), nil
	case s.format == nil:
		return nil, unknown(name)
	}
	contents, err := s.Fetch(ctx, o)
	if err != nil {
		return nil, errors.Wrap(err, name)
	}
	d, err := s.parse(contents)
	return d, errors.Wrap(err, name)
}

// image returns the number of bytes of an image.
func (s set) image() int { return s.channels * s.height * s.width }

func (s set) parse(contents [][]byte) (*Dataset, error) {
	sum := s.sha256 // each member has been checked
	if sum == "" {
		sum = durable.SHA256(contents...)
	}
	train, test, err := s.format(s, contents)
	if err != nil {
		return nil, err
	}
	return s.dataset(sum, train, test), nil
}

func (s set) dataset(sum string, train, test Split) *Dataset {
	d := &Dataset{
		Name: s.Name, SHA256: sum, Classes: slices.Clone(s.classes),
		Channels: s.channels, Height: s.height, Width: s.width, Centred: s.centred,
		augmentation: s.augmentation,
	}
	d.divide(train, test)
	return d
}

// Digits returns a generated set like MNIST (see draw.Digits). The first images of a set
// do not depend on how many there are. Val is the last min(5000, train/10) of the train
// images.
func Digits(seed uint64, train, test int) *Dataset { return digits.generate(seed, train, test) }

// Shapes returns a generated set like CIFAR-10 (see draw.Shapes), otherwise as Digits
// does.
func Shapes(seed uint64, train, test int) *Dataset { return shapes.generate(seed, train, test) }

func (s set) generate(seed uint64, train, test int) *Dataset {
	var all, held Split
	all.Pixels, all.Labels = s.draw(seed, "train", train)
	held.Pixels, held.Labels = s.draw(seed, "test", test)
	return s.dataset(durable.SHA256(all.Pixels, all.Labels, held.Pixels, held.Labels), all, held)
}
