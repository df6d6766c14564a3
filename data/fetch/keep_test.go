package fetch

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// The first start downloads and unpacks, the next ones need the copies only.
func TestCacheKeepsAnArchiveUnPacked(t *testing.T) {
	f, entries := newBatches()
	m := newMirror(t, f, nil)
	f.Mirrors = []string{m.url}
	l, cache := testLoader(t)
	d, err := l.fetch(t.Context(), &f.Set, Options{})
	must(t, err)
	f.wantContents(t, d)
	dir := filepath.Join(cache, "cnnlab", "tiny")
	for i, member := range f.Files[0].Members {
		b, err := os.ReadFile(filepath.Join(dir, "tiny-batches-bin", member.Name))
		if err != nil || !bytes.Equal(b, entries[1+i].body) {
			t.Errorf("%s is not kept as it is (%v)", member.Name, err)
		}
	}
	must(t, os.Remove(filepath.Join(dir, f.Files[0].Name)))
	d, err = l.fetch(t.Context(), &f.Set, Options{})
	must(t, err)
	f.wantContents(t, d)
	if got := m.requests(); len(got) != 1 {
		t.Errorf("requests %q, want one", got)
	}
}

func TestCacheRepairsADamagedCopyFromTheArchive(t *testing.T) {
	f, entries := newBatches()
	f.Mirrors = []string{refused(t)}
	l, cache := testLoader(t)
	dir := filepath.Join(cache, "cnnlab", "tiny")
	f.write(t, dir)
	putUnpacked(t, filepath.Join(dir, "tiny-batches-bin"), f, entries)
	path := filepath.Join(dir, "tiny-batches-bin", "data_batch_1.bin")
	bad := bytes.Clone(entries[1].body)
	bad[0] ^= 1
	must(t, os.WriteFile(path, bad, 0o644))
	temp := filepath.Join(filepath.Dir(path), ".data_batch_1.bin.of-a-killed-start.tmp")
	must(t, os.WriteFile(temp, nil, 0o644))
	must(t, os.Chtimes(temp, time.Now(), time.Now().Add(-2*time.Hour)))
	d, err := l.fetch(t.Context(), &f.Set, Options{})
	must(t, err)
	f.wantContents(t, d)
	if b, _ := os.ReadFile(path); !bytes.Equal(b, entries[1].body) {
		t.Error("the damaged copy is still there")
	}
	if rest, _ := filepath.Glob(filepath.Join(dir, "*", ".*.tmp")); len(rest) > 0 {
		t.Errorf("%v left behind", rest)
	}
}

func TestCacheThatCannotKeepStillLoads(t *testing.T) {
	f, _ := newBatches()
	l, cache := testLoader(t)
	dir := filepath.Join(cache, "cnnlab", "tiny")
	f.write(t, dir)
	must(t, os.WriteFile(filepath.Join(dir, "tiny-batches-bin"), nil, 0o644)) // where a directory should be
	var log bytes.Buffer
	d, err := l.fetch(t.Context(), &f.Set, Options{Log: &log})
	must(t, err)
	f.wantContents(t, d)
	if want := "tiny: cannot keep the unpacked tiny-binary.tar.gz, so every start will unpack it again: "; !strings.Contains(log.String(), want) {
		t.Errorf("log %q, want it to say %q", log.String(), want)
	}
}

func TestCacheFetchesADamagedArchiveAgain(t *testing.T) {
	f, _ := newBatches()
	m := newMirror(t, f, nil)
	f.Mirrors = []string{m.url}
	l, cache := testLoader(t)
	dir := filepath.Join(cache, "cnnlab", "tiny")
	must(t, os.MkdirAll(dir, 0o755))
	must(t, os.WriteFile(filepath.Join(dir, f.Files[0].Name), f.stored[0][:99], 0o644))
	d, err := l.fetch(t.Context(), &f.Set, Options{})
	must(t, err)
	f.wantContents(t, d)
	if got := m.requests(); len(got) != 1 {
		t.Errorf("requests %q, want one", got)
	}
}

// Of a user's directory, too, and nothing is written into that.
func TestCacheKeepsWhatAUserHasPacked(t *testing.T) {
	batches, entries := newBatches()
	packedAnew, _ := newBatches()
	packedAnew.stored[0] = gz(tarball(entries[3], entries[1], entries[2]))
	for _, f := range []*fixture{newFixture(), batches, packedAnew} {
		l, cache := testLoader(t)
		root := t.TempDir()
		dir, copies := filepath.Join(root, "tiny"), filepath.Join(cache, "cnnlab", "tiny")
		f.write(t, dir)
		first, err := l.fetch(t.Context(), &f.Set, Options{Dir: root})
		must(t, err)
		for i, c := range f.readAll(dir, copies) {
			if c.err != nil || c.packed != "" {
				t.Errorf("%s: unpacked again: %q, %v", f.Files[i].Name, c.packed, c.err)
			}
		}
		again, err := l.fetch(t.Context(), &f.Set, Options{Dir: root})
		must(t, err)
		if !reflect.DeepEqual(again, first) {
			t.Errorf("%s: another set out of the copies", f.Files[0].Name)
		}
		if found, _ := filepath.Glob(filepath.Join(dir, "*")); len(found) != len(f.Files) {
			t.Errorf("the user's directory holds %q", found)
		}
	}
}

// A right copy is no excuse for a file that is damaged, nor the other way round.
func TestCopiesStandInForNoDamagedFile(t *testing.T) {
	batches, entries := newBatches()
	packedAnew, _ := newBatches()
	packedAnew.stored[0] = gz(tarball(entries[3], entries[1], entries[2]))
	for _, f := range []*fixture{newFixture(), batches, packedAnew} {
		l, cache := testLoader(t)
		root := t.TempDir()
		dir := filepath.Join(root, "tiny")
		f.write(t, dir)
		first, err := l.fetch(t.Context(), &f.Set, Options{Dir: root})
		must(t, err)

		copied := f.Files[0].memberPath(filepath.Join(cache, "cnnlab", "tiny"), f.Files[0].Members[0])
		good, err := os.ReadFile(copied)
		must(t, err)
		bad := bytes.Clone(good)
		bad[len(bad)/2] ^= 1
		must(t, os.WriteFile(copied, bad, 0o644))
		again, err := l.fetch(t.Context(), &f.Set, Options{Dir: root})
		must(t, err)
		if repaired, _ := os.ReadFile(copied); !reflect.DeepEqual(again, first) || !bytes.Equal(repaired, good) {
			t.Errorf("%s: trained on a damaged copy, or left it", copied)
		}

		path := filepath.Join(dir, f.Files[0].Name)
		bad = bytes.Clone(f.stored[0])
		bad[len(bad)/2] ^= 1
		must(t, os.WriteFile(path, bad, 0o644))
		_, err = l.fetch(t.Context(), &f.Set, Options{Dir: root})
		wantError(t, err, path, "replace it with a fresh copy")
	}
}

// Without a cache that can be written to, all works as before.
func TestUserDirectoryNeedsNoCache(t *testing.T) {
	f := newFixture()
	root := t.TempDir()
	f.write(t, filepath.Join(root, "tiny"))
	l, cache := testLoader(t)
	want, err := l.fetch(t.Context(), &f.Set, Options{Dir: root})
	must(t, err)
	blocked := filepath.Join(cache, "file")
	must(t, os.WriteFile(blocked, nil, 0o644))
	for _, place := range []func() (string, error){
		func() (string, error) { return "", os.ErrNotExist },
		func() (string, error) { return blocked, nil },
	} {
		l.cache = place
		got, err := l.fetch(t.Context(), &f.Set, Options{Dir: root})
		must(t, err)
		if !reflect.DeepEqual(got, want) {
			t.Error("another set without a cache")
		}
	}
}
