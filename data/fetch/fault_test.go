package fetch

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"cnnlab/data/durable"
	"cnnlab/data/durable/durabletest"
)

// TestEveryFailingOperationIsToldAndHarmsNoFile fails each operation by which a
// cache is filled: from nothing, from half a download, over a damaged file and
// its copies, and with what a user has packed; on a disk that recovers or stays
// full, with writes that leave nothing or a part of their bytes. The short form
// leaves four of these six combinations out:
//
//	CNNLAB_LONG=1 go test -run Failing -v ./data/fetch
func TestEveryFailingOperationIsToldAndHarmsNoFile(t *testing.T) {
	tried := 0
	for name, before := range map[string]func(t *testing.T, f *fixture, dir string) Options{
		"nothing": func(*testing.T, *fixture, string) Options { return Options{} },
		"half a download": func(t *testing.T, f *fixture, dir string) Options {
			must(t, os.MkdirAll(dir, 0o755))
			must(t, os.WriteFile(filepath.Join(dir, f.Files[0].Name+".part"), f.stored[0][:len(f.stored[0])/2], 0o644))
			return Options{}
		},
		"damaged": func(t *testing.T, f *fixture, dir string) Options {
			f.write(t, dir)
			must(t, os.WriteFile(filepath.Join(dir, f.Files[0].Name), []byte("damaged"), 0o644))
			return Options{}
		},
		"a user's": func(t *testing.T, f *fixture, _ string) Options {
			o := Options{Dir: t.TempDir()}
			f.write(t, filepath.Join(o.Dir, f.Name))
			return o
		},
	} {
		idx, archive := newFixture(), first(newBatches())
		for _, f := range []*fixture{idx, archive} {
			f.Mirrors = []string{newMirror(t, f, nil).url}
			for mode := range 6 {
				if os.Getenv("CNNLAB_LONG") == "" && mode != 0 && mode != 3 {
					continue
				}
				for at := 1; ; at++ {
					on := &durabletest.Failing{At: at, Persist: mode%2 == 1, Part: float64(mode/2) / 3}
					f.failOn(t, fmt.Sprintf("%s, %s, mode %d, operation %d", name, f.Files[0].Name, mode, at), on, before)
					if on.Failed == "" {
						break
					}
					tried++
				}
			}
		}
	}
	durabletest.Survived(t, "each operation of filling a cache fails", tried)
}

// failOn loads the set on a failing disk and then on a sound one.
func (f *fixture) failOn(t *testing.T, what string, on *durabletest.Failing, before func(*testing.T, *fixture, string) Options) {
	t.Helper()
	l, cache := testLoader(t)
	dir := filepath.Join(cache, "cnnlab", f.Name)
	o := before(t, f, dir)
	var log bytes.Buffer
	o.Log, l.disk = &log, on
	got, err := l.fetch(t.Context(), &f.Set, o)
	switch {
	case err == nil && !reflect.DeepEqual(got, f.want):
		t.Errorf("%s: another data set", what)
	case err != nil && !strings.Contains(err.Error(), durabletest.ErrInjected.Error()):
		t.Errorf("%s: error %v, want the injected one", what, err)
	case err == nil && on.Failed != "" && !strings.Contains(log.String(), durabletest.ErrInjected.Error()) &&
		on.Failed != "remove" && on.Failed != "sync of a directory": // a name that is left or lost
		t.Errorf("%s: a failing %s is not told", what, on.Failed)
	}
	f.wantWhole(t, what, dir)
	l.disk = durable.Disk{}
	if got, err = l.fetch(t.Context(), &f.Set, o); err != nil || !reflect.DeepEqual(got, f.want) {
		t.Errorf("%s: then, on a sound disk: %v", what, err)
	}
	f.wantWhole(t, what, dir)
}

func TestMain(m *testing.M) { durabletest.Main(m) }

func first(f *fixture, _ []entry) *fixture { return f }

// wantWhole fails unless every file in dir that has a final name is right, or
// the damaged one that was there before.
func (f *fixture) wantWhole(t *testing.T, what, dir string) {
	t.Helper()
	sums := map[string]string{}
	for i, file := range f.Files {
		sums[file.Name] = durable.SHA256(f.stored[i])
		for _, m := range file.Members {
			sums[m.Name] = m.SHA256
		}
	}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, ".part") || strings.HasSuffix(path, ".tmp") || entry.Name() == ".lock" {
			return err
		}
		b, err := os.ReadFile(path)
		if string(b) != "damaged" && durable.SHA256(b) != sums[entry.Name()] {
			t.Errorf("%s: %s holds %d wrong bytes", what, entry.Name(), len(b))
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Error(err)
	}
}
