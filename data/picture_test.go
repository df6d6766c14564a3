package data

import (
	"context"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/draw"
)

func described(t *testing.T, name string) *Dataset {
	t.Helper()
	d, err := Describe(name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// centre returns the centre of mass of a grey image of a set.
func centre(d *Dataset, pixels []byte) (x, y float64) {
	var mass float64
	for i, v := range pixels {
		mass += float64(v)
		x, y = x+float64(v)*(float64(i%d.Width)+0.5), y+float64(v)*(float64(i/d.Width)+0.5)
	}
	return x / mass, y / mass
}

// bounds returns the box of what is brighter than a tenth.
func bounds(d *Dataset, pixels []byte) (box image.Rectangle) {
	for i, v := range pixels {
		if v > 25 {
			box = box.Union(image.Rect(i%d.Width, i/d.Width, i%d.Width+1, i/d.Width+1))
		}
	}
	return box
}

// TestADigitIsPlacedAsMNISTPlacesIt draws an L of every size, light on dark and dark on
// light, thin and thick, in every corner.
func TestADigitIsPlacedAsMNISTPlacesIt(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector makes it slow, and it runs nothing concurrently")
	}
	d := described(t, "mnist")
	for _, side := range []int{12, 28, 280, 3000} {
		for _, thick := range []int{1, side / 12} {
			for _, inverted := range []bool{false, true} {
				ground, ink := color.Color(color.Black), color.Color(color.White)
				if inverted {
					ground, ink = color.NRGBA{0xF0, 0xEE, 0xE0, 0xFF}, color.NRGBA{0x30, 0x30, 0x60, 0xFF}
				}
				img := image.NewNRGBA(image.Rect(5, 7, 5+side, 7+side))
				draw.Draw(img, img.Bounds(), image.NewUniform(ground), image.Point{}, draw.Src)
				corner := img.Bounds().Min.Add(image.Pt(side/8, side/10))
				thick := max(1, thick)
				draw.Draw(img, image.Rectangle{corner, corner.Add(image.Pt(thick, side/2))}, image.NewUniform(ink), image.Point{}, draw.Src)
				draw.Draw(img, image.Rectangle{corner.Add(image.Pt(0, side/2-thick)), corner.Add(image.Pt(side/4, side/2))}, image.NewUniform(ink), image.Point{}, draw.Src)
				pixels, err := d.Fit(img)
				if err != nil {
					t.Fatal(err)
				}
				x, y := centre(d, pixels)
				box := bounds(d, pixels)
				if math.Abs(x-14.5) > 0.6 || math.Abs(y-14.5) > 0.6 || box.Dy() < 19 || box.Dy() > 20 || box.Dx() < 8 || box.Dx() > 12 {
					t.Errorf("side %d, %d thick, inverted %v: centre (%.1f, %.1f) of a box of %v, want (14.5, 14.5) and about 10×20", side, thick, inverted, x, y, box.Size())
				}
			}
		}
	}
}

// TestOtherPictures are those at the edges.
func TestOtherPictures(t *testing.T) {
	digits, photos := described(t, "digits"), described(t, "cifar-10")
	for name, img := range map[string]image.Image{
		"black": image.NewGray(image.Rect(0, 0, 50, 50)), "white": image.NewUniform(color.White), "nothing": image.NewGray(image.Rect(0, 0, 0, 0)),
		"transparent": image.NewNRGBA(image.Rect(0, 0, 9, 9)), "one pixel": image.NewGray(image.Rect(0, 0, 1, 1)),
	} {
		if u, ok := img.(*image.Uniform); ok {
			white := image.NewGray(image.Rect(0, 0, 20, 20))
			draw.Draw(white, white.Bounds(), u, image.Point{}, draw.Src)
			img = white
		}
		if pixels, err := digits.Fit(img); err == nil {
			t.Errorf("%s: a digit with %v, want an error", name, bounds(digits, pixels))
		}
	}

	// A dark digit on a transparent ground.
	drawn := image.NewNRGBA(image.Rect(0, 0, 40, 40))
	draw.Draw(drawn, image.Rect(10, 5, 14, 35), image.NewUniform(color.Black), image.Point{}, draw.Src)
	pixels, err := digits.Fit(drawn)
	if err != nil {
		t.Fatal(err)
	}
	if box := bounds(digits, pixels); box.Dy() != 20 || box.Dx() > 4 {
		t.Errorf("on a transparent ground, the stroke fills %v", box)
	}

	// The central square of a wide photograph, red outside of it; its mean is kept.
	photo := image.NewRGBA(image.Rect(0, 0, 300, 100))
	draw.Draw(photo, photo.Bounds(), image.NewUniform(color.RGBA{0xFF, 0, 0, 0xFF}), image.Point{}, draw.Src)
	for y := range 100 {
		for x := range 100 {
			photo.SetRGBA(100+x, y, color.RGBA{0, uint8(2 * x), uint8(2 * y), 0xFF})
		}
	}
	pixels, err = photos.Fit(photo)
	if err != nil || len(pixels) != 3*32*32 {
		t.Fatalf("%d bytes of a photograph, want 3×32×32; %v", len(pixels), err)
	}
	for y := range 32 {
		for x := range 32 {
			red, green, blue := pixels[y*32+x], pixels[1024+y*32+x], pixels[2048+y*32+x]
			wantGreen, wantBlue := 2*(100*float64(x)+50)/32-1, 2*(100*float64(y)+50)/32-1
			if x > 0 && x < 31 && y > 0 && y < 31 && (red > 2 || math.Abs(float64(green)-wantGreen) > 3 || math.Abs(float64(blue)-wantBlue) > 3) {
				t.Fatalf("pixel (%d, %d) is %d %d %d, want 0 %.0f %.0f", x, y, red, green, blue, wantGreen, wantBlue)
			}
		}
	}
}

// TestNormalizeIsThatOfTheBatches compares with a batch of the same image.
func TestNormalizeIsThatOfTheBatches(t *testing.T) {
	d := Shapes(1, 30, 10)
	size := d.Channels * d.Height * d.Width
	for _, batch := range d.Batches(d.Test, 10, nil) {
		x := d.Normalize(d.Test.Pixels[3*size : 4*size])
		for i, v := range x {
			if v != batch.X[3*size+i] {
				t.Fatalf("entry %d is %v, want %v", i, v, batch.X[3*size+i])
			}
		}
	}
}

// TestMNISTComesBack enlarges test images ten times, dark on light and out of the centre.
func TestMNISTComesBack(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector makes it slow, and it runs nothing concurrently")
	}
	root := os.Getenv("CNNLAB_DATA")
	if _, err := os.Stat(filepath.Join(root, "mnist")); root == "" || err != nil {
		t.Skip("CNNLAB_DATA holds no MNIST")
	}
	d, err := Load(context.Background(), "mnist", Options{Dir: root})
	if err != nil {
		t.Fatal(err)
	}
	const n = 300
	var difference float64
	for i := range n {
		large := image.NewGray(image.Rect(0, 0, 400, 350))
		draw.NearestNeighbor.Scale(large, image.Rect(100, 60, 380, 340), d.Image(d.Test, i), image.Rect(0, 0, 28, 28), draw.Src, nil)
		for p := range large.Pix {
			large.Pix[p] = 255 - large.Pix[p]
		}
		pixels, err := d.Fit(large)
		if err != nil {
			t.Fatalf("image %d: %v", i, err)
		}
		for p, v := range pixels {
			difference += math.Abs(float64(v)-float64(d.Test.Pixels[i*784+p])) / (n * 784)
		}
	}
	t.Logf("mean difference of a pixel: %.1f of 255", difference)
	if difference > 4 {
		t.Errorf("a pixel differs by %.1f in the mean, want at most 4 of 255", difference)
	}
}
