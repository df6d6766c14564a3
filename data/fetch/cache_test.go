package fetch

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func TestCacheRepairsADamagedFile(t *testing.T) {
	f := newFixture()
	m := newMirror(t, f, nil)
	f.Mirrors = []string{m.url}
	l, cache := testLoader(t)
	dir := filepath.Join(cache, "cnnlab", "tiny")
	f.write(t, dir)
	path := filepath.Join(dir, f.Files[2].Name)
	bad := bytes.Clone(f.stored[2])
	bad[99] ^= 1
	must(t, os.WriteFile(path, bad, 0o644))
	_, err := l.fetch(t.Context(), &f.Set, Options{})
	must(t, err)
	if got := m.requests(); len(got) != 1 || got[0] != f.Files[2].Name+" " {
		t.Errorf("requests %q, want the damaged file only", got)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, f.stored[2]) {
		t.Errorf("the cache still holds the damaged file (%v)", err)
	}
}

func TestCacheDamagedAndOfflineIsAnErrorOfItsOwn(t *testing.T) {
	f := newFixture()
	f.Mirrors = []string{refused(t)}
	l, cache := testLoader(t)
	dir := filepath.Join(cache, "cnnlab", "tiny")
	f.write(t, dir)
	path := filepath.Join(dir, f.Files[1].Name)
	must(t, os.WriteFile(path, nil, 0o644))
	_, err := l.fetch(t.Context(), &f.Set, Options{})
	wantError(t, err, path+": has 0 bytes, want ", "it could not be downloaded again", "no host could be reached")
	if errors.Is(err, ErrUnavailable) {
		t.Errorf("%v is ErrUnavailable, though a file is damaged", err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != 0 {
		t.Errorf("the damaged file was touched: %v, %v", info, err)
	}
}

func TestCacheThatCannotBeIsUnavailable(t *testing.T) {
	f := newFixture()
	f.Mirrors = []string{newMirror(t, f, nil).url}
	l, cache := testLoader(t)
	l.cache = func() (string, error) { return "", errors.New("$HOME is not defined") }
	_, err := l.fetch(t.Context(), &f.Set, Options{})
	wantError(t, err, "no cache directory: $HOME is not defined; put these files", f.Files[3].SHA256)
	if !errors.Is(err, ErrUnavailable) {
		t.Errorf("%v is not ErrUnavailable", err)
	}
	blocked := filepath.Join(cache, "file")
	must(t, os.WriteFile(blocked, nil, 0o644))
	l.cache = func() (string, error) { return filepath.Join(blocked, "below"), nil }
	_, err = l.fetch(t.Context(), &f.Set, Options{})
	wantError(t, err, "the cache directory is not writable", blocked)
	if !errors.Is(err, ErrUnavailable) {
		t.Errorf("%v is not ErrUnavailable", err)
	}
}

// Locks are held by open files, so loaders within one process are like processes.
func TestCacheIsFilledOnceByManyAtATime(t *testing.T) {
	f := newFixture()
	m := newMirror(t, f, nil)
	f.Mirrors = []string{m.url}
	first, cache := testLoader(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			l, _ := testLoader(t)
			l.cache = first.cache
			if _, err := l.fetch(t.Context(), &f.Set, Options{}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := m.requests(); len(got) != 4 {
		t.Errorf("requests %q, want one for each file", got)
	}
	dir := filepath.Join(cache, "cnnlab", "tiny")
	must(t, f.check(dir, f.readAll(dir, "")))
}
