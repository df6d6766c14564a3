package draw

import (
	"math"

	"github.com/pkg/errors"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// curvePieces is the number of edges per curve: within 1/500 of a digit's height.
const curvePieces = 6

// point is a point or a vector; y grows downwards.
type point struct{ x, y float32 }

// unrotated returns where p was before a clockwise rotation about the origin.
func (p point) unrotated(cos, sin float32) point {
	return point{float32(cos*p.x) + float32(sin*p.y), float32(cos*p.y) - float32(sin*p.x)}
}

type edge struct {
	from, by point
	inverse  float32 // 1 / length²
}

// edges returns those of a closed contour.
func edges(contour []point) (all []edge) {
	from := contour[len(contour)-1]
	for _, to := range contour {
		if to != from {
			by := point{to.x - from.x, to.y - from.y}
			all = append(all, edge{from, by, 1 / (float32(by.x*by.x) + float32(by.y*by.y))})
		}
		from = to
	}
	return all
}

// outline returns the corners of a rune's closed contours, its curves cut into
// pieces, in a font of 256 pixels per em. The library computes in integers.
func outline(font *sfnt.Font, r rune) ([][]point, error) {
	var buffer sfnt.Buffer
	index, err := font.GlyphIndex(&buffer, r)
	if err != nil {
		return nil, err
	}
	segments, err := font.LoadGlyph(&buffer, index, fixed.I(256), nil)
	if err != nil {
		return nil, err
	}
	var contours [][]point
	for _, s := range segments {
		last := len(contours) - 1
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			contours = append(contours, []point{corner(s.Args[0])})
		case sfnt.SegmentOpLineTo:
			contours[last] = append(contours[last], corner(s.Args[0]))
		case sfnt.SegmentOpQuadTo:
			contours[last] = appendCurve(contours[last], corner(s.Args[0]), corner(s.Args[1]))
		default:
			return nil, errors.Errorf("digit %q has a cubic curve, want a TrueType outline", r)
		}
	}
	return contours, nil
}

// corner converts p without rounding: float32 holds its 26 bits, and the scale is a
// power of two.
func corner(p fixed.Point26_6) point { return point{float32(p.X) / 64, float32(p.Y) / 64} }

// appendCurve continues a contour by the quadratic curve over control to end.
func appendCurve(contour []point, control, end point) []point {
	start := contour[len(contour)-1]
	for i := 1; i <= curvePieces; i++ {
		t := float32(i) / curvePieces
		a, b, c := float32((1-t)*(1-t)), float32(2*t*(1-t)), float32(t*t)
		contour = append(contour, point{
			float32(a*start.x) + float32(b*control.x) + float32(c*end.x),
			float32(a*start.y) + float32(b*control.y) + float32(c*end.y),
		})
	}
	return contour
}

func box(contours [][]point) (low, high point) {
	low, high = point{math.MaxFloat32, math.MaxFloat32}, point{-math.MaxFloat32, -math.MaxFloat32}
	for _, contour := range contours {
		for _, p := range contour {
			low = point{min(low.x, p.x), min(low.y, p.y)}
			high = point{max(high.x, p.x), max(high.y, p.y)}
		}
	}
	return low, high
}

// distance returns the distance from p to the nearest edge, positive if the outline
// winds around p, negative otherwise.
func distance(edges []edge, p point) float32 {
	nearest, winding := float32(math.MaxFloat32), 0
	for _, e := range edges {
		x, y := p.x-e.from.x, p.y-e.from.y
		t := clamp(float32((float32(x*e.by.x) + float32(y*e.by.y)) * e.inverse))
		dx, dy := x-float32(t*e.by.x), y-float32(t*e.by.y)
		if squared := float32(dx*dx) + float32(dy*dy); squared < nearest {
			nearest = squared
		}
		// The edge crosses the height of p, and p lies left of it or right of it.
		side := float32(x*e.by.y) - float32(y*e.by.x)
		switch {
		case y >= 0 && y < e.by.y && side < 0:
			winding++
		case y < 0 && y >= e.by.y && side > 0:
			winding--
		}
	}
	d := float32(math.Sqrt(float64(nearest)))
	if winding == 0 {
		return -d
	}
	return d
}
