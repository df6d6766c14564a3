package data

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestReadFileTakesStoredAndUnpacked(t *testing.T) {
	f := newFixture()
	member, err := f.files[0].members[0].gunzip(f.stored[0])
	must(t, err)
	for name, b := range map[string][]byte{f.files[0].name: f.stored[0], f.files[0].members[0].name: member} {
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, name), b, 0o644))
		got := f.files[0].read(dir, "")
		must(t, got.err)
		if !bytes.Equal(got.bytes, member) || (got.storedSHA256 == f.files[0].sha256) != (name == f.files[0].name) {
			t.Errorf("%s: other bytes than were packed", name)
		}
	}
}

func TestReadFileRefusesADamagedFile(t *testing.T) {
	f := newFixture()
	good, want := f.stored[0], f.files[0]
	flipped := bytes.Clone(good)
	flipped[len(good)/2] ^= 1
	member, err := want.members[0].gunzip(good)
	must(t, err)
	unpacked := bytes.Clone(member)
	unpacked[16] ^= 1
	for name, c := range map[string]struct {
		name string
		b    []byte
		want string
	}{
		"flipped":          {want.name, flipped, "want " + want.sha256},
		"truncated":        {want.name, good[:100], "has 100 bytes, want "},
		"empty":            {want.name, nil, "has 0 bytes, want "},
		"long":             {want.name, append(good[:len(good):len(good)], 0), "bytes, want "},
		"unpacked flipped": {want.members[0].name, unpacked, "want " + want.members[0].sha256},
		"unpacked short":   {want.members[0].name, unpacked[:99], "has 99 bytes, want "},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), c.name)
			must(t, os.WriteFile(path, c.b, 0o644))
			wantError(t, want.read(filepath.Dir(path), "").err, path, c.want, "replace it by a fresh copy")
		})
	}
}

func TestReadFileRefusesADirectory(t *testing.T) {
	f := newFixture()
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, f.files[0].name), 0o755))
	wantError(t, f.files[0].read(dir, "").err, "not a regular file")
}

func TestReadFileSaysWhatIsNotThere(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	must(t, os.WriteFile(file, nil, 0o644))
	for _, dir := range []string{dir, filepath.Join(dir, "none"), file} {
		if err := newFixture().files[0].read(dir, "").err; !absent(err) {
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
	for _, f := range []file{newFixture().files[0], batches.files[0]} {
		for _, path := range []string{".", f.name} {
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

// Each of these has the right checksum as stored, so only gunzip stands in its way.
func TestGunzipRefuses(t *testing.T) {
	whole := bytes.Repeat([]byte{1, 2, 3, 4, 5}, 1000)
	good := zip(whole)
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
		"trailing bytes":    {append(good[:len(good):len(good)], 0, 0, 0), "3 bytes follow the gzip stream"},
		"second member":     {append(good[:len(good):len(good)], good...), "bytes follow the gzip stream"},
		"one byte too many": {zip(append(whole[:5000:5000], 0)), "goes on after 5000 bytes"},
		"one byte too few":  {zip(whole[:4999]), "ends after 4999 bytes, want 5000"},
		"other bytes":       {zip(make([]byte, 5000)), "unpacks to SHA-256 "},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := member{size: 5000, sha256: digest(whole)}.gunzip(c.b)
			wantError(t, err, c.want)
		})
	}
	_, err := member{size: 5000, sha256: digest(whole)}.gunzip(good)
	must(t, err)
}

func TestGunzipBoundsTheMemoryOfABomb(t *testing.T) {
	bomb := zip(make([]byte, 64<<20))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := member{size: 5000}.gunzip(bomb)
	runtime.ReadMemStats(&after)
	wantError(t, err, "goes on after 5000 bytes, want its end there")
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
		t.Errorf("%d bytes allocated for a member of 5000", took)
	}
}
