package chart

import (
	"image/color"
	"math"
)

var (
	black = color.NRGBA{0x1A, 0x1A, 0x1A, 0xFF}
	grey  = color.NRGBA{0x66, 0x66, 0x66, 0xFF}
)

// okabeIto are colours that colour-blind readers can tell apart (Okabe and Ito
// 2008), without the yellow, which is too pale for lines on white.
var okabeIto = []color.NRGBA{
	{0x00, 0x72, 0xB2, 0xFF}, // blue
	{0xD5, 0x5E, 0x00, 0xFF}, // vermilion
	{0x00, 0x9E, 0x73, 0xFF}, // green
	{0xCC, 0x79, 0xA7, 0xFF}, // purple
	{0xE6, 0x9F, 0x00, 0xFF}, // orange
	{0x56, 0xB4, 0xE9, 0xFF}, // sky
	{0x00, 0x00, 0x00, 0xFF}, // black
}

// plasma are seven colours along matplotlib's plasma, from its dark end to where it
// grows too pale for lines on white. The last two are moved apart, to a deeper
// orange and a gold, because the eye separates light colours badly. The brightness
// rises evenly, so the order of the series shows in grey and to colour-blind readers.
var plasma = []color.NRGBA{
	{0x0D, 0x08, 0x87, 0xFF},
	{0x5B, 0x02, 0xA3, 0xFF},
	{0x91, 0x1C, 0x9F, 0xFF},
	{0xBD, 0x37, 0x86, 0xFF},
	{0xDD, 0x5E, 0x66, 0xFF},
	{0xEE, 0x7D, 0x45, 0xFF},
	{0xE8, 0xBE, 0x1C, 0xFF},
}

func (f Figure) colour(i int) color.NRGBA {
	n := len(f.Series)
	if f.Repeat > 0 {
		i, n = i%f.Repeat, min(n, f.Repeat)
	}
	if !f.Ordered {
		return okabeIto[i%len(okabeIto)]
	}
	at := float64(i) / float64(max(1, n-1)) * float64(len(plasma)-1)
	low := min(int(at), len(plasma)-2)
	return blend(plasma[low], plasma[low+1], at-float64(low))
}

func blend(a, b color.NRGBA, t float64) color.NRGBA {
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + t*(float64(b)-float64(a)))) }
	return color.NRGBA{R: mix(a.R, b.R), G: mix(a.G, b.G), B: mix(a.B, b.B), A: 0xFF}
}

func translucent(c color.NRGBA, alpha uint8) color.NRGBA {
	c.A = alpha
	return c
}

// The colours of a cell that holds its whole row, darker than Okabe and Ito's, and of an
// empty cell.
var (
	rightColour    = color.NRGBA{0x00, 0x5A, 0x8F, 0xFF} // blue
	confusedColour = color.NRGBA{0xD0, 0x4E, 0x00, 0xFF} // vermilion
	emptyColour    = color.NRGBA{0xF5, 0xF5, 0xF5, 0xFF}
)

// cellColour returns the colour of a cell that holds share, 0..1, of its row. It deepens
// with the cube root of the share: 1 in 1000 is a tenth of the way from white.
func cellColour(share float64, right bool) color.NRGBA {
	if !(share > 0) {
		return emptyColour
	}
	full := confusedColour
	if right {
		full = rightColour
	}
	return blend(color.NRGBA{0xFF, 0xFF, 0xFF, 0xFF}, full, min(1, max(0.06, math.Cbrt(share))))
}

// Diverging returns the colour of a value between −1, blue, and 1, orange; 0 is white.
func Diverging(value float64) color.NRGBA {
	full := confusedColour
	if value < 0 {
		full = rightColour
	}
	return blend(color.NRGBA{0xFF, 0xFF, 0xFF, 0xFF}, full, min(1, math.Abs(value)))
}

// inkOn returns the colour of a count on fill: black or white, whichever contrasts more,
// and grey for a count of 0.
func inkOn(fill color.NRGBA, count int) color.Color {
	if count == 0 {
		return color.Gray{0xB0}
	}
	if 1.05/(luminance(fill)+0.05) > (luminance(fill)+0.05)/(luminance(black)+0.05) {
		return color.White
	}
	return black
}

// luminance returns the relative luminance of c, 0..1 (WCAG 2.1).
func luminance(c color.NRGBA) float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}
