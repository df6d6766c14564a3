package fetch

import (
	"bytes"
	"compress/gzip"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cnnlab/data/durable"
)

// fixture is a small set with its files as they are stored.
type fixture struct {
	Set
	stored [][]byte
	want   [][]byte // contents of the files
}

// newFixture has four gzip files of random bytes, which gzip cannot compress.
func newFixture() *fixture {
	random := rand.New(rand.NewPCG(1, 2))
	f := &fixture{Set: Set{Name: "tiny", Title: "Tiny"}}
	for i, size := range []int{31_376, 48, 15_696, 28} {
		name := [4]string{"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}[i]
		member := make([]byte, size)
		for k := range member {
			member[k] = byte(random.Uint32())
		}
		stored := gz(member)
		f.put(stored, member, Packed(name, int64(len(stored)), durable.SHA256(stored), int64(len(member)), durable.SHA256(member)))
	}
	return f
}

// put adds a file with its stored bytes and its content.
func (f *fixture) put(stored, content []byte, as File) {
	f.stored, f.want, f.Files = append(f.stored, stored), append(f.want, content), append(f.Files, as)
}

// wantContents fails unless got is the content of every file.
func (f *fixture) wantContents(t *testing.T, got [][]byte) {
	t.Helper()
	if !slices.EqualFunc(got, f.want, bytes.Equal) {
		t.Errorf("contents of %d files are not those of the set", len(got))
	}
}

// write puts the stored files into dir.
func (f *fixture) write(t *testing.T, dir string) {
	t.Helper()
	must(t, os.MkdirAll(dir, 0o755))
	for i, b := range f.stored {
		must(t, os.WriteFile(filepath.Join(dir, f.Files[i].Name), b, 0o644))
	}
}

func gz(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}

// testLoader reaches nothing but loopback, waits milliseconds, and caches in a
// directory of the test, which it returns.
func testLoader(t *testing.T) (l *loader, cache string) {
	t.Helper()
	cache = t.TempDir()
	return &loader{
		client:  &http.Client{Transport: &http.Transport{}},
		disk:    durable.Disk{},
		connect: 5 * time.Second,
		stall:   time.Second,
		cache:   func() (string, error) { return cache, nil },
		getenv:  func(string) string { return "" },
	}, cache
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantError fails unless err says everything that is wanted.
func wantError(t *testing.T, err error, wanted ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", wanted)
	}
	for _, want := range wanted {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q, want it to say %q", err, want)
		}
	}
}
