package fetch

import (
	"bytes"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// newCoded is newBatches with another form of a member, its bytes in reverse between
// others, and an archive of those.
func newCoded() (f *fixture, plain, coded []entry) {
	f, plain = newBatches()
	as := &f.Files[0]
	as.Coded = Form{Names: []string{"tiny-python*", "tiny-batches-py*", "data_batch_[1-5]", "test_batch"}}
	as.Decode = func(stored, member []byte) error {
		body, found := bytes.CutPrefix(stored, []byte("coded:"))
		if !found || len(body) <= len(member) {
			return errors.New("not in the other form")
		}
		copy(member, body)
		slices.Reverse(member)
		return nil
	}
	for _, e := range plain[1:] {
		body := bytes.Clone(e.body)
		slices.Reverse(body)
		name := strings.TrimSuffix(filepath.Base(e.name), ".bin")
		coded = append(coded, entry{name: "tiny-batches-py/" + name, body: slices.Concat([]byte("coded:"), body, []byte("end"))})
	}
	f.Form = "the binary or the Python version"
	f.Others = []Form{{Title: "the version for slide rules", Names: []string{"tiny-rules*", "tiny-rules/*"}}}
	return f, plain, coded
}

func TestTheOtherFormOfAnArchiveIsRead(t *testing.T) {
	f, _, coded := newCoded()
	for _, path := range []string{
		"tiny/tiny-python.tar.gz", "tiny-python.tar.gz", "tiny-batches-py.tar.gz", "tiny/tiny-binary.tar.gz", "x/download.gz",
		"tiny-batches-py/", "tiny/tiny-batches-py/", "tiny/", "a/b/",
	} {
		t.Run(path, func(t *testing.T) {
			root := t.TempDir()
			if strings.HasSuffix(path, "/") {
				for _, e := range coded {
					put(t, filepath.Join(root, path, filepath.Base(e.name)), e.body)
				}
			} else {
				put(t, filepath.Join(root, path), gz(tarball(coded[2], coded[0], entry{name: "tiny-batches-py/readme.html"}, coded[1])))
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

func TestADamagedFileInTheOtherFormIsNamed(t *testing.T) {
	f, _, coded := newCoded()
	for name, c := range map[string]struct {
		body []byte
		want string
	}{
		"damaged":    {append([]byte("coded:x"), coded[1].body[7:]...), "data_batch_2.bin has SHA-256 "},
		"other form": {bytes.Repeat([]byte("x"), len(coded[1].body)), "not in the other form"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			for _, e := range coded {
				put(t, filepath.Join(root, filepath.FromSlash(e.name)), e.body)
			}
			bad := filepath.Join(root, filepath.FromSlash(coded[1].name))
			put(t, bad, c.body)
			l, _ := testLoader(t)
			_, err := l.fetch(t.Context(), &f.Set, Options{Dir: root})
			wantError(t, err, "1 of 1 files are missing", "\nfound, but not used:\n  "+bad+": "+c.want)
		})
	}
	archive := gz(tarball(coded[0], entry{name: coded[1].name, body: bytes.Repeat([]byte("x"), len(coded[1].body))}, coded[2]))
	_, err := loadStored(t, f, archive)
	wantError(t, err, "tiny-batches-py/data_batch_2: not in the other form")
}

// What cannot be read is named, with what is wanted: before it is downloaded, too.
func TestAFormThatCannotBeReadIsNamed(t *testing.T) {
	f, _, _ := newCoded()
	f.Mirrors = []string{newMirror(t, f, nil).url}
	root := t.TempDir()
	path := filepath.Join(root, "tiny-rules", "1.rule")
	put(t, path, nil)
	want := " (" + path + " is the version for slide rules, want the binary or the Python version)"
	l, _ := testLoader(t)
	_, err := l.fetch(t.Context(), &f.Set, Options{Dir: root})
	wantError(t, err, "1 of 1 files are missing"+want+": put these files", f.Mirrors[0]+f.Files[0].Name, "\nor leave out -data: they are then downloaded")
	l.getenv = func(string) string { return root }
	var log bytes.Buffer
	got, err := l.fetch(t.Context(), &f.Set, Options{Log: &log})
	must(t, err)
	f.wantContents(t, got)
	if want := "($CNNLAB_DATA) does not hold all files" + want + "; looking in "; !strings.Contains(log.String(), want) {
		t.Errorf("log %q, want it to say %q", log.String(), want)
	}
}

// An archive of another data set under this one's name.
func TestAnotherSetInAnArchiveIsNamed(t *testing.T) {
	f, _, _ := newCoded()
	archive := gz(tarball(entry{name: "tiny-100-binary/readme", body: []byte("x")}, entry{name: "tiny-100-binary/train.bin", body: make([]byte, archiveSlack+1)}))
	_, err := loadStored(t, f, archive)
	wantError(t, err, `has no tiny-batches-bin/data_batch_1.bin, but "tiny-100-binary/train.bin"`)
}
