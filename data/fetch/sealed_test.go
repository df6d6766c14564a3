package fetch

import (
	"archive/zip"
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cnnlab/data/durable"
)

// zipped is a zip archive of gzip files in a folder, beside a file of no interest.
func zipped(folder string, members map[string][]byte) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, b := range members {
		w, _ := z.Create(folder + "/" + name + ".gz")
		_, _ = w.Write(gz(b))
	}
	w, _ := z.Create(folder + "/mapping.txt")
	_, _ = w.Write([]byte("0 48\n"))
	_ = z.Close()
	return out.Bytes()
}

// sealed returns one set of each form whose packed file alone is known.
func sealed() map[string]*fixture {
	random := rand.New(rand.NewPCG(5, 6))
	fresh := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		return b
	}
	a, b := fresh(5000), fresh(70)
	one := func(stored []byte, f File) *fixture {
		f.Size, f.SHA256 = int64(len(stored)), durable.SHA256(stored)
		x := &fixture{Set: Set{Name: "tiny", Title: "Tiny", Dir: "shared"}}
		content := a
		if len(f.Members) == 2 {
			content = append(bytes.Clone(a), b...)
		}
		x.put(stored, content, f)
		return x
	}
	two := []Member{{Name: "a.bin", Size: 5000}, {Name: "b.bin", Size: 70}}
	return map[string]*fixture{
		"gzip": one(gz(a), Packed("a.bin", 0, "", 5000, "")),
		"tar":  one(gz(tarball(entry{name: "in/a.bin", body: a}, entry{name: "in/b.bin", body: b})), File{Member: Member{Name: "all.tar.gz"}, Folder: "in", Members: two}),
		"zip":  one(zipped("in", map[string][]byte{"a.bin": a, "b.bin": b}), File{Member: Member{Name: "all.zip"}, Folder: "in", Members: two}),
	}
}

func TestASealedFileIsReadWhereverItLies(t *testing.T) {
	for form, f := range sealed() {
		t.Run(form, func(t *testing.T) {
			for _, place := range []string{"shared/" + f.Files[0].Name, "other/raw/" + f.Files[0].Name, "any." + form + map[string]string{"gzip": ".gz", "tar": ".tgz", "zip": ".zip"}[form]} {
				l, cache := testLoader(t)
				dir := t.TempDir()
				path := filepath.Join(dir, filepath.FromSlash(place))
				must(t, os.MkdirAll(filepath.Dir(path), 0o755))
				must(t, os.WriteFile(path, f.stored[0], 0o644))
				got, err := l.fetch(t.Context(), &f.Set, Options{Dir: dir})
				must(t, err)
				f.wantContents(t, got)
				if kept, _ := filepath.Glob(filepath.Join(cache, "cnnlab", "*", "*")); len(kept) > 0 {
					t.Errorf("kept %q, which nothing could check", kept)
				}
			}
		})
	}
}

// Its members cannot be checked, so another packing and unpacked files are refused.
func TestNothingButTheSealedFileIsTaken(t *testing.T) {
	for form, f := range sealed() {
		t.Run(form, func(t *testing.T) {
			other := bytes.Clone(f.stored[0])
			if form == "zip" {
				other[len(other)-1] ^= 1 // of the archive's comment length: caught at once
			} else {
				other[4] ^= 1 // the time in gzip's header
			}
			content := f.want[0][:5000]
			for name, b := range map[string][]byte{f.Files[0].Name: other, "cut/" + f.Files[0].Name: f.stored[0][:len(f.stored[0])-9], f.Files[0].Members[0].Name: content} {
				l, _ := testLoader(t)
				dir := t.TempDir()
				path := filepath.Join(dir, "shared", filepath.FromSlash(name))
				must(t, os.MkdirAll(filepath.Dir(path), 0o755))
				must(t, os.WriteFile(path, b, 0o644))
				_, err := l.fetch(t.Context(), &f.Set, Options{Dir: dir})
				if err == nil {
					t.Errorf("%s was taken", name)
				} else if name == f.Files[0].Name && form != "zip" {
					wantError(t, err, "has SHA-256 "+durable.SHA256(b)+", want "+f.Files[0].SHA256)
				} else if strings.HasSuffix(name, ".bin") {
					wantError(t, err, "1 of 1 files are missing", "put these files, as they are, into "+filepath.Join(dir, "shared"))
				}
			}
		})
	}
}

func TestAZipOfTheRightSumIsReadWithCare(t *testing.T) {
	f := sealed()["zip"]
	for name, stored := range map[string][]byte{
		"a.bin":    zipped("in", map[string][]byte{"a.bin": make([]byte, 4999), "b.bin": make([]byte, 70)}),
		"b.bin.gz": zipped("in", map[string][]byte{"a.bin": make([]byte, 5000)}),
		"longer":   zipped("in", map[string][]byte{"a.bin": make([]byte, 5_000_000), "b.bin": make([]byte, 70)}),
		"valid":    bytes.Repeat([]byte{7}, 500),
	} {
		as := f.Files[0]
		as.Size, as.SHA256 = int64(len(stored)), durable.SHA256(stored)
		path := filepath.Join(t.TempDir(), as.Name)
		must(t, os.WriteFile(path, stored, 0o644))
		_, _, err := as.unpack(path)
		wantError(t, err, name)
	}
}
