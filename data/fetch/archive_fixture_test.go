package fetch

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math"
	"math/rand/v2"

	"cnnlab/data/durable"
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

// newBatches is an archive in the format of CIFAR-10, with images of 3×4×4 random
// pixels: two training batches of 20 and a test batch of 10.
func newBatches() (f *fixture, entries []entry) {
	random := rand.New(rand.NewPCG(3, 4))
	f = &fixture{Set: Set{Name: "tiny", Title: "Tiny"}}
	as := File{Member: Member{Name: "tiny-binary.tar.gz"}, Folder: "tiny-batches-bin"}
	entries = []entry{{name: as.Folder + "/", kind: tar.TypeDir}}
	var all []byte
	for i, name := range []string{"data_batch_1.bin", "data_batch_2.bin", "test_batch.bin"} {
		b := make([]byte, []int{20, 20, 10}[i]*49)
		for k := range b {
			b[k] = byte(random.Uint32())
		}
		as.Members = append(as.Members, Member{name, int64(len(b)), durable.SHA256(b)})
		entries = append(entries, entry{name: as.Folder + "/" + name, body: b})
		all = append(all, b...)
	}
	stored := gz(tarball(entries...))
	as.Size, as.SHA256 = int64(len(stored)), durable.SHA256(stored)
	f.put(stored, all, as)
	return f, entries
}
