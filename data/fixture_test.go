package data

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fixture is a small source with its files as they are stored.
type fixture struct {
	source
	stored [][]byte
}

// newFixture has 40 training and 20 test images of random pixels, which gzip
// cannot make small.
func newFixture() *fixture {
	random := rand.New(rand.NewPCG(1, 2))
	f := &fixture{source: source{
		name: "tiny", title: "Tiny", channels: 1, height: 28, width: 28,
		classes: mnist.classes, format: (*source).parseIDX,
	}}
	names := [4]string{"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}
	for i, n := range []int{40, 40, 20, 20} {
		member := idx(idxImages, []uint32{uint32(n), 28, 28}, n*28*28)
		for k := range member[16:] {
			member[16+k] = byte(random.Uint32())
		}
		if i%2 == 1 {
			member = idx(idxLabels, []uint32{uint32(n)}, n)
			for k := range member[8:] {
				member[8+k] = byte(random.IntN(10))
			}
		}
		stored := zip(member)
		f.put(stored, packed(names[i], int64(len(stored)), digest(stored), int64(len(member)), digest(member)))
	}
	return f
}

// put adds a file with its stored bytes.
func (f *fixture) put(stored []byte, as file) {
	f.stored, f.files = append(f.stored, stored), append(f.files, as)
}

// write puts the stored files into dir.
func (f *fixture) write(t *testing.T, dir string) {
	t.Helper()
	must(t, os.MkdirAll(dir, 0o755))
	for i, b := range f.stored {
		must(t, os.WriteFile(filepath.Join(dir, f.files[i].name), b, 0o644))
	}
}

// idx is an uncompressed IDX file of that header and a body of zeros.
func idx(magic uint32, dims []uint32, body int) []byte {
	b := binary.BigEndian.AppendUint32(nil, magic)
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, d)
	}
	return append(b, make([]byte, body)...)
}

func zip(b []byte) []byte {
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
		disk:    disk{},
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
