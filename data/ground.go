package data

import (
	"image"
	"math"
	"slices"

	"golang.org/x/image/draw"
	"gonum.org/v1/gonum/mat"
)

const (
	photoSide = 200  // longer side, in pixels, to which a photograph is reduced
	uneven    = 3    // a border whose brightness varies by more, of 255, is a photograph's
	speck     = 0.03 // share of the largest stroke below which a mark is dirt
)

// isUneven reports whether the ground of a picture is shaded or noisy, as that of a
// photograph or a scan is and that of a drawing is not.
func isUneven(border []byte) bool {
	return int(border[len(border)*19/20])-int(border[len(border)/20]) > uneven
}

// photographed returns the digit on a photograph, light on black, or nil if there is
// none: what stands out from a smooth ground by more than noise does.
func photographed(grey *image.Gray) *image.Gray {
	b := grey.Bounds()
	if side := max(b.Dx(), b.Dy()); side > photoSide {
		small := image.NewGray(image.Rect(0, 0, max(1, b.Dx()*photoSide/side), max(1, b.Dy()*photoSide/side)))
		draw.CatmullRom.Scale(small, small.Bounds(), grey, b, draw.Src, nil)
		grey = small
	}
	rest := unshaded(grey)
	size := make([]float64, len(rest))
	for i, r := range rest {
		size[i] = math.Abs(r)
	}
	slices.Sort(size)
	noise := 1.4826 * size[len(size)/2] // the standard deviation, if the ground is more than half
	var dark, light float64
	for _, r := range rest {
		if r > 3*noise {
			light += r
		} else if r < -3*noise {
			dark -= r
		}
	}
	for i := range rest {
		if dark > light {
			rest[i] = -rest[i]
		}
		rest[i] = max(0, rest[i])
	}
	strokes := slices.Sorted(slices.Values(rest))
	full := strokes[len(strokes)-1-len(strokes)/200] // the brightest half per cent may be glints
	cut := max(4*noise, full/5)
	if full < faint || full < 4*noise {
		return nil
	}
	digit := image.NewGray(grey.Rect)
	for i, r := range rest {
		if r >= cut {
			digit.Pix[i] = byte(255 * min(1, (r-cut/2)/(full-cut/2)))
		}
	}
	return digit
}

// unshaded returns the brightness of each pixel above its ground: a polynomial of the
// second degree in x and y, fitted to the least sum of absolute differences, so that the
// digit on it hardly counts (by iteratively reweighted least squares).
func unshaded(grey *image.Gray) []float64 {
	width, height := grey.Rect.Dx(), grey.Rect.Dy()
	terms := func(i int) [6]float64 {
		x, y := 2*float64(i%width)/float64(width)-1, 2*float64(i/width)/float64(height)-1
		return [6]float64{1, x, y, x * x, x * y, y * y}
	}
	rest := make([]float64, width*height)
	for i, v := range grey.Pix {
		rest[i] = float64(v)
	}
	weights := make([]float64, len(rest))
	for i := range weights {
		weights[i] = 1
	}
	for range 10 {
		var products [36]float64 // upper triangle
		var right [6]float64
		for i, w := range weights {
			t := terms(i)
			for a := range t {
				right[a] += w * t[a] * float64(grey.Pix[i])
				for b := a; b < len(t); b++ {
					products[6*a+b] += w * t[a] * t[b]
				}
			}
		}
		var factors mat.Cholesky
		var fitted mat.VecDense
		if !factors.Factorize(mat.NewSymDense(6, products[:])) || factors.SolveVecTo(&fitted, mat.NewVecDense(6, right[:])) != nil {
			break // a picture of few pixels keeps the fit before
		}
		plane := fitted.RawVector().Data
		for i, v := range grey.Pix {
			rest[i] = float64(v)
			for a, t := range terms(i) {
				rest[i] -= plane[a] * t
			}
			weights[i] = 1 / (1 + math.Abs(rest[i]))
		}
	}
	return rest
}

// withoutSpecks blackens groups of pixels, of those that belong to strokes, which are much
// smaller than the largest, and returns the box of the others.
func withoutSpecks(light *image.Gray) (box image.Rectangle) {
	width := light.Stride
	bright := func(i int) bool { return float64(light.Pix[i]) >= ink*255 }
	seen := make([]bool, len(light.Pix))
	type group struct {
		pixels []int
		mass   int
	}
	var groups []group
	most := 0
	for start := range light.Pix {
		if seen[start] || !bright(start) {
			continue
		}
		seen[start] = true
		g := group{pixels: []int{start}}
		for k := 0; k < len(g.pixels); k++ {
			i := g.pixels[k]
			g.mass += int(light.Pix[i])
			for dy := -1; dy <= 1; dy++ {
				for dx := -1; dx <= 1; dx++ {
					x, n := i%width+dx, i+dy*width+dx
					if x >= 0 && x < width && n >= 0 && n < len(seen) && !seen[n] && bright(n) {
						seen[n] = true
						g.pixels = append(g.pixels, n)
					}
				}
			}
		}
		groups, most = append(groups, g), max(most, g.mass)
	}
	for _, g := range groups {
		for _, i := range g.pixels {
			if float64(g.mass) < speck*float64(most) {
				light.Pix[i] = 0
			} else {
				box = box.Union(image.Rect(i%width, i/width, i%width+1, i/width+1))
			}
		}
	}
	return box
}
