package data

import (
	"image"
	"image/color"
	"math"
	"slices"

	"github.com/pkg/errors"
	"golang.org/x/image/draw"
)

// Fit returns a picture of any size as an image of the set, C×H×W. A digit is treated as
// MNIST's were (LeCun, Bottou, Bengio and Haffner 1998, section III.A): made light on
// black, whatever the ground's colour, shade and noise, scaled to fit 20×20 pixels, and placed so that its centre of mass is the centre
// of the image. Of other pictures, the largest central part with the shape of the set's
// images is scaled. The error says that there is nothing on the picture.
func (d *Dataset) Fit(img image.Image) ([]byte, error) {
	if img.Bounds().Empty() {
		return nil, errors.New("the picture has no pixels")
	}
	if d.Centred {
		return d.fitDigit(img)
	}
	b := img.Bounds()
	width, height := b.Dx(), b.Dy()
	if width*d.Height > height*d.Width {
		width = max(1, height*d.Width/d.Height)
	} else {
		height = max(1, width*d.Height/d.Width)
	}
	corner := b.Min.Add(image.Pt((b.Dx()-width)/2, (b.Dy()-height)/2))
	scaled := scale(onWhite(img), image.Rectangle{corner, corner.Add(image.Pt(width, height))}, d.Width, d.Height)
	return d.planes(scaled), nil
}

// AsIs returns a picture of the size of the set's images as one of them, C×H×W.
func (d *Dataset) AsIs(img image.Image) ([]byte, error) {
	b := img.Bounds()
	if b.Dx() != d.Width || b.Dy() != d.Height {
		return nil, errors.Errorf("%d×%d pixels, want %d×%d", b.Dx(), b.Dy(), d.Width, d.Height)
	}
	flat := image.NewRGBA(image.Rect(0, 0, d.Width, d.Height))
	draw.Draw(flat, flat.Bounds(), onWhite(img), b.Min, draw.Src)
	return d.planes(flat), nil
}

// Normalize returns an image, C×H×W, as a network takes it: (pixel/255 − mean) / std of
// the channel.
func (d *Dataset) Normalize(pixels []byte) (x []float32) {
	for _, batch := range d.Batches(Split{pixels, []byte{0}}, 1, nil) {
		x = batch.X
	}
	return x
}

// onWhite returns img without transparency, on white.
func onWhite(img image.Image) *image.RGBA {
	flat := image.NewRGBA(img.Bounds())
	draw.Draw(flat, flat.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(flat, flat.Bounds(), img, img.Bounds().Min, draw.Over)
	return flat
}

// scale returns a part of a picture with width×height pixels, each a weighted mean of
// those that it covers.
func scale(img image.Image, part image.Rectangle, width, height int) *image.RGBA {
	scaled := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.CatmullRom.Scale(scaled, scaled.Bounds(), img, part, draw.Src, nil)
	return scaled
}

// planes returns the channels of a picture of the set's size one after another.
func (d *Dataset) planes(img *image.RGBA) []byte {
	var pixels []byte
	for c := range d.Channels {
		for y := range d.Height {
			for x := range d.Width {
				p := img.RGBAAt(x, y)
				switch {
				case d.Channels == 1:
					pixels = append(pixels, color.GrayModel.Convert(p).(color.Gray).Y)
				default:
					pixels = append(pixels, []byte{p.R, p.G, p.B}[c])
				}
			}
		}
	}
	return pixels
}

const (
	digitSide = 20  // of the square that MNIST's digits were scaled to
	ink       = 0.1 // share of the brightest pixel from which a pixel belongs to the digit
	faint     = 24  // a picture whose brightness varies by less, of 255, is empty
)

func (d *Dataset) fitDigit(img image.Image) ([]byte, error) {
	light, err := lightOnBlack(onWhite(img))
	if err != nil {
		return nil, err
	}
	box := withoutSpecks(light)
	side := max(box.Dx(), box.Dy())
	width, height := max(1, (box.Dx()*digitSide+side/2)/side), max(1, (box.Dy()*digitSide+side/2)/side)
	digit := image.NewGray(image.Rect(0, 0, width, height))
	draw.CatmullRom.Scale(digit, digit.Bounds(), light, box, draw.Src, nil)
	stretch(digit.Pix) // thin strokes are faint now
	return d.centre(digit), nil
}

var errNothing = errors.New("the picture is empty: nothing on it is darker or lighter than its ground")

// lightOnBlack returns a picture in grey, with a black ground and the brightest pixel
// white. The ground is the median of the picture's border, but for a photograph.
func lightOnBlack(img *image.RGBA) (*image.Gray, error) {
	b := img.Bounds()
	grey := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(grey, grey.Bounds(), img, b.Min, draw.Src)
	var border []byte
	for x := range b.Dx() {
		border = append(border, grey.GrayAt(x, 0).Y, grey.GrayAt(x, b.Dy()-1).Y)
	}
	for y := range b.Dy() {
		border = append(border, grey.GrayAt(0, y).Y, grey.GrayAt(b.Dx()-1, y).Y)
	}
	slices.Sort(border)
	if isUneven(border) {
		if digit := photographed(grey); digit != nil {
			return digit, nil
		}
		return nil, errNothing
	}
	ground := int(border[len(border)/2])
	for i, v := range grey.Pix {
		if ground > 127 {
			grey.Pix[i] = byte(max(0, ground-int(v)))
		} else {
			grey.Pix[i] = byte(max(0, int(v)-ground))
		}
	}
	if slices.Max(grey.Pix) < faint {
		return nil, errNothing
	}
	stretch(grey.Pix)
	return grey, nil
}

// stretch makes the brightest pixel white.
func stretch(pixels []byte) {
	largest := int(slices.Max(pixels))
	for i, v := range pixels {
		pixels[i] = byte(255 * int(v) / max(1, largest))
	}
}

// centre returns an image of the set with the digit's centre of mass in the pixel right
// and below of its middle, which is (14, 14) in MNIST, as far as the digit stays inside.
func (d *Dataset) centre(digit *image.Gray) []byte {
	var mass, sumX, sumY float64
	for y := range digit.Rect.Dy() {
		for x := range digit.Rect.Dx() {
			m := float64(digit.GrayAt(x, y).Y)
			mass, sumX, sumY = mass+m, sumX+m*float64(x), sumY+m*float64(y)
		}
	}
	place := func(size, of int, centre float64) int {
		return min(max(0, int(math.Round(float64(of)/2-centre))), of-size)
	}
	left, top := place(digit.Rect.Dx(), d.Width, sumX/mass), place(digit.Rect.Dy(), d.Height, sumY/mass)
	pixels := make([]byte, d.Height*d.Width)
	for y := range digit.Rect.Dy() {
		copy(pixels[(top+y)*d.Width+left:], digit.Pix[y*digit.Stride:y*digit.Stride+digit.Rect.Dx()])
	}
	return pixels
}
