package data

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestEveryFailingOperationIsToldAndHarmsNoFile fails each operation by which a
// cache is filled: from nothing, from half a download, over a damaged file and
// its copies, and with what a user has packed; on a disk that recovers or stays
// full, with writes that leave nothing or a part of their bytes. The short form
// leaves four of these six combinations out:
//
//	CNNLAB_LONG=1 go test -run Failing -v ./data
func TestEveryFailingOperationIsToldAndHarmsNoFile(t *testing.T) {
	tried := 0
	for name, before := range map[string]func(t *testing.T, f *fixture, dir string) Options{
		"nothing": func(*testing.T, *fixture, string) Options { return Options{} },
		"half a download": func(t *testing.T, f *fixture, dir string) Options {
			must(t, os.MkdirAll(dir, 0o755))
			must(t, os.WriteFile(filepath.Join(dir, f.files[0].name+".part"), f.stored[0][:len(f.stored[0])/2], 0o644))
			return Options{}
		},
		"damaged": func(t *testing.T, f *fixture, dir string) Options {
			f.write(t, dir)
			must(t, os.WriteFile(filepath.Join(dir, f.files[0].name), []byte("damaged"), 0o644))
			return Options{}
		},
		"a user's": func(t *testing.T, f *fixture, _ string) Options {
			o := Options{Dir: t.TempDir()}
			f.write(t, filepath.Join(o.Dir, f.name))
			return o
		},
	} {
		idx, archive := newFixture(), first(newBatches())
		for _, f := range []*fixture{idx, archive} {
			f.mirrors = []string{newMirror(t, f, nil).url}
			want, err := f.parse(f.whole(t))
			must(t, err)
			for mode := range 6 {
				if os.Getenv("CNNLAB_LONG") == "" && mode != 0 && mode != 3 {
					continue
				}
				for at := 1; ; at++ {
					on := &failing{at: at, persist: mode%2 == 1, part: float64(mode/2) / 3}
					f.failOn(t, fmt.Sprintf("%s, %s, mode %d, operation %d", name, f.files[0].name, mode, at), on, before, want)
					if on.failed == "" {
						break
					}
					tried++
				}
			}
		}
	}
	t.Logf("%d failing operations tried: all told, 0 wrong files, 0 wrong data sets", tried)
}

// failOn loads the set on a failing disk and then on a sound one.
func (f *fixture) failOn(t *testing.T, what string, on *failing, before func(*testing.T, *fixture, string) Options, want *Dataset) {
	t.Helper()
	l, cache := testLoader(t)
	dir := filepath.Join(cache, "cnnlab", f.name)
	o := before(t, f, dir)
	var log bytes.Buffer
	o.Log, l.disk = &log, on
	got, err := f.load(t.Context(), l, o)
	switch {
	case err == nil && !reflect.DeepEqual(got, want):
		t.Errorf("%s: another data set", what)
	case err != nil && !strings.Contains(err.Error(), errInjected.Error()):
		t.Errorf("%s: error %v, want the injected one", what, err)
	case err == nil && on.failed != "" && !strings.Contains(log.String(), errInjected.Error()) &&
		on.failed != "remove" && on.failed != "sync of a directory": // a name that is left or lost
		t.Errorf("%s: a failing %s is not told", what, on.failed)
	}
	f.wantWhole(t, what, dir)
	l.disk = disk{}
	if got, err = f.load(t.Context(), l, o); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s: then, on a sound disk: %v", what, err)
	}
	f.wantWhole(t, what, dir)
}

func first(f *fixture, _ []entry) *fixture { return f }

// whole is the content of the files as they should be.
func (f *fixture) whole(t *testing.T) []content {
	t.Helper()
	dir := t.TempDir()
	f.write(t, dir)
	return f.readAll(dir, "")
}

// wantWhole fails unless every file in dir that has a final name is right, or
// the damaged one that was there before.
func (f *fixture) wantWhole(t *testing.T, what, dir string) {
	t.Helper()
	sums := map[string]string{}
	for i, file := range f.files {
		sums[file.name] = digest(f.stored[i])
		for _, m := range file.members {
			sums[m.name] = m.sha256
		}
	}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, ".part") || entry.Name() == ".lock" {
			return err
		}
		b, err := os.ReadFile(path)
		if string(b) != "damaged" && digest(b) != sums[entry.Name()] {
			t.Errorf("%s: %s holds %d wrong bytes", what, entry.Name(), len(b))
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Error(err)
	}
}
