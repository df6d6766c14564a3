package fetch

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"cnnlab/data/durable"
)

// loadStored puts an archive into a user's directory and loads it from there.
// Nothing but the archive may be there afterwards.
func loadStored(t *testing.T, f *fixture, archive []byte) ([][]byte, error) {
	t.Helper()
	root := t.TempDir()
	dir := filepath.Join(root, "a", "tiny")
	must(t, os.MkdirAll(dir, 0o755))
	must(t, os.WriteFile(filepath.Join(dir, f.Files[0].Name), archive, 0o644))
	l, _ := testLoader(t)
	d, err := l.fetch(t.Context(), &f.Set, Options{Dir: filepath.Join(root, "a")})
	var found []string
	must(t, filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		found = append(found, path)
		return err
	}))
	if len(found) != 4 {
		t.Errorf("%q on the disk, want the archive and its directories only", found)
	}
	return d, err
}

// Whatever its own checksum, an archive is read if its members are right, and no
// entry of another name does anything.
func TestArchiveWithTheRightMembersIsRead(t *testing.T) {
	f, e := newBatches()
	other := []byte("other")
	for name, entries := range map[string][]entry{
		"as it is":       e,
		"other order":    {e[3], e[2], e[1]},
		"without folder": {{name: "data_batch_1.bin", body: e[1].body}, e[2], e[3]},
		"with a dot":     {{name: "./" + e[1].name, body: e[1].body}, e[2], e[3]},
		"a page":         append(slices.Clone(e), entry{name: e[0].name + "readme.html", body: other}),
		"parent":         append([]entry{{name: "../evil", body: other}, {name: "x/../../test_batch.bin", body: other}}, e...),
		"absolute":       append([]entry{{name: "/tmp/test_batch.bin", body: other}}, e...),
		"other links": append([]entry{
			{name: "out", kind: tar.TypeSymlink, link: "/"}, {name: "out/evil", body: other},
			{name: "hard", kind: tar.TypeLink, link: "/etc/passwd"},
			{name: "pipe", kind: tar.TypeFifo}, {name: "disk", kind: tar.TypeBlock}}, e...),
		"resource fork": append([]entry{{name: e[0].name + "._test_batch.bin", body: other}}, e...),
		"long name":     append([]entry{{name: strings.Repeat("a/", 4000) + "b", body: other}}, e...),
	} {
		t.Run(name, func(t *testing.T) {
			d, err := loadStored(t, f, gz(tarball(entries...)))
			must(t, err)
			f.wantContents(t, d)
		})
	}
}

func TestArchiveIsRefused(t *testing.T) {
	f, e := newBatches()
	plain, stored := tarball(e...), f.stored[0]
	flip := func(b []byte, at int) []byte {
		b = bytes.Clone(b)
		b[at] ^= 1
		return b
	}
	with := func(last entry) []byte {
		last.name = e[3].name
		return gz(tarball(e[1], e[2], last))
	}
	for name, c := range map[string]struct {
		archive []byte
		want    string
	}{
		"empty":           {nil, "EOF"},
		"no gzip":         {plain, "invalid header"},
		"no tar":          {gz(bytes.Repeat([]byte{7}, 5000)), "invalid tar header"},
		"truncated":       {stored[:len(stored)/2], "unexpected EOF"},
		"no trailer":      {stored[:len(stored)-8], "unexpected EOF"},
		"bad CRC":         {flip(stored, len(stored)-8), "invalid checksum"},
		"trailing bytes":  {append(stored[:len(stored):len(stored)], 1, 2, 3), "EOF"},
		"flipped pixel":   {gz(flip(plain, len(plain)/2)), ".bin has SHA-256 "},
		"missing batch":   {gz(tarball(e[1], e[3])), "has no tiny-batches-bin/data_batch_2.bin"},
		"twice":           {gz(tarball(append(e, e[1])...)), "data_batch_1.bin: occurs twice, want one"},
		"short batch":     {with(entry{body: e[3].body[49:]}), "test_batch.bin: has 441 bytes, want 490"},
		"symbolic link":   {with(entry{kind: tar.TypeSymlink, link: "/dev/zero"}), "test_batch.bin: an entry of type '2', want a regular file"},
		"hard link":       {with(entry{kind: tar.TypeLink, link: "data_batch_1.bin"}), "an entry of type '1'"},
		"device":          {with(entry{kind: tar.TypeChar}), "an entry of type '3'"},
		"directory":       {with(entry{kind: tar.TypeDir}), "an entry of type '5'"},
		"pipe":            {with(entry{kind: tar.TypeFifo}), "an entry of type '6'"},
		"bomb before":     {gz(tarball(append([]entry{{name: "zeros", body: make([]byte, 4<<20)}}, e...)...)), "unpacks to 1051026 bytes or more, which is too many"},
		"bomb after":      {gz(append(tarball(e...), make([]byte, 4<<20)...)), "bytes or more, which is too many"},
		"truncated batch": {gz(plain[:len(plain)-2500]), "unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := loadStored(t, f, c.archive)
			wantError(t, err, f.Files[0].Name, c.want, "replace it with a fresh copy")
		})
	}
}

// A header may claim any size; what is there may be small or without end.
func TestArchiveBoundsTheMemoryOfHugeEntries(t *testing.T) {
	f, e := newBatches()
	zeros := func(name string) io.Reader {
		var header bytes.Buffer
		must(t, tar.NewWriter(&header).WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Size: 1 << 40}))
		in, out := io.Pipe()
		go func() {
			z := gzip.NewWriter(out)
			_, err := z.Write(header.Bytes())
			for err == nil {
				_, err = z.Write(make([]byte, 1<<16))
			}
		}()
		t.Cleanup(func() { _ = in.Close() })
		return in
	}
	for name, want := range map[string]string{
		e[1].name: "has 1099511627776 bytes, want 980",
		"other":   "bytes or more, which is too many",
	} {
		archive := zeros(name)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := f.Files[0].unpackFrom(archive)
		runtime.ReadMemStats(&after)
		wantError(t, err, want)
		// Packing those zeros takes some, too.
		if took := after.TotalAlloc - before.TotalAlloc; took > 8<<20 {
			t.Errorf("%s: %d bytes allocated for members of 2450", name, took)
		}
	}
}

// Whatever the bytes: members that are returned are the right ones.
func FuzzUnpackArchive(f *testing.F) {
	batches, e := newBatches()
	as := batches.Files[0]
	f.Add(tarball(e...))
	f.Add(tarball(entry{name: "../x", body: []byte("x")}, entry{name: e[1].name, kind: tar.TypeSymlink, link: "/"}))
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := as.unpackFrom(bytes.NewReader(uncompressed(b)))
		if err != nil {
			return
		}
		for i, b := range as.Parts(all) {
			if m := as.Members[i]; durable.SHA256(b) != m.SHA256 {
				t.Errorf("%s is another", m.Name)
			}
		}
	})
}
