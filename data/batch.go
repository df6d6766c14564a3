package data

import (
	"fmt"
	"iter"
)

// Batch is a handful of images, normalised, with their labels.
type Batch struct {
	X []float32 // N×C×H×W, (pixel/255 - mean) / std of the channel
	Y []int     // N labels
}

// Batches walks through s in the given order (nil: file order), size images at
// a time, counting batches from 0; the last may be smaller. Every index in order
// appears exactly once. X and Y are overwritten by the next batch: copy what is
// to outlive the loop's body. A size below 1 or an index outside s panics.
func (d *Dataset) Batches(s Split, size int, order []int) iter.Seq2[int, Batch] {
	return d.batches(s, size, order, func() writer {
		tables, plane := d.tables(), d.Height*d.Width
		image := d.Channels * plane
		return func(dst []float32, i int) {
			normalise(dst, s.Pixels[i*image:(i+1)*image], tables, plane)
		}
	})
}

// writer writes image i of a split to dst, C×H×W, normalised.
type writer func(dst []float32, i int)

// batches is Batches with a writer of the caller's; each walk has one of its own.
func (d *Dataset) batches(s Split, size int, order []int, newWriter func() writer) iter.Seq2[int, Batch] {
	if size < 1 {
		panic(fmt.Sprintf("data: batches of %d images, want at least 1", size))
	}
	n := len(order)
	if order == nil {
		n = s.Len()
	}
	return func(yield func(int, Batch) bool) {
		write := newWriter()
		image := d.Channels * d.Height * d.Width
		size := min(size, n)
		x, y := make([]float32, size*image), make([]int, size)
		for b, first := 0, 0; first < n; b, first = b+1, first+size {
			count := min(size, n-first)
			for k := range count {
				i := first + k
				if order != nil {
					i = order[i]
				}
				y[k] = int(s.Labels[i])
				write(x[k*image:(k+1)*image], i)
			}
			if !yield(b, Batch{X: x[:count*image], Y: y[:count]}) {
				return
			}
		}
	}
}

// tables holds, for each channel, the normalised value of each of the 256 bytes.
func (d *Dataset) tables() [][256]float32 {
	tables := make([][256]float32, d.Channels)
	for c := range tables {
		mean, std := float64(d.Mean[c]), float64(d.Std[c])
		for v := range 256 {
			tables[c][v] = float32((float64(v)/255 - mean) / std)
		}
	}
	return tables
}

// normalise writes one image, C×plane bytes, to dst through the tables.
func normalise(dst []float32, src []byte, tables [][256]float32, plane int) {
	for c := range tables {
		table, out := &tables[c], dst[c*plane:(c+1)*plane]
		for i, p := range src[c*plane : (c+1)*plane] {
			out[i] = table[p]
		}
	}
}
