package data

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The first start downloads and unpacks, the next ones need the copies only.
func TestCacheKeepsAnArchiveUnpacked(t *testing.T) {
	f, entries := newBatches()
	m := newMirror(t, f, nil)
	f.mirrors = []string{m.url}
	l, cache := testLoader(t)
	d, err := f.load(t.Context(), l, Options{})
	must(t, err)
	wantBatches(t, d, entries)
	dir := filepath.Join(cache, "cnnlab", "tiny")
	for i, member := range f.files[0].members {
		b, err := os.ReadFile(filepath.Join(dir, "tiny-batches-bin", member.name))
		if err != nil || !bytes.Equal(b, entries[1+i].body) {
			t.Errorf("%s is not kept as it is (%v)", member.name, err)
		}
	}
	must(t, os.Remove(filepath.Join(dir, f.files[0].name)))
	d, err = f.load(t.Context(), l, Options{})
	must(t, err)
	wantBatches(t, d, entries)
	if got := m.requests(); len(got) != 1 {
		t.Errorf("requests %q, want one", got)
	}
}

func TestCacheRepairsADamagedCopyFromTheArchive(t *testing.T) {
	f, entries := newBatches()
	f.mirrors = []string{refused(t)}
	l, cache := testLoader(t)
	dir := filepath.Join(cache, "cnnlab", "tiny")
	f.write(t, dir)
	putUnpacked(t, filepath.Join(dir, "tiny-batches-bin"), f, entries)
	path := filepath.Join(dir, "tiny-batches-bin", "data_batch_1.bin")
	bad := bytes.Clone(entries[1].body)
	bad[0] ^= 1
	must(t, os.WriteFile(path, bad, 0o644))
	must(t, os.WriteFile(path+".part", []byte("of a start that was killed"), 0o644))
	d, err := f.load(t.Context(), l, Options{})
	must(t, err)
	wantBatches(t, d, entries)
	if b, _ := os.ReadFile(path); !bytes.Equal(b, entries[1].body) {
		t.Error("the damaged copy is still there")
	}
	if rest, _ := filepath.Glob(filepath.Join(dir, "*", "*.part")); len(rest) > 0 {
		t.Errorf("%v left behind", rest)
	}
}

func TestCacheThatCannotKeepStillLoads(t *testing.T) {
	f, entries := newBatches()
	l, cache := testLoader(t)
	dir := filepath.Join(cache, "cnnlab", "tiny")
	f.write(t, dir)
	must(t, os.WriteFile(filepath.Join(dir, "tiny-batches-bin"), nil, 0o644)) // where a directory should be
	var log bytes.Buffer
	d, err := f.load(t.Context(), l, Options{Log: &log})
	must(t, err)
	wantBatches(t, d, entries)
	if want := "tiny: every start will unpack the archive again: "; !strings.Contains(log.String(), want) {
		t.Errorf("log %q, want it to say %q", log.String(), want)
	}
}

func TestCacheFetchesADamagedArchiveAgain(t *testing.T) {
	f, entries := newBatches()
	m := newMirror(t, f, nil)
	f.mirrors = []string{m.url}
	l, cache := testLoader(t)
	dir := filepath.Join(cache, "cnnlab", "tiny")
	must(t, os.MkdirAll(dir, 0o755))
	must(t, os.WriteFile(filepath.Join(dir, f.files[0].name), f.stored[0][:99], 0o644))
	d, err := f.load(t.Context(), l, Options{})
	must(t, err)
	wantBatches(t, d, entries)
	if got := m.requests(); len(got) != 1 {
		t.Errorf("requests %q, want one", got)
	}
}
