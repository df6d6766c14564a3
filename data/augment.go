package data

import (
	"fmt"
	"iter"
	"strings"

	"cnnlab/data/internal/exact"
)

// augmentation is what AugmentedBatches may do to an image of a set.
type augmentation struct {
	shift  int  // by up to so many pixels each way
	flip   bool // left to right, with probability 1/2
	rotate bool // by up to 10°
}

// tanHalfRotation is the tangent of half the greatest rotation, 10°.
const tanHalfRotation = 0.08749

// AugmentedBatches is Batches with every image changed at random, in the way that
// d.Augmentation describes. The change of image i of s depends on (seed, epoch, i) alone,
// whatever size and order are. Another goroutine reads order and s during the loop: do not
// change them before it ends.
//
// What moves in from beyond the border is the channel's mean (0 in X) in a set of colour
// images, and black in a grey one. A shift by up to 4 pixels and a flip are thus the usual
// augmentation of CIFAR-10: pad by 4, crop at random, mirror every other image (He et al.
// 2016, section 4.2).
func (d *Dataset) AugmentedBatches(s Split, size int, order []int, seed uint64, epoch int) iter.Seq2[int, Batch] {
	return d.batches(s, size, order, true, func(i int) change {
		return d.augmentation.draw(exact.NewStream(seed, "augment", uint64(epoch)<<32|uint64(uint32(i))))
	})
}

// Augmentation describes in words what AugmentedBatches does to an image.
func (d *Dataset) Augmentation() string {
	var all []string
	if d.augmentation.shift > 0 {
		border := "black"
		if d.Channels > 1 {
			border = "the mean"
		}
		all = append(all, fmt.Sprintf("shift by up to %d pixels each way, filled with %s", d.augmentation.shift, border))
	}
	if d.augmentation.rotate {
		all = append(all, "rotation by up to 10°, bilinear")
	}
	if d.augmentation.flip {
		all = append(all, "horizontal flip with probability 1/2")
	}
	if all == nil {
		return "none"
	}
	return "random " + strings.Join(all, "; ")
}

// change is what is done to one image, in this order: flip, rotate, shift.
type change struct {
	flip     bool
	cos, sin float32 // of the rotation about the centre, clockwise
	x, y     int     // pixels to the right and down
}

// draw draws a change. It draws the same numbers whatever v allows.
func (v augmentation) draw(random *exact.Stream) change {
	c := change{cos: 1}
	c.x = random.IntN(2*v.shift+1) - v.shift
	c.y = random.IntN(2*v.shift+1) - v.shift
	c.flip = random.IntN(2) == 1 && v.flip
	if half := random.Between(-tanHalfRotation, tanHalfRotation); v.rotate {
		c.cos, c.sin = exact.Rotation(half)
	}
	return c
}

// augmenter writes images normalized and changed.
type augmenter struct {
	tables        [][256]float32 // per channel, the normalized value of each byte
	beyond        []float32      // per channel, the value beyond the border
	height, width int
	upright       []float32 // H×W, a plane before its rotation
}

func (d *Dataset) newAugmenter() *augmenter {
	a := &augmenter{tables: make([][256]float32, d.Channels), beyond: make([]float32, d.Channels), height: d.Height, width: d.Width}
	for c := range a.tables {
		mean, std := float64(d.Mean[c]), float64(d.Std[c])
		for v := range 256 {
			a.tables[c][v] = float32((float64(v)/255 - mean) / std)
		}
	}
	if d.Channels == 1 {
		a.beyond[0] = a.tables[0][0]
	}
	if d.augmentation.rotate {
		a.upright = make([]float32, d.Height*d.Width)
	}
	return a
}

// write writes one image, C×H×W, from src to dst.
func (a *augmenter) write(dst []float32, src []byte, c change) {
	plane := a.height * a.width
	for k := range a.tables {
		out, in := dst[k*plane:(k+1)*plane], src[k*plane:(k+1)*plane]
		if c.sin == 0 {
			a.place(out, in, k, c)
			continue
		}
		a.place(a.upright, in, k, change{flip: c.flip})
		a.rotate(out, a.upright, a.beyond[k], c)
	}
}

// place writes a plane, flipped and shifted.
func (a *augmenter) place(out []float32, in []byte, k int, c change) {
	table, beyond, w := &a.tables[k], a.beyond[k], a.width
	left, right := max(c.x, 0), min(w+c.x, w) // columns that come from the image
	for y := range a.height {
		row := out[y*w : (y+1)*w]
		if y < c.y || y >= a.height+c.y {
			fillRow(row, beyond)
			continue
		}
		from := in[(y-c.y)*w : (y-c.y+1)*w]
		fillRow(row[:left], beyond)
		fillRow(row[right:], beyond)
		if c.flip {
			for x := left; x < right; x++ {
				row[x] = table[from[w-1-x+c.x]]
			}
			continue
		}
		for x := left; x < right; x++ {
			row[x] = table[from[x-c.x]]
		}
	}
}

func fillRow(row []float32, v float32) {
	for i := range row {
		row[i] = v
	}
}

// rotate writes a plane, rotated about its centre and then shifted, with bilinear
// interpolation. Every pixel looks up where it lies in the original. As in package exact,
// no product is left for a compiler to fuse with a sum.
func (a *augmenter) rotate(out, in []float32, beyond float32, c change) {
	h, w := a.height, a.width
	middleX, middleY := float32(float32(w-1)/2), float32(float32(h-1)/2)
	for r := range h {
		y := float32(r-c.y) - middleY
		// the 1 keeps negative numbers out of the conversions to integers
		alongX, alongY := float32(c.sin*y)+middleX+1, float32(c.cos*y)+middleY+1
		row := out[r*w : (r+1)*w]
		for k := range row {
			x := float32(k-c.x) - middleX
			u, v := alongX+float32(c.cos*x), alongY-float32(c.sin*x)
			left, top := int(u)-1, int(v)-1
			if left < 0 || top < 0 || left+1 >= w || top+1 >= h {
				row[k] = a.atBorder(in, u, v, beyond)
				continue
			}
			near := in[top*w+left:][:w+2]
			row[k] = exact.Bilinear(u-float32(left+1), v-float32(top+1), near[0], near[1], near[w], near[w+1])
		}
	}
}

// atBorder returns the value at (u-1, v-1), where some of the four pixels around it are
// beyond the border.
func (a *augmenter) atBorder(in []float32, u, v, beyond float32) float32 {
	h, w := a.height, a.width
	if !(u >= 0 && v >= 0 && u < float32(w+1) && v < float32(h+1)) {
		return beyond
	}
	left, top := int(u)-1, int(v)-1
	var corner [4]float32
	for k := range corner {
		corner[k] = beyond
		if x, y := left+k%2, top+k/2; x >= 0 && y >= 0 && x < w && y < h {
			corner[k] = in[y*w+x]
		}
	}
	return exact.Bilinear(u-float32(left+1), v-float32(top+1), corner[0], corner[1], corner[2], corner[3])
}
