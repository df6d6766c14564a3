package report

import (
	"image/color"
	"math"
)

// The colours of a cell that holds its whole row. They are told apart by the
// colour-blind too (Okabe and Ito, 2008, made darker).
var (
	rightColour    = color.NRGBA{0x00, 0x5A, 0x8F, 0xFF} // blue
	confusedColour = color.NRGBA{0xD0, 0x4E, 0x00, 0xFF} // vermilion
	emptyColour    = color.NRGBA{0xF5, 0xF5, 0xF5, 0xFF}
)

// cellColour is that of a cell which holds share, 0..1, of its row. It deepens
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

// inkOn is the colour of a count on fill: what stands out more of black and
// white, and grey for a count of 0.
func inkOn(fill color.NRGBA, count int) color.Color {
	if count == 0 {
		return color.Gray{0xB0}
	}
	if 1.05/(luminance(fill)+0.05) > (luminance(fill)+0.05)/(luminance(black)+0.05) {
		return color.White
	}
	return black
}

// luminance is the relative luminance of c, 0..1 (WCAG 2.1).
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
