package data

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// ErrUnavailable is for errors.Is: the set is on no disk here and no host could
// be reached, or there is no cache directory to put it in. A download that is
// slow, cut short or corrupt, and a damaged file, are other errors.
var ErrUnavailable = errors.New("data set unavailable")

// Options says where pixels may come from.
type Options struct {
	// Dir, the flag -data, holds <Dir>/<data set>/ if it is set, and nowhere else
	// is looked. Otherwise $CNNLAB_DATA/<data set>/ is taken if all files are
	// there, and else the user's cache directory (os.UserCacheDir()/cnnlab/<data
	// set>/), into which missing files are downloaded. Files that come packed are
	// kept unpacked in the cache, wherever they come from: a start with them takes
	// a fraction of the time.
	Dir string
	// Log takes that a set is not in $CNNLAB_DATA, and the progress of downloads:
	// lines, or one line that is rewritten if it is a terminal. Nil keeps silent.
	Log io.Writer
}

// set is one name that Load knows and the way to its pixels.
type set struct {
	name   string
	train  int // images, val among them
	varied variation
	load   func(context.Context, *loader, Options) (*Dataset, error)
}

// sets is all there is, in the order in which it is listed.
var sets = []set{
	{mnist.name, 60_000, mnist.varied, mnist.load},
	{fashionMNIST.name, 60_000, fashionMNIST.varied, fashionMNIST.load},
	{cifar10.name, 50_000, cifar10.varied, cifar10.load},
	generated("digits", 60_000, mnist.varied, Digits),
	generated("shapes", 50_000, cifar10.varied, Shapes),
}

// generated is a set that is drawn from the seed 1, with 10,000 test images.
func generated(name string, train int, varied variation, draw func(seed uint64, train, test int) *Dataset) set {
	return set{name, train, varied, func(context.Context, *loader, Options) (*Dataset, error) {
		return draw(1, train, 10_000), nil
	}}
}

// Names lists the data sets that Load knows.
func Names() []string {
	names := make([]string, len(sets))
	for i, s := range sets {
		names[i] = s.name
	}
	return names
}

// TrainImages is the number of images that the named data set has to train on,
// val left out; 0 if there is no such set. It is known before anything is read.
func TrainImages(name string) int {
	for _, s := range sets {
		if s.name == name {
			return s.train - heldOut(s.train)
		}
	}
	return 0
}

// Flips says whether an image of the named data set, flipped left to right, is as
// good an image of its class: one of CIFAR-10 is, a digit is not.
func Flips(name string) bool {
	return slices.ContainsFunc(sets, func(s set) bool { return s.name == name && s.varied.flip })
}

// Load returns the named data set, from the disk or, checked, from the network.
// The error is ErrUnavailable if it can be had from neither.
func Load(ctx context.Context, name string, o Options) (*Dataset, error) {
	for _, s := range sets {
		if s.name == name {
			d, err := s.load(ctx, newLoader(), o)
			return d, errors.Wrap(err, name)
		}
	}
	return nil, errors.Errorf("unknown data set %q, want one of %s", name, strings.Join(Names(), ", "))
}

// load makes a Dataset of the files of s.
func (s *source) load(ctx context.Context, l *loader, o Options) (*Dataset, error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	contents, err := l.contents(ctx, s, o)
	if err != nil {
		return nil, err
	}
	return s.parse(contents)
}

// parse makes a Dataset of what was found of all files.
func (s *source) parse(contents []content) (*Dataset, error) {
	var all [][]byte
	for _, c := range contents {
		all = append(all, c.bytes)
	}
	sum := s.sha256 // for every member is found to have its own
	if sum == "" {
		sum = digest(all...)
	}
	train, test, err := s.format(s, all)
	if err != nil {
		return nil, err
	}
	d := &Dataset{
		Name:     s.name,
		SHA256:   sum,
		Classes:  append([]string(nil), s.classes...),
		Channels: s.channels, Height: s.height, Width: s.width,
		varied: s.varied,
	}
	d.divide(train, test)
	return d, nil
}

// StandIn is the generated set that can stand in for the named one, or "".
func StandIn(name string) string {
	return map[string]string{"mnist": "digits", "cifar-10": "shapes"}[name]
}
