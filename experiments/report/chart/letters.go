package chart

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"cnnlab/experiments/report/text"
)

var (
	black = color.NRGBA{0x1A, 0x1A, 0x1A, 0xFF}
	grey  = color.NRGBA{0x66, 0x66, 0x66, 0xFF}
)

func textFont(size vg.Length) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
}

// textStyle returns a style that places text by its lower left corner.
func textStyle(size vg.Length, c color.Color) draw.TextStyle {
	return draw.TextStyle{Color: c, Font: textFont(size), Handler: plot.DefaultTextHandler,
		XAlign: draw.XLeft, YAlign: draw.YBottom}
}

// textLimit is the most runes of a text that are measured.
const textLimit = 200

// ellipsize returns s on one line, without characters that cannot be drawn, and cut with
// an ellipsis if it is wider than width.
func ellipsize(sty draw.TextStyle, s string, width vg.Length) string {
	runes := []rune(text.Line(s))
	if len(runes) > textLimit {
		runes = append(runes[:textLimit], '…')
	}
	if sty.Width(string(runes)) <= width {
		return string(runes)
	}
	for len(runes) > 0 && sty.Width(string(runes)+"…") > width {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}
