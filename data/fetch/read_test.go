package fetch

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"cnnlab/data/durable"
)

func TestReadFileTakesStoredAndUnPacked(t *testing.T) {
	f := newFixture()
	member := f.want[0]
	for name, b := range map[string][]byte{f.Files[0].Name: f.stored[0], f.Files[0].Members[0].Name: member} {
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, name), b, 0o644))
		got := f.Files[0].read(dir, "")
		must(t, got.err)
		if !bytes.Equal(got.bytes, member) || (got.packed == f.Files[0].SHA256) != (name == f.Files[0].Name) {
			t.Errorf("%s: other bytes than were packed", name)
		}
	}
}

func TestReadFileRefusesADamagedFile(t *testing.T) {
	f := newFixture()
	good, want := f.stored[0], f.Files[0]
	flipped := bytes.Clone(good)
	flipped[len(good)/2] ^= 1
	member := f.want[0]
	unpacked := bytes.Clone(member)
	unpacked[16] ^= 1
	for name, c := range map[string]struct {
		name string
		b    []byte
		want string
	}{
		"flipped":          {want.Name, flipped, "after 31376 of 31376 bytes: gzip: invalid checksum"},
		"truncated":        {want.Name, good[:100], "has 100 bytes, want "},
		"empty":            {want.Name, nil, "has 0 bytes, want "},
		"long":             {want.Name, append(good[:len(good):len(good)], 0), "bytes, want "},
		"unpacked flipped": {want.Members[0].Name, unpacked, "want " + want.Members[0].SHA256},
		"unpacked short":   {want.Members[0].Name, unpacked[:99], "has 99 bytes, want "},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), c.name)
			must(t, os.WriteFile(path, c.b, 0o644))
			wantError(t, want.read(filepath.Dir(path), "").err, path, c.want, "replace it with a fresh copy")
		})
	}
}

func TestReadFileRefusesADirectory(t *testing.T) {
	f := newFixture()
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, f.Files[0].Name), 0o755))
	wantError(t, f.Files[0].read(dir, "").err, "want a regular file")
}

func TestReadFileSaysWhatIsNotThere(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	must(t, os.WriteFile(file, nil, 0o644))
	for _, dir := range []string{dir, filepath.Join(dir, "none"), file} {
		if err := newFixture().Files[0].read(dir, "").err; !absent(err) {
			t.Errorf("%s: error %v, want that the file does not exist", dir, err)
		}
	}
}

// loop makes path a link to itself: an error, even to root, that is not absent.
func loop(t *testing.T, path string) {
	t.Helper()
	if err := os.Symlink(filepath.Base(path), path); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
}

func TestReadFileSaysWhatCannotBeRead(t *testing.T) {
	batches, _ := newBatches()
	for _, f := range []File{newFixture().Files[0], batches.Files[0]} {
		for _, path := range []string{".", f.Name} {
			dir := filepath.Join(t.TempDir(), "tiny")
			if path = filepath.Join(dir, path); path != dir {
				must(t, os.Mkdir(dir, 0o755))
			}
			loop(t, path)
			err := f.read(dir, "").err
			wantError(t, err, path)
			if absent(err) {
				t.Errorf("%s: error %v says that it is not there", path, err)
			}
		}
	}
}

// gzipOf is a gzip file of that one member.
func gzipOf(size int64, sha256 string) File {
	return File{Members: []Member{{"whole", size, sha256}}}
}

func TestUnpackingRefuses(t *testing.T) {
	whole := bytes.Repeat([]byte{1, 2, 3, 4, 5}, 1000)
	good := gz(whole)
	badCRC := bytes.Clone(good)
	badCRC[len(good)-8] ^= 1
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"no gzip":           {whole, "invalid header"},
		"nothing":           {nil, "EOF"},
		"bad CRC":           {badCRC, "after 5000 of 5000 bytes: gzip: invalid checksum"},
		"truncated":         {good[:len(good)-20], "unexpected EOF"},
		"without trailer":   {good[:len(good)-8], "unexpected EOF"},
		"trailing bytes":    {append(good[:len(good):len(good)], 0, 0, 0), "unexpected EOF"},
		"second member":     {append(good[:len(good):len(good)], good...), "is longer than 5000 bytes"},
		"one byte too many": {gz(append(whole[:5000:5000], 0)), "is longer than 5000 bytes"},
		"one byte too few":  {gz(whole[:4999]), "ends after 4999 bytes, want 5000"},
		"other bytes":       {gz(make([]byte, 5000)), "whole has SHA-256 "},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := gzipOf(5000, durable.SHA256(whole)).unpackFrom(bytes.NewReader(c.b))
			wantError(t, err, c.want)
		})
	}
	_, err := gzipOf(5000, durable.SHA256(whole)).unpackFrom(bytes.NewReader(good))
	must(t, err)
}

func TestUnpackingBoundsTheMemoryOfABomb(t *testing.T) {
	bomb := gz(make([]byte, 64<<20))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := gzipOf(5000, "").unpackFrom(bytes.NewReader(bomb))
	runtime.ReadMemStats(&after)
	wantError(t, err, "is longer than 5000 bytes")
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
		t.Errorf("%d bytes allocated for a member of 5000", took)
	}
}

// putUnpacked writes the members into dir.
func putUnpacked(t *testing.T, dir string, f *fixture, entries []entry) {
	t.Helper()
	must(t, os.MkdirAll(dir, 0o755))
	for i, m := range f.Files[0].Members {
		must(t, os.WriteFile(filepath.Join(dir, m.Name), entries[1+i].body, 0o644))
	}
}

func TestUnpackedBatchesAreReadFromEitherDirectory(t *testing.T) {
	f, entries := newBatches()
	for _, folder := range []string{"", "tiny-batches-bin"} {
		root := t.TempDir()
		putUnpacked(t, filepath.Join(root, "tiny", folder), f, entries)
		l, _ := testLoader(t)
		l.getenv = func(string) string { return root }
		d, err := l.fetch(t.Context(), &f.Set, Options{})
		must(t, err)
		f.wantContents(t, d)
	}
}

func TestUnpackedBatchThatIsMissingOrDamagedIsNamed(t *testing.T) {
	f, entries := newBatches()
	root := t.TempDir()
	dir := filepath.Join(root, "tiny", "tiny-batches-bin")
	putUnpacked(t, dir, f, entries)
	l, _ := testLoader(t)
	path := filepath.Join(dir, "data_batch_2.bin")
	bad := bytes.Clone(entries[2].body)
	bad[100] ^= 1
	must(t, os.WriteFile(path, bad, 0o644))
	_, err := l.fetch(t.Context(), &f.Set, Options{Dir: root})
	wantError(t, err, path, "want "+durable.SHA256(entries[2].body), "replace it with a fresh copy")
	must(t, os.Remove(path))
	_, err = l.fetch(t.Context(), &f.Set, Options{Dir: root})
	wantError(t, err, "lacks data_batch_2.bin but has other files of tiny-batches-bin")
	must(t, os.RemoveAll(dir))
	_, err = l.fetch(t.Context(), &f.Set, Options{Dir: root})
	wantError(t, err, "1 of 1 files are missing", f.Files[0].Name, f.Files[0].SHA256)
}

func TestCIFARArchiveGoesBeforeDamagedCopies(t *testing.T) {
	f, entries := newBatches()
	root := t.TempDir()
	f.write(t, filepath.Join(root, "tiny"))
	putUnpacked(t, filepath.Join(root, "tiny"), f, entries)
	path := filepath.Join(root, "tiny", "test_batch.bin")
	must(t, os.WriteFile(path, []byte("damaged"), 0o644))
	l, _ := testLoader(t)
	d, err := l.fetch(t.Context(), &f.Set, Options{Dir: root})
	must(t, err)
	f.wantContents(t, d)
	if b, _ := os.ReadFile(path); string(b) != "damaged" {
		t.Error("the user's directory was rewritten")
	}
}

// TestAnotherPackingOfTheSameMemberIsRead, as gzip -9 makes one: the members count.
func TestAnotherPackingOfTheSameMemberIsRead(t *testing.T) {
	f := newFixture()
	dir := t.TempDir()
	var again bytes.Buffer
	z, err := gzip.NewWriterLevel(&again, gzip.NoCompression)
	must(t, err)
	_, err = z.Write(f.want[0])
	must(t, err)
	must(t, z.Close())
	must(t, os.WriteFile(filepath.Join(dir, f.Files[0].Name), again.Bytes(), 0o644))
	got := f.Files[0].read(dir, "")
	must(t, got.err)
	if !bytes.Equal(got.bytes, f.want[0]) || got.packed != durable.SHA256(again.Bytes()) || got.packed == f.Files[0].SHA256 {
		t.Error("other bytes, or taken for the known packing")
	}
}
