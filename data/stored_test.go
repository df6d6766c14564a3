package data

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/pkg/errors"
)

func TestReadFileTakesStoredAndUnpacked(t *testing.T) {
	f := newFixture()
	member, err := unpack(f.stored[0], f.files[0])
	must(t, err)
	for name, b := range map[string][]byte{f.files[0].stored(): f.stored[0], f.files[0].name: member} {
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, name), b, 0o644))
		got, err := readFile(dir, f.files[0])
		must(t, err)
		if !bytes.Equal(got, member) {
			t.Errorf("%s: other bytes than were packed", name)
		}
	}
}

func TestReadFileRefusesADamagedFile(t *testing.T) {
	f := newFixture()
	good, want := f.stored[0], f.files[0]
	flipped := bytes.Clone(good)
	flipped[len(good)/2] ^= 1
	member, err := unpack(good, want)
	must(t, err)
	unpacked := bytes.Clone(member)
	unpacked[16] ^= 1
	for name, c := range map[string]struct {
		name string
		b    []byte
		want string
	}{
		"flipped":          {want.stored(), flipped, "want " + want.sha256},
		"truncated":        {want.stored(), good[:100], "has 100 bytes, want "},
		"empty":            {want.stored(), nil, "has 0 bytes, want "},
		"long":             {want.stored(), append(good[:len(good):len(good)], 0), "bytes, want "},
		"unpacked flipped": {want.name, unpacked, "want " + want.memberSHA256},
		"unpacked short":   {want.name, unpacked[:99], "has 99 bytes, want "},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), c.name)
			must(t, os.WriteFile(path, c.b, 0o644))
			_, err := readFile(filepath.Dir(path), want)
			wantError(t, err, path, c.want, "replace it by a fresh copy")
		})
	}
}

func TestReadFileRefusesADirectory(t *testing.T) {
	f := newFixture()
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, f.files[0].stored()), 0o755))
	_, err := readFile(dir, f.files[0])
	wantError(t, err, "not a regular file")
}

func TestReadFileSaysWhatIsNotThere(t *testing.T) {
	if _, err := readFile(t.TempDir(), newFixture().files[0]); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want that the file does not exist", err)
	}
}

// Each of these has the right checksum as stored, so only unpack stands in its way.
func TestUnpackRefuses(t *testing.T) {
	member := bytes.Repeat([]byte{1, 2, 3, 4, 5}, 1000)
	good := zip(member)
	badCRC := bytes.Clone(good)
	badCRC[len(good)-8] ^= 1
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"no gzip":           {member, "invalid header"},
		"nothing":           {nil, "EOF"},
		"bad CRC":           {badCRC, "after 5000 of 5000 bytes: gzip: invalid checksum"},
		"truncated":         {good[:len(good)-20], "unexpected EOF"},
		"without trailer":   {good[:len(good)-8], "unexpected EOF"},
		"trailing bytes":    {append(good[:len(good):len(good)], 0, 0, 0), "3 bytes follow the gzip stream"},
		"second member":     {append(good[:len(good):len(good)], good...), "bytes follow the gzip stream"},
		"one byte too many": {zip(append(member[:5000:5000], 0)), "goes on after 5000 bytes"},
		"one byte too few":  {zip(member[:4999]), "ends after 4999 bytes, want 5000"},
		"other bytes":       {zip(make([]byte, 5000)), "unpacks to SHA-256 "},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := unpack(c.b, file{memberSize: 5000, memberSHA256: digest(member)})
			wantError(t, err, c.want)
		})
	}
	_, err := unpack(good, file{memberSize: 5000, memberSHA256: digest(member)})
	must(t, err)
}

func TestUnpackBoundsTheMemoryOfABomb(t *testing.T) {
	bomb := zip(make([]byte, 64<<20))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := unpack(bomb, file{memberSize: 5000})
	runtime.ReadMemStats(&after)
	wantError(t, err, "goes on after 5000 bytes, want its end there")
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
		t.Errorf("%d bytes allocated for a member of 5000", took)
	}
}
