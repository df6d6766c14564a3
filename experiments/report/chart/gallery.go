package chart

import (
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
)

// Gallery is a picture of small images in groups, such as the filters of a layer. All
// images are drawn at the same size, the largest at which they fit.
type Gallery struct {
	Title    string
	Groups   []ImageGroup
	Footnote []string
}

// ImageGroup is a heading and the images below it.
type ImageGroup struct {
	Heading string
	Images  []CaptionedImage
}

// CaptionedImage is an image with a few short lines below it, of one or several words.
type CaptionedImage struct {
	Image   image.Image
	Caption []string
}

const (
	galleryGap   = vg.Length(7)
	captionSize  = vg.Length(9)
	captionLine  = 1.25 * captionSize
	headingLine  = 1.6 * labelSize
	largestImage = vg.Length(96)
)

func (g Gallery) draw(c vgdraw.Canvas) {
	title := textStyle(titleSize, black)
	title.XAlign, title.YAlign = vgdraw.XCenter, vgdraw.YTop
	c.FillText(title, vg.Point{X: (c.Min.X + c.Max.X) / 2, Y: c.Max.Y}, ellipsize(title, g.Title, c.Max.X-c.Min.X))
	c.Max.Y -= 1.9 * titleSize
	c = drawFootnote(c, g.Footnote)
	images := 0
	for _, group := range g.Groups {
		images += len(group.Images)
	}
	if images == 0 {
		drawNoData(c)
		return
	}
	side := g.side(c)
	y := c.Max.Y
	for _, group := range g.Groups {
		y = group.draw(c, y, side)
	}
}

// side returns the length of the images' sides.
func (g Gallery) side(c vgdraw.Canvas) vg.Length {
	side := largestImage
	for ; side > 2; side *= 0.98 {
		height := vg.Length(0)
		for _, group := range g.Groups {
			height += group.height(side, c.Max.X-c.Min.X)
		}
		if height <= c.Max.Y-c.Min.Y {
			break
		}
	}
	return side
}

// perRow returns how many images fit side by side.
func perRow(side, width vg.Length) int {
	return max(1, int(math.Floor(float64((width+gapOf(side))/(side+gapOf(side))))))
}

// gapOf keeps many small images closer together than a few large ones.
func gapOf(side vg.Length) vg.Length { return min(galleryGap, side/8) }

func (g ImageGroup) captionHeight() vg.Length {
	lines := 0
	for _, i := range g.Images {
		lines = max(lines, len(i.Caption))
	}
	return vg.Length(lines) * captionLine
}

func (g ImageGroup) height(side, width vg.Length) vg.Length {
	per := perRow(side, width)
	rows := (len(g.Images) + per - 1) / per
	height := vg.Length(rows) * (side + g.captionHeight() + gapOf(side))
	if g.Heading != "" {
		height += headingLine
	}
	return height
}

// draw draws the group below y and returns where the next one begins.
func (g ImageGroup) draw(c vgdraw.Canvas, y, side vg.Length) vg.Length {
	if g.Heading != "" {
		heading := textStyle(labelSize, black)
		heading.YAlign = vgdraw.YTop
		c.FillText(heading, vg.Point{X: c.Min.X, Y: y}, ellipsize(heading, g.Heading, c.Max.X-c.Min.X))
		y -= headingLine
	}
	per, row := perRow(side, c.Max.X-c.Min.X), side+g.captionHeight()+gapOf(side)
	caption := textStyle(captionSize, black)
	caption.XAlign, caption.YAlign = vgdraw.XCenter, vgdraw.YTop
	for i, picture := range g.Images {
		low := vg.Point{X: c.Min.X + vg.Length(i%per)*(side+gapOf(side)), Y: y - vg.Length(i/per)*row - side}
		drawImage(c, vg.Rectangle{Min: low, Max: low.Add(vg.Point{X: side, Y: side})}, picture.Image)
		for j, line := range picture.Caption {
			at := vg.Point{X: low.X + side/2, Y: low.Y - 2 - vg.Length(j)*captionLine}
			c.FillText(caption, at, ellipsize(caption, line, side+gapOf(side)))
		}
	}
	rows := vg.Length((len(g.Images) + per - 1) / per)
	return y - rows*row
}

// drawImage fills box with an image, whose pixels stay sharp, and frames it.
func drawImage(c vgdraw.Canvas, box vg.Rectangle, img image.Image) {
	pixels := 2 * int((box.Max.X-box.Min.X)*dpi/vg.Inch) // twice those of the picture: blending does not show
	c.DrawImage(box, paletted(enlarged(img, pixels)))
	frame := vgdraw.LineStyle{Color: color.Gray{0xA0}, Width: 0.5}
	c.StrokeLines(frame, []vg.Point{box.Min, {X: box.Max.X, Y: box.Min.Y}, box.Max, {X: box.Min.X, Y: box.Max.Y}, box.Min})
}

// enlarged repeats each pixel of img so often that the longer side has about so many.
func enlarged(img image.Image, pixels int) *image.NRGBA {
	size := img.Bounds().Size()
	times := max(1, pixels/max(1, size.X, size.Y))
	large := image.NewNRGBA(image.Rect(0, 0, size.X*times, size.Y*times))
	for y := range size.Y {
		row := large.Pix[y*times*large.Stride:]
		for x := range size.X {
			c := color.NRGBAModel.Convert(img.At(img.Bounds().Min.X+x, img.Bounds().Min.Y+y)).(color.NRGBA)
			for i := range times {
				copy(row[4*(x*times+i):], []byte{c.R, c.G, c.B, c.A})
			}
		}
		for i := 1; i < times; i++ {
			copy(row[i*large.Stride:(i+1)*large.Stride], row[:large.Stride])
		}
	}
	return large
}

// paletted returns img with a palette, which makes its PNG smaller; or img itself, if it
// has more than 256 colours.
func paletted(img *image.NRGBA) image.Image {
	small := image.NewPaletted(img.Rect, nil)
	index := make(map[color.NRGBA]uint8)
	for i := range small.Pix {
		c := color.NRGBA{img.Pix[4*i], img.Pix[4*i+1], img.Pix[4*i+2], img.Pix[4*i+3]}
		k, ok := index[c]
		if !ok {
			if len(index) == 256 {
				return img
			}
			k = uint8(len(index))
			index[c], small.Palette = k, append(small.Palette, c)
		}
		small.Pix[i] = k
	}
	return small
}
