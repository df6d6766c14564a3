package report

import (
	"image/color"
	"math"
)

// okabeIto are colours that the colour-blind can tell apart (Okabe and Ito,
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

// plasma are seven colours along matplotlib's plasma from its dark end to
// where it grows too pale for lines on white; the last two are pulled apart, to
// a deeper orange and a gold, since the eye parts light colours badly. Their
// brightness rises evenly, so that the order of the series shows in grey and to
// the colour-blind.
var plasma = []color.NRGBA{
	{0x0D, 0x08, 0x87, 0xFF},
	{0x5B, 0x02, 0xA3, 0xFF},
	{0x91, 0x1C, 0x9F, 0xFF},
	{0xBD, 0x37, 0x86, 0xFF},
	{0xDD, 0x5E, 0x66, 0xFF},
	{0xEE, 0x7D, 0x45, 0xFF},
	{0xE8, 0xBE, 0x1C, 0xFF},
}

// colour is that of series i.
func (f Figure) colour(i int) color.NRGBA {
	n := len(f.Series)
	if f.Repeat > 0 {
		i, n = i%f.Repeat, min(n, f.Repeat)
	}
	return colour(i, n, f.Ordered)
}

// colour is that of series i of n.
func colour(i, n int, ordered bool) color.NRGBA {
	if !ordered {
		return okabeIto[i%len(okabeIto)]
	}
	if n == 1 {
		return plasma[0]
	}
	at := float64(i) / float64(n-1) * float64(len(plasma)-1)
	low := min(int(at), len(plasma)-2)
	return blend(plasma[low], plasma[low+1], at-float64(low))
}

// blend is a for t = 0 and b for t = 1.
func blend(a, b color.NRGBA, t float64) color.NRGBA {
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + t*(float64(b)-float64(a)))) }
	return color.NRGBA{R: mix(a.R, b.R), G: mix(a.G, b.G), B: mix(a.B, b.B), A: 0xFF}
}

// pale is c for what stands behind.
func pale(c color.NRGBA) color.NRGBA {
	c.A = 0x30
	return c
}
