package fetch

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// layouts are how other programs leave the files of newFixture: the path of file i, and
// whether it is packed.
var layouts = map[string]func(i int, member string) (path string, packed bool){
	"as they came":     func(_ int, m string) (string, bool) { return "tiny/" + m + ".gz", true },
	"unpacked":         func(_ int, m string) (string, bool) { return "tiny/" + m, false },
	"the set itself":   func(_ int, m string) (string, bool) { return m + ".gz", true },
	"dotted":           func(_ int, m string) (string, bool) { return "tiny/" + dotted(m), false },
	"dotted, packed":   func(_ int, m string) (string, bool) { return "tiny/" + dotted(m) + ".gz", true },
	"folder of a file": func(_ int, m string) (string, bool) { return "tiny/" + m + "/" + m, false },
	"without suffix":   func(_ int, m string) (string, bool) { return "tiny/" + m[:strings.Index(m, "-idx")], false },
	"a browser's":      func(_ int, m string) (string, bool) { return "tiny/" + m + " (1).gz", true },
	"torchvision":      func(_ int, m string) (string, bool) { return "TINY/raw/" + m, false },
	"torchvision, gz":  func(_ int, m string) (string, bool) { return "TINY/raw/" + m + ".gz", true },
	"TensorFlow":       func(_ int, m string) (string, bool) { return "MNIST_data/" + m + ".gz", true },
	"TensorFlow's downloads": func(i int, m string) (string, bool) {
		return fmt.Sprintf("downloads/extracted/GZIP.cvdf-datasets_mnist_%.7sq%dXbz.gz", m, i), false
	},
	"any name": func(i int, _ string) (string, bool) { return fmt.Sprintf("a/b/c/d/%d", i), false },
}

func dotted(member string) string { return strings.Replace(member, "-idx", ".idx", 1) }

// Whoever unpacked, named and packed them: the same bytes are the same files.
func TestFilesAreKnownByTheirContent(t *testing.T) {
	f := newFixture()
	for name, layout := range layouts {
		for _, byEnvironment := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, %v", name, byEnvironment), func(t *testing.T) {
				root := t.TempDir()
				for i, file := range f.Files {
					path, packed := layout(i, file.Members[0].Name)
					if packed {
						put(t, filepath.Join(root, path), gz(f.want[i]))
					} else {
						put(t, filepath.Join(root, path), f.want[i])
					}
				}
				l, _ := testLoader(t)
				o := Options{Dir: root}
				if byEnvironment {
					o.Dir, l.getenv = "", func(string) string { return root }
				}
				for range 2 { // from copies, too
					got, err := l.fetch(t.Context(), &f.Set, o)
					must(t, err)
					f.wantContents(t, got)
				}
			})
		}
	}
}

func TestAnArchiveIsKnownByItsContent(t *testing.T) {
	f, entries := newBatches()
	for name, c := range map[string]struct {
		path     string
		unpacked bool
	}{
		"as it came":  {"tiny/tiny-binary.tar.gz", false},
		"other place": {"datasets/tiny-binary.tar.gz", false},
		"tgz":         {"tiny-binary.tgz", false},
		"other name":  {"downloads/cs.toronto.edu_kriz_tiny-binaryVBx.tar.gz", false},
		"its folder":  {"tiny-batches-bin", true},
		"unpacked":    {"downloads/extracted/TAR_GZ.cs.toronto.edu_kriz_tiny-binaryVBx.tar.gz/tiny-batches-bin", true},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			if c.unpacked {
				putUnpacked(t, filepath.Join(root, c.path), f, entries)
			} else {
				put(t, filepath.Join(root, c.path), gz(tarball(entries[2], entries[3], entries[1])))
			}
			l, _ := testLoader(t)
			for range 2 { // from copies, too
				got, err := l.fetch(t.Context(), &f.Set, Options{Dir: root})
				must(t, err)
				f.wantContents(t, got)
			}
		})
	}
}

// put writes a file and the directories above it.
func put(t *testing.T, path string, b []byte) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, b, 0o644))
}

// What looks like a file of the set but is not is never used, and named.
func TestWhatIsFoundButWrongIsNamed(t *testing.T) {
	f := newFixture()
	root := t.TempDir()
	short, other := filepath.Join(root, "x", "train-images.idx3-ubyte"), filepath.Join(root, "FashionTiny", "raw", "t10k-labels-idx1-ubyte")
	put(t, short, f.want[0][:99])
	put(t, other, make([]byte, len(f.want[3])))
	put(t, filepath.Join(root, "unrelated"), []byte("x"))
	l, _ := testLoader(t)
	_, err := l.fetch(t.Context(), &f.Set, Options{Dir: root})
	wantError(t, err, "4 of 4 files are missing: put these files, packed or unpacked, into "+filepath.Join(root, "tiny"),
		"\nfound, but not used:\n  "+short+" has 99 bytes, want 31376", "\n  "+other+" has SHA-256 ")
	if strings.Contains(err.Error(), "unrelated") {
		t.Errorf("%v names what is not like the set", err)
	}
}

// What $CNNLAB_DATA has of an archive is named before it is downloaded.
func TestAnIncompleteFolderElsewhereIsNamed(t *testing.T) {
	f, entries := newBatches()
	f.Mirrors = []string{newMirror(t, f, nil).url}
	root := t.TempDir()
	dir := filepath.Join(root, "datasets", "tiny-batches-bin")
	putUnpacked(t, dir, f, entries)
	must(t, os.Remove(filepath.Join(dir, "data_batch_2.bin")))
	l, cache := testLoader(t)
	l.getenv = func(string) string { return root }
	var log bytes.Buffer
	got, err := l.fetch(t.Context(), &f.Set, Options{Log: &log})
	must(t, err)
	f.wantContents(t, got)
	want := "looking in " + filepath.Join(cache, "cnnlab", "tiny") + " instead\nfound, but not used:\n  " +
		filepath.Join(dir, "data_batch_1.bin") + ": there is no data_batch_2.bin\n"
	if !strings.Contains(log.String(), want) {
		t.Errorf("log %q, want it to say %q", log.String(), want)
	}
}

// A right file elsewhere is used in place of a damaged one.
func TestARightFileElsewhereGoesBeforeADamagedOne(t *testing.T) {
	f := newFixture()
	root := t.TempDir()
	f.write(t, filepath.Join(root, "tiny"))
	put(t, filepath.Join(root, "tiny", f.Files[0].Name), nil)
	put(t, filepath.Join(root, "tiny", dotted(f.Files[0].Members[0].Name)), f.want[0])
	l, _ := testLoader(t)
	got, err := l.fetch(t.Context(), &f.Set, Options{Dir: root})
	must(t, err)
	f.wantContents(t, got)
}

// A search ends, whatever it begins in.
func TestASearchIsBounded(t *testing.T) {
	root := t.TempDir()
	put(t, filepath.Join(root, "1", "2", "3", "4", "deep"), nil)
	put(t, filepath.Join(root, "1", "2", "3", "4", "5", "deeper"), nil)
	put(t, filepath.Join(root, ".hidden", "file"), nil)
	for i := range searchEntries + 10 {
		put(t, filepath.Join(root, "pictures", fmt.Sprint(i)), nil)
	}
	for path, to := range map[string]string{"loop": root, "dangling": filepath.Join(root, "nowhere")} {
		if err := os.Symlink(to, filepath.Join(root, path)); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	files := walk(root, filepath.Join(root, "."))
	if len(files) > searchAll {
		t.Errorf("%d files, want at most %d", len(files), searchAll)
	}
	n := map[string]int{}
	for _, f := range files {
		n[filepath.Base(f.path)]++
		if dir, _ := filepath.Rel(root, f.path); filepath.Dir(dir) == "pictures" {
			n["pictures"]++
		}
		if strings.Contains(f.path, "loop") {
			t.Errorf("%s is found twice", f.path)
		}
	}
	if n["deep"] == 0 || n["deeper"] > 0 || n["file"] > 0 || n["pictures"] != searchEntries {
		t.Errorf("files %v", n)
	}
}

// A file of the right size is not yet the right one.
func TestAFileThatOnlySharesItsSizeIsNotUsed(t *testing.T) {
	f := newFixture()
	root := t.TempDir()
	for i := range f.Files {
		put(t, filepath.Join(root, fmt.Sprint("zeros", i)), make([]byte, len(f.want[i])))
		put(t, filepath.Join(root, fmt.Sprint("right", i)), bytes.Clone(f.want[i]))
	}
	l, _ := testLoader(t)
	got, err := l.fetch(t.Context(), &f.Set, Options{Dir: root})
	must(t, err)
	f.wantContents(t, got)
}

// What a user put into the cache under another name need not be downloaded.
func TestCacheIsSearchedBeforeADownload(t *testing.T) {
	f := newFixture()
	m := newMirror(t, f, nil)
	f.Mirrors = []string{m.url}
	l, cache := testLoader(t)
	put(t, filepath.Join(cache, "cnnlab", "tiny", "raw", dotted(f.Files[0].Members[0].Name)), f.want[0])
	got, err := l.fetch(t.Context(), &f.Set, Options{})
	must(t, err)
	f.wantContents(t, got)
	if got := m.requests(); len(got) != 3 {
		t.Errorf("requests %q, want one for each of the other three", got)
	}
}
