package report

import (
	"image/color"
	"strings"
	"unicode"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

var (
	black = color.NRGBA{0x1A, 0x1A, 0x1A, 0xFF}
	grey  = color.NRGBA{0x66, 0x66, 0x66, 0xFF}
)

// textStyle sets text from its lower left corner.
func textStyle(size vg.Length, c color.Color) draw.TextStyle {
	return draw.TextStyle{Color: c, Font: textFont(size), Handler: plot.DefaultTextHandler,
		XAlign: draw.XLeft, YAlign: draw.YBottom}
}

// textLimit bounds a text before it is measured, in runes.
const textLimit = 200

// fit is text on one line, without characters that cannot be drawn, cut with
// an ellipsis where it is wider than width.
func fit(sty draw.TextStyle, text string, width vg.Length) string {
	runes := []rune(oneLine(text))
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

// oneLine is text with its control characters, line ends among them, and
// broken UTF-8 replaced: nothing in it can command a terminal or break XML.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Co), r == 0xFFFE, r == 0xFFFF:
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
