package own

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	_ "image/jpeg" // formats that Decode knows
	_ "image/png"
	"io/fs"

	"github.com/pkg/errors"
	_ "golang.org/x/image/bmp" // likewise
	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp"

	"cnnlab/data/durable"
)

const (
	maxPicture = 256 << 20   // bytes of a file
	maxPixels  = 100_000_000 // of a picture
)

// decode reads the picture's file. With a size, the central square is scaled to size×size.
func (p *picture) decode(path string, size int) {
	img, err := Decode(path)
	if err != nil {
		p.err = err
		return
	}
	if b := img.Bounds(); size > 0 && (b.Dx() != size || b.Dy() != size) {
		img = Square(img, size)
	}
	p.take(img)
}

// Decode reads a picture. It turns one as its EXIF orientation says, and refuses one that
// moves.
func Decode(path string) (image.Image, error) {
	content, err := durable.ReadFile(path, maxPicture)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("there is no such file")
	}
	if err != nil {
		return nil, durable.Cause(err)
	}
	return decode(content)
}

func decode(content []byte) (image.Image, error) {
	if len(content) == 0 {
		return nil, errors.New("an empty file")
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return nil, errors.Errorf("not a picture that can be read: %v", err)
	}
	if config.Width < 1 || config.Height < 1 || config.Width > maxPixels/config.Height {
		return nil, errors.Errorf("%d×%d pixels, want at most %d million", config.Width, config.Height, maxPixels/1_000_000)
	}
	if format == "gif" {
		all, err := gif.DecodeAll(bytes.NewReader(content))
		if err == nil && len(all.Image) > 1 {
			return nil, errors.Errorf("an animation of %d pictures, want one", len(all.Image))
		}
	}
	img, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, errors.Errorf("damaged: %v", err)
	}
	return turn(img, orientation(content)), nil
}

// Square returns the central square of a picture, scaled to size×size.
func Square(img image.Image, size int) image.Image {
	b := img.Bounds()
	side := min(b.Dx(), b.Dy())
	corner := b.Min.Add(image.Pt((b.Dx()-side)/2, (b.Dy()-side)/2))
	scaled := image.NewNRGBA(image.Rect(0, 0, size, size))
	draw.CatmullRom.Scale(scaled, scaled.Bounds(), img, image.Rectangle{corner, corner.Add(image.Pt(side, side))}, draw.Src, nil)
	return scaled
}

// take keeps the pixels as three planes, on white where the picture is transparent, and
// whether all are grey.
func (p *picture) take(img image.Image) {
	b := img.Bounds()
	p.size, p.grey = [2]int{b.Dy(), b.Dx()}, true
	plane := b.Dx() * b.Dy()
	p.rgb = make([]byte, 3*plane)
	flat := image.NewRGBA(b)
	draw.Draw(flat, b, image.White, image.Point{}, draw.Src)
	draw.Draw(flat, b, img, b.Min, draw.Over)
	for y := range b.Dy() {
		for x := range b.Dx() {
			c := flat.RGBAAt(b.Min.X+x, b.Min.Y+y)
			i := y*b.Dx() + x
			p.rgb[i], p.rgb[plane+i], p.rgb[2*plane+i] = c.R, c.G, c.B
			p.grey = p.grey && c.R == c.G && c.G == c.B
		}
	}
}

// resize scales the images of arrays to size×size.
func (s *Set) resize(size int) {
	for _, m := range []*Images{&s.Train, &s.Test} {
		scaled := make([]byte, 0, m.Len()*s.Channels*size*size)
		for i := range m.Len() {
			pixels := m.image(i)
			plane := s.Height * s.Width
			for c := range s.Channels {
				grey := &image.Gray{Pix: pixels[c*plane : (c+1)*plane], Stride: s.Width, Rect: image.Rect(0, 0, s.Width, s.Height)}
				small := Square(grey, size).(*image.NRGBA)
				for j := 0; j < len(small.Pix); j += 4 {
					scaled = append(scaled, small.Pix[j])
				}
			}
		}
		m.Pixels = scaled
	}
	s.Height, s.Width = size, size
}

// orientation returns the EXIF orientation of a JPEG, 1 to 8; 1 if it has none (EXIF 2.32,
// section 4.6.4).
func orientation(jpeg []byte) int {
	for at := 2; at+4 <= len(jpeg) && jpeg[0] == 0xFF && jpeg[at] == 0xFF && jpeg[at+1] != 0xDA; {
		marker, size := jpeg[at+1], int(binary.BigEndian.Uint16(jpeg[at+2:]))
		segment := jpeg[at+4 : min(len(jpeg), at+2+size)]
		if marker == 0xE1 && bytes.HasPrefix(segment, []byte("Exif\x00\x00")) {
			return tiffOrientation(segment[6:])
		}
		at += 2 + size
	}
	return 1
}

// tiffOrientation reads the tag 0x112 of the first directory.
func tiffOrientation(b []byte) int {
	var order binary.ByteOrder = binary.LittleEndian
	if len(b) < 8 {
		return 1
	}
	if b[0] == 'M' {
		order = binary.BigEndian
	}
	at := int(order.Uint32(b[4:]))
	if at < 8 || at+2 > len(b) {
		return 1
	}
	for i := range int(order.Uint16(b[at:])) {
		entry := at + 2 + 12*i
		if entry+12 > len(b) {
			return 1
		}
		if order.Uint16(b[entry:]) == 0x112 {
			if v := int(order.Uint16(b[entry+8:])); v >= 1 && v <= 8 {
				return v
			}
		}
	}
	return 1
}

// turned is a picture as its EXIF orientation says.
type turned struct {
	image.Image
	orientation int
}

// turn returns img as it should be seen.
func turn(img image.Image, orientation int) image.Image {
	if orientation == 1 {
		return img
	}
	return turned{img, orientation}
}

// Bounds implements image.Image.
func (t turned) Bounds() image.Rectangle {
	b := t.Image.Bounds()
	if t.orientation >= 5 {
		return image.Rect(0, 0, b.Dy(), b.Dx())
	}
	return image.Rect(0, 0, b.Dx(), b.Dy())
}

// At implements image.Image.
func (t turned) At(x, y int) color.Color {
	b := t.Image.Bounds()
	w, h := b.Dx()-1, b.Dy()-1
	switch t.orientation {
	case 2:
		x = w - x
	case 3:
		x, y = w-x, h-y
	case 4:
		y = h - y
	case 5:
		x, y = y, x
	case 6:
		x, y = y, h-x
	case 7:
		x, y = w-y, h-x
	case 8:
		x, y = w-y, x
	}
	return t.Image.At(b.Min.X+x, b.Min.Y+y)
}
