package chart

import (
	"image"
	"image/color"
	"strings"
	"testing"
)

func checkered(side int) image.Image {
	img := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			img.SetGray(x, y, color.Gray{uint8(255 * ((x + y) % 2))})
		}
	}
	return img
}

func images(n, side int, caption ...string) (all []CaptionedImage) {
	for range n {
		all = append(all, CaptionedImage{checkered(side), caption})
	}
	return all
}

// TestAGalleryShowsEveryImage of groups of very different sizes, within the picture.
func TestAGalleryShowsEveryImage(t *testing.T) {
	for name, g := range map[string]Gallery{
		"captions":   {Title: "captions", Groups: []ImageGroup{{"", images(24, 28, "4, not 9", "99.98 %")}}},
		"two layers": {Title: "two layers", Groups: []ImageGroup{{"input", images(1, 28)}, {"block 1", images(32, 14)}, {"block 2", images(64, 7)}}},
		"many":       {Title: "many", Groups: []ImageGroup{{"block 1", images(700, 32)}}},
		"one pixel":  {Title: "one", Groups: []ImageGroup{{"<b>\n", images(1, 1, strings.Repeat("long ", 90))}}},
	} {
		text := checkPicture(t, g.Title, g)
		want := 0
		for _, group := range g.Groups {
			want += len(group.Images)
		}
		if got := strings.Count(text, "<image"); got != want {
			t.Errorf("%s: %d images in the picture, want %d", name, got, want)
		}
	}
	if text := checkPicture(t, "none", Gallery{Title: "none"}); !strings.Contains(text, ">no data<") {
		t.Error("an empty gallery does not say so")
	}
	if _, err := PNG(Gallery{Groups: []ImageGroup{{"", images(3, 0)}}}); err != nil {
		t.Errorf("images without pixels: %v", err)
	}
}

func TestEnlargedImagesRepeatEachPixel(t *testing.T) {
	large := enlarged(checkered(3), 11)
	if size := large.Bounds().Size(); size != image.Pt(9, 9) {
		t.Fatalf("size %v, want 3 times 3×3", size)
	}
	for y := range 9 {
		for x := range 9 {
			want := uint8(255 * ((x/3 + y/3) % 2))
			if got := large.At(x, y); got != (color.NRGBA{want, want, want, 0xFF}) {
				t.Fatalf("pixel %d %d is %v, want %d", x, y, got, want)
			}
		}
	}
}

// TestAPaletteChangesNoPixel, and an image of 257 colours has none.
func TestAPaletteChangesNoPixel(t *testing.T) {
	for colours, want := range map[int]bool{1: true, 2: true, 256: true, 257: false} {
		img := image.NewNRGBA(image.Rect(0, 0, 20, 30))
		for i := range 600 {
			k := i % colours
			img.SetNRGBA(i%20, i/20, color.NRGBA{uint8(k), uint8(k / 256), 7, 0xFF})
		}
		got := paletted(img)
		if _, ok := got.(*image.Paletted); ok != want {
			t.Errorf("%d colours: a palette is %v, want %v", colours, ok, want)
		}
		for i := range 600 {
			if x, y := i%20, i/20; got.At(x, y) != img.At(x, y) {
				t.Fatalf("%d colours: pixel %d %d is %v, want %v", colours, x, y, got.At(x, y), img.At(x, y))
			}
		}
	}
}
