package data

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
)

// idx is an uncompressed IDX file of that header and a body of zeros.
func idx(magic uint32, dims []uint32, body int) []byte {
	b := binary.BigEndian.AppendUint32(nil, magic)
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, d)
	}
	return append(b, make([]byte, body)...)
}

func TestParseImagesReturnsTheBody(t *testing.T) {
	b := append([]byte{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3}, 1, 2, 3, 4, 5, 6)
	got, err := parseIDX(b, 1, 3)
	must(t, err)
	if want := []byte{1, 2, 3, 4, 5, 6}; !bytes.Equal(got, want) {
		t.Errorf("pixels %v, want %v", got, want)
	}
}

func TestParseLabelsReturnsTheBody(t *testing.T) {
	got, err := mnist.parseLabels([]byte{0, 0, 8, 1, 0, 0, 0, 3, 9, 0, 4})
	must(t, err)
	if want := []byte{9, 0, 4}; !bytes.Equal(got, want) {
		t.Errorf("labels %v, want %v", got, want)
	}
}

func TestParseImagesRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"nothing":        {nil, "offset 0: the file ends within its header, want 16 bytes"},
		"half a header":  {idx(0x803, []uint32{1}, 0), "offset 8: the file ends within its header"},
		"bad magic":      {idx(0x50, []uint32{1, 28, 28}, 784), "offset 0: bad magic 0x50, want 0x803"},
		"labels":         {idx(0x801, []uint32{1, 28, 28}, 784), "bad magic 0x801, want 0x803"},
		"no samples":     {idx(0x803, []uint32{0, 28, 28}, 0), "offset 4: 0 samples, want at least 1"},
		"negative count": {idx(0x803, []uint32{1<<32 - 1, 28, 28}, 784), "offset 4: a count of 4294967295 samples needs 3367254359280 bytes"},
		"other shape":    {idx(0x803, []uint32{1, 32, 28}, 896), "offset 8: images with a side of 32, want 28"},
		"huge shape":     {idx(0x803, []uint32{1, 1<<32 - 1, 1<<32 - 1}, 0), "offset 8: images with a side of 4294967295, want 28"},
		"other width":    {idx(0x803, []uint32{1, 28, 32}, 896), "offset 12: images with a side of 32, want 28"},
		"short body":     {idx(0x803, []uint32{2, 28, 28}, 1567), "needs 1568 bytes from offset 16 on, found 1567"},
		"long body":      {idx(0x803, []uint32{2, 28, 28}, 1569), "needs 1568 bytes from offset 16 on, found 1569"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseIDX(c.b, 28, 28)
			wantError(t, err, c.want)
		})
	}
}

func TestParseLabelsRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"images":     {idx(0x803, []uint32{1, 28, 28}, 784), "bad magic 0x803, want 0x801"},
		"no samples": {idx(0x801, []uint32{0}, 0), "0 samples, want at least 1"},
		"huge count": {idx(0x801, []uint32{1 << 31}, 2), "a count of 2147483648 samples needs 2147483648 bytes from offset 8 on, found 2"},
		"short body": {idx(0x801, []uint32{3}, 2), "found 2"},
		"long body":  {idx(0x801, []uint32{3}, 4), "found 4"},
		"label 10":   {append(idx(0x801, []uint32{3}, 2), 10), "offset 10: label 10 of sample 2, want 0 to 9"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := mnist.parseLabels(c.b)
			wantError(t, err, c.want)
		})
	}
}

func TestParseSplitRefusesImagesThatAreNotAsManyAsLabels(t *testing.T) {
	_, err := mnist.parseSplit(idx(0x803, []uint32{2, 28, 28}, 2*784), idx(0x801, []uint32{3}, 3))
	wantError(t, err, "2 images but 3 labels, want equal numbers")
}

// What is accepted must be what the format says, whatever the bytes.
func FuzzParseImages(f *testing.F) {
	f.Add(idx(0x803, []uint32{2, 3, 5}, 30))
	f.Add(idx(0x803, []uint32{1 << 31, 3, 5}, 30))
	f.Fuzz(func(t *testing.T, b []byte) {
		pixels, err := parseIDX(b, 3, 5)
		if err != nil {
			return
		}
		n := len(pixels) / 15
		if n == 0 || !bytes.Equal(b, append(idx(0x803, []uint32{uint32(n), 3, 5}, 0), pixels...)) {
			t.Errorf("%d images of %q", n, b)
		}
	})
}

func FuzzParseLabels(f *testing.F) {
	f.Add(idx(0x801, []uint32{4}, 4))
	f.Add(append(idx(0x801, []uint32{2}, 1), 10))
	f.Fuzz(func(t *testing.T, b []byte) {
		labels, err := mnist.parseLabels(b)
		if err != nil {
			return
		}
		if !bytes.Equal(b, append(idx(0x801, []uint32{uint32(len(labels))}, 0), labels...)) {
			t.Errorf("%d labels of %q", len(labels), b)
		}
		for _, label := range labels {
			if label > 9 {
				t.Errorf("label %d of %q", label, b)
			}
		}
	})
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
