package data

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/pkg/errors"

	"cnnlab/data/durable"
	"cnnlab/data/own"
)

// OwnOptions says how the user's images are read.
type OwnOptions = own.Options

// owned are the sets of the user that were read in this process: named finds them as it
// finds those in sets.
var owned struct {
	sync.Mutex
	all map[string]*ownSet // by path and options
}

type ownSet struct {
	set
	data    *Dataset
	sources *own.Set
}

// IsOwn reports whether the argument of -dataset is a path to the user's images.
func IsOwn(name string) bool { return named(name).Name == "" && own.Is(name) }

// LoadOwn returns the user's images at path: a folder of pictures or of IDX files, or an
// .npz file. Its name is that of the folder or file; notes say what is in it. The
// augmentation shifts, but mirrors nothing: a mirror image may belong to another class.
func LoadOwn(ctx context.Context, path string, o OwnOptions) (d *Dataset, notes []string, err error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, nil, errors.WithStack(err)
	}
	key := fmt.Sprint(absolute, o)
	if cache, err := os.UserCacheDir(); err == nil && o.Cache == "" {
		o.Cache = filepath.Join(cache, "cnnlab", "own")
	}
	owned.Lock()
	defer owned.Unlock()
	if known := owned.all[key]; known != nil {
		copied := *known.data
		return &copied, nil, nil
	}
	read, err := own.Read(ctx, path, o)
	if err != nil {
		return nil, nil, errors.WithMessage(err, path)
	}
	s := set{
		classes: read.Classes, channels: read.Channels, height: read.Height, width: read.Width, train: read.Train.Len(),
		augmentation: augmentation{shift: max(1, min(read.Height, read.Width)/14)},
	}
	s.Name = ownName(absolute)
	d = s.dataset(ownSum(read), Split{read.Train.Pixels, read.Train.Labels}, Split{read.Test.Pixels, read.Test.Labels})
	if n := len(read.Skipped); n > 0 {
		d.LeftOut = fmt.Sprintf("%d pictures of %s could not be read and are left out.", n, s.Name)
	}
	if owned.all == nil {
		owned.all = make(map[string]*ownSet)
	}
	owned.all[key] = &ownSet{s, d, read}
	copied := *d
	return &copied, read.Notes, nil
}

// Source is one image of the user's: its file, or its number in an array, and the SHA-256
// of its pixels and label.
type Source struct{ Split, Name, SHA256 string }

// OwnSources lists the images of a set from LoadOwn.
func OwnSources(name string) (all []Source) {
	owned.Lock()
	defer owned.Unlock()
	for _, s := range owned.all {
		if s.Name != name {
			continue
		}
		for split, m := range map[string]own.Images{"train": s.sources.Train, "test": s.sources.Test} {
			size := s.image()
			for i, label := range m.Labels {
				name := fmt.Sprintf("image %d", i)
				if m.Names != nil {
					name = m.Names[i]
				}
				all = append(all, Source{split, name, durable.SHA256(m.Pixels[i*size:(i+1)*size], []byte(s.classes[label]))[:16]})
			}
		}
		break
	}
	return all
}

var unsafe = regexp.MustCompile(`[^a-z0-9._-]+`)

// ownName makes a safe name of a path, which no other set has.
func ownName(path string) string {
	name := strings.TrimSuffix(strings.ToLower(filepath.Base(path)), ".npz")
	name = strings.Trim(unsafe.ReplaceAllString(name, "-"), "-._")
	for _, s := range sets {
		if s.Name == name || name == "" {
			return strings.Trim("own-"+name, "-")
		}
	}
	return name[:min(40, len(name))]
}

// ownSum is the SHA-256 of the decoded images, their labels and the names of the classes.
func ownSum(s *own.Set) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d %d %d %q\n", s.Channels, s.Height, s.Width, s.Classes)
	for _, m := range []own.Images{s.Train, s.Test} {
		writeAll(h, m.Pixels, m.Labels)
	}
	return durable.Sum(h)
}

func writeAll(h hash.Hash, parts ...[]byte) {
	for _, p := range parts {
		_, _ = io.Writer(h).Write(p)
	}
}
