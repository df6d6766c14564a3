package own

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sbinet/npyio"
)

// picture8 is an 8×8 picture that no other number has.
func picture8(n int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, 8, 8))
	for i := range img.Pix {
		img.Pix[i] = byte(n*37 + i*(n%5+1))
	}
	return img
}

func encoded(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func put(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o666); err != nil {
		t.Fatal(err)
	}
}

// folder makes n pictures for each class, in train and test or in one level.
func folder(t *testing.T, n int, splits ...string) string {
	t.Helper()
	dir := t.TempDir()
	number := 0
	for _, split := range splits {
		for _, class := range []string{"2", "10", "café noir"} {
			for i := range n {
				put(t, filepath.Join(dir, split, class, fmt.Sprintf("picture %d.png", i)), encoded(t, picture8(number)))
				number++
			}
		}
	}
	return dir
}

func read(t *testing.T, path string, o Options) *Set {
	t.Helper()
	s, err := Read(context.Background(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestAFolderOfPictures reads both forms, and every picture as it was written.
func TestAFolderOfPictures(t *testing.T) {
	two := read(t, folder(t, 5, "train", "test"), Options{})
	one := read(t, folder(t, 10, "."), Options{})
	for form, s := range map[string]*Set{"train and test": two, "one level": one} {
		if !slices.Equal(s.Classes, []string{"2", "10", "café noir"}) || s.Channels != 1 || s.Height != 8 || s.Width != 8 {
			t.Errorf("%s: classes %q of %d×%d×%d", form, s.Classes, s.Channels, s.Height, s.Width)
		}
	}
	if two.Train.Len() != 15 || two.Test.Len() != 15 {
		t.Errorf("train and test: %d and %d images, want 15 each", two.Train.Len(), two.Test.Len())
	}
	if one.Train.Len() != 24 || one.Test.Len() != 6 {
		t.Errorf("one level: %d and %d images, want 24 and 6", one.Train.Len(), one.Test.Len())
	}
	seen := make([]int, 3)
	for _, label := range one.Test.Labels {
		seen[label]++
	}
	if !slices.Equal(seen, []int{2, 2, 2}) {
		t.Errorf("one level: %v test images of the classes, want 2 of each", seen)
	}
	for i, name := range one.Train.Names {
		var class, number int
		if _, err := fmt.Sscanf(strings.ReplaceAll(name, "café noir", "11"), "%d/picture %d.png", &class, &number); err != nil {
			t.Fatal(err)
		}
		want := picture8(map[int]int{2: 0, 10: 10, 11: 20}[class] + number)
		if !bytes.Equal(one.Train.image(i), want.Pix) || one.Classes[one.Train.Labels[i]] != strings.Split(name, "/")[0] {
			t.Errorf("%s has other pixels or another class", name)
		}
	}
	if classes := one.Train.Labels[len(one.Train.Labels)-8:]; slices.Min(classes) == slices.Max(classes) {
		t.Error("the last training images are all of one class: val would be, too")
	}
}

// TestOddFolders tries what people's folders hold: a right result, or an error that names
// the file.
func TestOddFolders(t *testing.T) {
	file := func(dir, name string) string { return filepath.Join(dir, "train", "2", name) }
	jpg := func(img image.Image, exif []byte) []byte {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 100}); err != nil {
			t.Fatal(err)
		}
		return slices.Concat(b.Bytes()[:2], exif, b.Bytes()[2:])
	}
	halves := image.NewGray(image.Rect(0, 0, 8, 8)) // white above, black below
	for i := range 32 {
		halves.Pix[i] = 255
	}
	for _, c := range []struct {
		name   string
		change func(dir string)
		o      Options
		want   string // of the error; empty: a right result
		check  func(s *Set) string
	}{
		{"a class without pictures", func(dir string) { must(os.MkdirAll(filepath.Join(dir, "train", "empty"), 0o777)) }, Options{}, "class train/empty has no picture", nil},
		{"a class that is only in test", func(dir string) { put(t, filepath.Join(dir, "test", "new", "a.png"), encoded(t, picture8(1))) }, Options{}, "class new is in test and not in train", nil},
		{"an empty file", func(dir string) { put(t, file(dir, "x.png"), nil) }, Options{}, "train/2/x.png: an empty file", nil},
		{"no picture", func(dir string) { put(t, file(dir, "x.png"), []byte("hello")) }, Options{}, "train/2/x.png: not a picture", nil},
		{"half a picture", func(dir string) { put(t, file(dir, "x.png"), encoded(t, picture8(1))[:60]) }, Options{}, "train/2/x.png: damaged", nil},
		{"half a picture, skipped", func(dir string) { put(t, file(dir, "x.png"), encoded(t, picture8(1))[:60]) }, Options{SkipBroken: true}, "", func(s *Set) string {
			if s.Train.Len() != 15 || len(s.Skipped) != 1 || !strings.Contains(strings.Join(s.Notes, "\n"), "1 pictures that cannot be read are left out") {
				return fmt.Sprint(s.Train.Len(), s.Skipped, s.Notes)
			}
			return ""
		}},
		{"another size", func(dir string) { put(t, file(dir, "x.png"), encoded(t, image.NewGray(image.Rect(0, 0, 9, 7)))) }, Options{}, "train/2/x.png 9×7; with -size N", nil},
		{"another size, made equal", func(dir string) { put(t, file(dir, "x.png"), encoded(t, image.NewGray(image.Rect(0, 0, 90, 70)))) }, Options{Size: 16}, "", func(s *Set) string {
			return other(s.Height, 16) + other(s.Width, 16) + other(s.Train.Len(), 16)
		}},
		{"20,000 pixels wide", func(dir string) {
			put(t, file(dir, "x.png"), encoded(t, image.NewPaletted(image.Rect(0, 0, 20_000, 2), color.Palette{color.Black})))
		}, Options{Size: 8}, "", nil},
		{"a bomb", func(dir string) {
			b := encoded(t, picture8(1))
			copy(b[16:24], []byte{0, 1, 0, 0, 0, 1, 0, 0})
			put(t, file(dir, "x.png"), b)
		}, Options{}, "train/2/x.png: ", nil},
		{"an animation", func(dir string) {
			var b bytes.Buffer
			frame := image.NewPaletted(image.Rect(0, 0, 8, 8), color.Palette{color.Black, color.White})
			must(gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{frame, frame}, Delay: []int{1, 1}}))
			put(t, file(dir, "x.gif"), b.Bytes())
		}, Options{}, "train/2/x.gif: an animation of 2 pictures", nil},
		{"16 bits", func(dir string) {
			img := image.NewGray16(image.Rect(0, 0, 8, 8))
			for i := range 64 {
				img.SetGray16(i%8, i/8, color.Gray16{0xABCD})
			}
			put(t, file(dir, "x.png"), encoded(t, img))
		}, Options{}, "", func(s *Set) string { return other(int(of(s, "train/2/x.png")[5]), 0xAB) }},
		{"alpha", func(dir string) {
			img := image.NewNRGBA(image.Rect(0, 0, 8, 8))
			img.SetNRGBA(3, 0, color.NRGBA{0, 0, 0, 255})
			put(t, file(dir, "x.png"), encoded(t, img))
		}, Options{}, "", func(s *Set) string {
			return other(int(of(s, "train/2/x.png")[3]), 0) + other(int(of(s, "train/2/x.png")[4]), 255)
		}},
		{"colour", func(dir string) {
			img := image.NewNRGBA(image.Rect(0, 0, 8, 8))
			for i := range 64 {
				img.SetNRGBA(i%8, i/8, color.NRGBA{10, 20, 30, 255})
			}
			put(t, file(dir, "x.png"), encoded(t, img))
		}, Options{}, "", func(s *Set) string {
			p := of(s, "train/2/x.png")
			return other(s.Channels, 3) + other(len(p), 192) + other(int(p[0]), 10) + other(int(p[64]), 20) + other(int(p[128]), 30)
		}},
		{"turned by EXIF", func(dir string) { put(t, file(dir, "x.jpg"), jpg(halves, exif(6))) }, Options{}, "", func(s *Set) string {
			p := of(s, "train/2/x.jpg") // the upper edge is now on the right
			if p[8*4] > 40 || p[8*4+7] < 215 {
				return fmt.Sprint(p)
			}
			return ""
		}},
		{"CMYK", func(dir string) {
			content, err := os.ReadFile("testdata/cmyk.jpg")
			must(err)
			put(t, file(dir, "x.jpg"), content)
		}, Options{}, "", func(s *Set) string {
			p := of(s, "train/2/x.jpg") // pure cyan
			if s.Channels != 3 || p[0] > 60 || p[64] < 120 || p[128] < 180 {
				return fmt.Sprint(s.Channels, p[0], p[64], p[128])
			}
			return ""
		}},
		{"a link to a folder elsewhere", func(dir string) {
			outside := t.TempDir()
			for i := range 4 {
				put(t, filepath.Join(outside, fmt.Sprintf("%d.png", i)), encoded(t, picture8(50+i)))
			}
			must(os.Symlink(outside, filepath.Join(dir, "train", "linked")))
			must(os.Symlink(outside, filepath.Join(dir, "test", "linked")))
		}, Options{}, "", func(s *Set) string {
			if !strings.Contains(strings.Join(s.Notes, "\n"), "4 test images are among the training images") {
				return fmt.Sprint(s.Notes)
			}
			return other(len(s.Classes), 4) + other(s.Train.Len(), 19)
		}},
		{"hidden and other files", func(dir string) {
			put(t, file(dir, ".hidden.png"), []byte("x"))
			put(t, file(dir, "notes.txt"), []byte("x"))
			put(t, filepath.Join(dir, ".git", "a.png"), []byte("x"))
		}, Options{}, "", func(s *Set) string { return other(s.Train.Len(), 15) }},
	} {
		dir := folder(t, 5, "train", "test")
		c.change(dir)
		s, err := Read(context.Background(), dir, c.o)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want == "" && c.check != nil:
			if wrong := c.check(s); wrong != "" {
				t.Errorf("%s: %s", c.name, wrong)
			}
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := Read(context.Background(), t.TempDir(), Options{}); err == nil || !strings.Contains(err.Error(), "a folder of pictures for each class") {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := Read(context.Background(), folder(t, 1, "."), Options{}); err == nil || !strings.Contains(err.Error(), "has one picture") {
		t.Errorf("one picture: %v", err)
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func other(found, want int) string {
	if found == want {
		return ""
	}
	return fmt.Sprintf("%d, want %d; ", found, want)
}

// of returns the pixels of the named training picture.
func of(s *Set, name string) []byte { return s.Train.image(slices.Index(s.Train.Names, name)) }

// exif is an APP1 segment with an orientation.
func exif(orientation byte) []byte {
	tiff := []byte{'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0}
	body := append([]byte("Exif\x00\x00"), tiff...)
	return slices.Concat([]byte{0xFF, 0xE1}, binary.BigEndian.AppendUint16(nil, uint16(len(body)+2)), body)
}

// TestTheEightOrientations turns a picture of six different pixels.
func TestTheEightOrientations(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 3, 2))
	copy(img.Pix, "abcdef")
	for orientation, want := range []string{"abc def", "cba fed", "fed cba", "def abc", "ad be cf", "da eb fc", "fc eb da", "cf be ad"} {
		turned := turn(img, orientation+1)
		var rows []string
		for y := range turned.Bounds().Dy() {
			row := ""
			for x := range turned.Bounds().Dx() {
				row += string(rune(color.GrayModel.Convert(turned.At(x, y)).(color.Gray).Y))
			}
			rows = append(rows, row)
		}
		if got := strings.Join(rows, " "); got != want {
			t.Errorf("orientation %d: %s, want %s", orientation+1, got, want)
		}
	}
}

// idx is an IDX file of bytes.
func idx(shape []int, body []byte) []byte {
	b := []byte{0, 0, 8, byte(len(shape))}
	for _, n := range shape {
		b = binary.BigEndian.AppendUint32(b, uint32(n))
	}
	return append(b, body...)
}

// TestIDXOfAnySize reads 26 classes that count from 1, transposed and packed.
func TestIDXOfAnySize(t *testing.T) {
	dir := t.TempDir()
	pixels := func(n int) (b []byte) {
		for i := range n * 5 * 3 {
			b = append(b, byte(i*7))
		}
		return b
	}
	labels := func(n int) (b []byte) {
		for i := range n {
			b = append(b, byte(1+i%26))
		}
		return b
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := z.Write(idx([]int{52, 5, 3}, pixels(52)))
	must(err)
	must(z.Close())
	put(t, filepath.Join(dir, "train-images-idx3-ubyte.gz"), packed.Bytes())
	put(t, filepath.Join(dir, "train-labels.idx1-ubyte"), idx([]int{52}, labels(52)))
	put(t, filepath.Join(dir, "t10k-images-idx3-ubyte"), idx([]int{26, 5, 3}, pixels(26)))
	if _, err := Read(context.Background(), dir, Options{}); err == nil || !strings.Contains(err.Error(), "t10k-labels-idx1-ubyte is missing") {
		t.Errorf("three files: %v", err)
	}
	put(t, filepath.Join(dir, "t10k-labels-idx1-ubyte"), idx([]int{26}, labels(26)))
	s := read(t, dir, Options{Transpose: true})
	if len(s.Classes) != 26 || s.Classes[0] != "1" || s.Height != 3 || s.Width != 5 || s.Train.Labels[1] != 1 {
		t.Errorf("classes %q of %d×%d", s.Classes, s.Height, s.Width)
	}
	before := pixels(1)
	for y := range 3 {
		for x := range 5 {
			if s.Train.image(0)[y*5+x] != before[x*3+y] {
				t.Fatalf("pixel (%d, %d) is %d, want %d", x, y, s.Train.image(0)[y*5+x], before[x*3+y])
			}
		}
	}
	for name, content := range map[string][]byte{
		"cut": idx([]int{26, 5, 3}, pixels(26))[:100], "huge": idx([]int{1 << 31, 1 << 31, 1 << 31}, nil), "other type": {0, 0, 13, 1, 0, 0, 0, 0}, "other size": idx([]int{26, 4, 3}, make([]byte, 26*12)),
	} {
		put(t, filepath.Join(dir, "t10k-images-idx3-ubyte"), content)
		if _, err := Read(context.Background(), dir, Options{}); err == nil || !strings.Contains(err.Error(), "t10k-images-idx3-ubyte") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNumPysArrays reads grey and colour arrays under both kinds of names.
func TestNumPysArrays(t *testing.T) {
	save := func(arrays map[string]any) string {
		path := filepath.Join(t.TempDir(), "set.npz")
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for name, a := range arrays {
			w, err := z.Create(name + ".npy")
			must(err)
			must(npyio.Write(w, a))
		}
		must(z.Close())
		put(t, path, b.Bytes())
		return path
	}
	var grey, test [12][4][4]uint8
	var labels [12]int64
	for i := range 12 {
		labels[i] = int64(i % 3)
		for p := range 16 {
			grey[i][p/4][p%4], test[i][p/4][p%4] = uint8(i*16+p), uint8(200-i-p)
		}
	}
	s := read(t, save(map[string]any{"x_train": grey, "y_train": labels, "x_test": test, "y_test": labels}), Options{})
	if len(s.Classes) != 3 || s.Channels != 1 || s.Train.image(2)[5] != 37 || s.Test.Len() != 12 {
		t.Errorf("grey: %d classes, %d×%d×%d, pixel %d", len(s.Classes), s.Channels, s.Height, s.Width, s.Train.image(2)[5])
	}
	var colour [12][4][4][3]float32
	for i := range 12 {
		colour[i][1][2] = [3]float32{1, 0.5, float32(i) / 255}
	}
	var column [12][1]uint8
	for i := range 12 {
		column[i][0] = uint8(i % 4)
	}
	s = read(t, save(map[string]any{"train_images": colour, "train_labels": column, "test_images": colour, "test_labels": column, "val_images": grey}), Options{})
	p := s.Train.image(7)
	if len(s.Classes) != 4 || s.Channels != 3 || p[6] != 255 || p[16+6] != 128 || p[32+6] != 7 {
		t.Errorf("colour: %d classes, %d channels, %v", len(s.Classes), s.Channels, p)
	}
	if _, err := Read(context.Background(), save(map[string]any{"images": grey}), Options{}); err == nil || !strings.Contains(err.Error(), "has the arrays images; want x_train") {
		t.Errorf("other names: %v", err)
	}
}

// TestDecodedPicturesAreKept reads a folder from the cache, which no changed picture and no
// damage survives.
func TestDecodedPicturesAreKept(t *testing.T) {
	dir, o := folder(t, 6, "."), Options{Cache: t.TempDir()}
	fresh := read(t, dir, o)
	files, err := filepath.Glob(filepath.Join(o.Cache, "*.gob"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files in the cache, want 1", len(files))
	}
	same := func(what string, a, b *Set) {
		t.Helper()
		if !bytes.Equal(a.Train.Pixels, b.Train.Pixels) || !bytes.Equal(a.Test.Labels, b.Test.Labels) || !slices.Equal(a.Train.Names, b.Train.Names) || !slices.Equal(a.Notes, b.Notes) {
			t.Errorf("%s: another set", what)
		}
	}
	same("from the cache", fresh, read(t, dir, o))
	content, err := os.ReadFile(files[0])
	must(err)
	content[len(content)/2] ^= 1
	must(os.WriteFile(files[0], content, 0o666))
	same("damaged", fresh, read(t, dir, o))
	put(t, filepath.Join(dir, "2", "picture 0.png"), encoded(t, picture8(99)))
	if changed := read(t, dir, o); bytes.Equal(changed.Train.Pixels, fresh.Train.Pixels) && bytes.Equal(changed.Test.Pixels, fresh.Test.Pixels) {
		t.Error("a changed picture was taken from the cache")
	}
	for n := range 6 {
		read(t, folder(t, 5+n, "."), o)
	}
	if files, _ = filepath.Glob(filepath.Join(o.Cache, "*.gob")); len(files) != kept {
		t.Errorf("%d files in the cache, want %d", len(files), kept)
	}
}
