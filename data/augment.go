package data

import (
	"fmt"
	"iter"
	"strings"
)

// variation is what AugmentedBatches may do to an image of a set.
type variation struct {
	shift int  // the most pixels that it moves, each way
	flip  bool // left to right, every other image; Flips tells of it
	turn  bool // by up to 10°
}

// tanHalfTurn is the tangent of half the greatest turn, 10°.
const tanHalfTurn = 0.08749

// AugmentedBatches is Batches with every image varied at random, in the way that
// d.Augmentation names. What is done to image i of s depends on (seed, epoch, i)
// alone, whatever size and order are. Another goroutine reads order, and s, while
// the loop runs: do not change them before it ends.
//
// What comes in from beyond the border is the channel's mean, 0 in X, in a set of
// colours, and black in a grey one. A shift by up to 4 pixels and a flip are thus
// the usual augmentation of CIFAR-10: pad by 4, crop at random, mirror every other
// image (He et al. 2016, section 4.2).
func (d *Dataset) AugmentedBatches(s Split, size int, order []int, seed uint64, epoch int) iter.Seq2[int, Batch] {
	return d.batches(s, size, order, true, func() writer {
		image := d.Channels * d.Height * d.Width
		a := d.newAugmenter()
		return func(dst []float32, i int) {
			random := newStream(seed, "augment", uint64(epoch)<<32|uint64(uint32(i)))
			a.write(dst, s.Pixels[i*image:(i+1)*image], d.varied.draw(random))
		}
	})
}

// Augmentation says in words what AugmentedBatches does to an image.
func (d *Dataset) Augmentation() string {
	var all []string
	if d.varied.shift > 0 {
		border := "black"
		if d.Channels > 1 {
			border = "the mean"
		}
		all = append(all, fmt.Sprintf("shift by up to %d pixels each way, filled with %s", d.varied.shift, border))
	}
	if d.varied.turn {
		all = append(all, "turn by up to 10°, bilinear")
	}
	if d.varied.flip {
		all = append(all, "horizontal flip with probability 1/2")
	}
	if all == nil {
		return "none"
	}
	return "random " + strings.Join(all, "; ")
}

// change is what is done to one image, in this order: flip, turn, shift.
type change struct {
	flip     bool
	cos, sin float32 // of the turn about the middle, clockwise
	x, y     int     // pixels to the right and down
}

// draw draws a change; the same numbers are drawn whatever v allows.
func (v variation) draw(random *stream) change {
	c := change{cos: 1}
	c.x = random.intN(2*v.shift+1) - v.shift
	c.y = random.intN(2*v.shift+1) - v.shift
	c.flip = random.intN(2) == 1 && v.flip
	if half := random.between(-tanHalfTurn, tanHalfTurn); v.turn {
		c.cos, c.sin = turned(half)
	}
	return c
}

// augmenter applies changes to images of one set.
type augmenter struct {
	tables        [][256]float32
	beyond        []float32 // per channel, what lies beyond the border
	height, width int
	upright       []float32 // H×W, a plane before its turn
}

func (d *Dataset) newAugmenter() *augmenter {
	a := &augmenter{tables: d.tables(), beyond: make([]float32, d.Channels), height: d.Height, width: d.Width}
	if d.Channels == 1 {
		a.beyond[0] = a.tables[0][0]
	}
	if d.varied.turn {
		a.upright = make([]float32, d.Height*d.Width)
	}
	return a
}

// write writes src, C×H×W bytes, changed and normalised, to dst.
func (a *augmenter) write(dst []float32, src []byte, c change) {
	plane := a.height * a.width
	for k := range a.tables {
		out, in := dst[k*plane:(k+1)*plane], src[k*plane:(k+1)*plane]
		if c.sin == 0 {
			a.place(out, in, k, c)
			continue
		}
		a.place(a.upright, in, k, change{flip: c.flip})
		a.turn(out, a.upright, a.beyond[k], c)
	}
}

// place writes a plane, flipped and shifted.
func (a *augmenter) place(out []float32, in []byte, k int, c change) {
	table, beyond, w := &a.tables[k], a.beyond[k], a.width
	left, right := max(c.x, 0), min(w+c.x, w) // what comes from within
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
