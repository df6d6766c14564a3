package data

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"testing"
)

// entry is one entry of an archive under test.
type entry struct {
	name string
	kind byte // 0: a regular file
	link string
	body []byte
}

// tarball is the uncompressed archive of some entries.
func tarball(entries ...entry) []byte {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Typeflag: e.kind, Linkname: e.link, Size: int64(len(e.body)), Mode: 0o644}
		if e.kind == 0 {
			h.Typeflag = tar.TypeReg
		}
		if err := w.WriteHeader(h); err != nil {
			panic(err)
		}
		_, _ = w.Write(e.body)
	}
	_ = w.Close()
	return out.Bytes()
}

// uncompressed is a gzip file of b in stored blocks (RFC 1951, section 3.2.4).
// Where many are made, compressing would take most of the time.
func uncompressed(b []byte) []byte {
	out := []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}
	sum, size := crc32.ChecksumIEEE(b), uint32(len(b))
	for final := byte(0); final == 0; {
		n := min(len(b), math.MaxUint16)
		if n == len(b) {
			final = 1
		}
		out = append(out, final)
		out = binary.LittleEndian.AppendUint16(out, uint16(n))
		out = binary.LittleEndian.AppendUint16(out, ^uint16(n))
		out = append(out, b[:n]...)
		b = b[n:]
	}
	out = binary.LittleEndian.AppendUint32(out, sum)
	return binary.LittleEndian.AppendUint32(out, size)
}

// newBatches is a source in the format of CIFAR-10, with images of 3×4×4 random
// pixels: two training batches of 20 and a test batch of 10.
func newBatches() (f *fixture, entries []entry) {
	random := rand.New(rand.NewPCG(3, 4))
	f = &fixture{source: source{
		name: "tiny", title: "Tiny", channels: 3, height: 4, width: 4,
		classes: cifar10.classes, format: (*source).parseBatches,
	}}
	as := file{name: "tiny-binary.tar.gz", folder: "tiny-batches-bin"}
	entries = []entry{{name: as.folder + "/", kind: tar.TypeDir}}
	for i, name := range []string{"data_batch_1.bin", "data_batch_2.bin", "test_batch.bin"} {
		b := make([]byte, []int{20, 20, 10}[i]*49)
		for k := range b {
			b[k] = byte(random.Uint32())
			if k%49 == 0 {
				b[k] %= 10
			}
		}
		as.members = append(as.members, member{name, int64(len(b)), digest(b)})
		entries = append(entries, entry{name: as.folder + "/" + name, body: b})
	}
	stored := zip(tarball(entries...))
	as.size, as.sha256 = int64(len(stored)), digest(stored)
	f.put(stored, as)
	return f, entries
}

// wantBatches fails unless d has the images of the entries in their order.
func wantBatches(t *testing.T, d *Dataset, entries []entry) {
	t.Helper()
	var pixels, labels, all []byte
	for _, e := range entries[1:] {
		for b := e.body; len(b) > 0; b = b[49:] {
			labels, pixels = append(labels, b[0]), append(pixels, b[1:49]...)
		}
		all = append(all, e.body...)
	}
	var got Split
	for _, s := range []Split{d.Train, d.Val, d.Test} {
		got.Pixels, got.Labels = append(got.Pixels, s.Pixels...), append(got.Labels, s.Labels...)
	}
	if !bytes.Equal(got.Pixels, pixels) || !bytes.Equal(got.Labels, labels) {
		t.Error("pixels or labels are not those of the batches in order")
	}
	if d.Train.Len() != 36 || d.Val.Len() != 4 || d.Test.Len() != 10 {
		t.Errorf("splits of %d, %d, %d", d.Train.Len(), d.Val.Len(), d.Test.Len())
	}
	if d.SHA256 != digest(all) {
		t.Errorf("SHA-256 %s, want that of the members %s", d.SHA256, digest(all))
	}
}
