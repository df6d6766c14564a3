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
// appears exactly once. It is read as the loop goes: do not change it before the
// loop ends. X and Y are overwritten by the next batch: copy what is to outlive
// the loop's body. A size below 1 or an index outside s panics.
func (d *Dataset) Batches(s Split, size int, order []int) iter.Seq2[int, Batch] {
	return d.batches(s, size, order, false, func() writer {
		tables, plane := d.tables(), d.Height*d.Width
		image := d.Channels * plane
		return func(dst []float32, i int) {
			normalise(dst, s.Pixels[i*image:(i+1)*image], tables, plane)
		}
	})
}

// writer writes image i of a split to dst, C×H×W, normalised.
type writer func(dst []float32, i int)

// walk is one walk through a split.
type walk struct {
	split Split
	order []int // nil: file order
	n     int   // images
	size  int   // of a batch
	image int   // C×H×W
	write writer
}

// batches is Batches with a writer of the caller's; each walk has one of its own.
// If prefetch, the next batch is made while the caller is at the one before.
func (d *Dataset) batches(s Split, size int, order []int, prefetch bool, newWriter func() writer) iter.Seq2[int, Batch] {
	if size < 1 {
		panic(fmt.Sprintf("data: batches of %d images, want at least 1", size))
	}
	w := walk{split: s, order: order, n: len(order), image: d.Channels * d.Height * d.Width}
	if order == nil {
		w.n = s.Len()
	}
	w.size = min(size, w.n)
	return func(yield func(int, Batch) bool) {
		w := w
		w.write = newWriter()
		if prefetch && w.n > w.size {
			w.prefetch(yield)
			return
		}
		buffer := w.newBuffer()
		for b := 0; b*w.size < w.n; b++ {
			if !yield(b, w.fill(buffer, b)) {
				return
			}
		}
	}
}

// newBuffer is the memory of one batch.
func (w *walk) newBuffer() Batch {
	return Batch{X: make([]float32, w.size*w.image), Y: make([]int, w.size)}
}

// fill makes batch b in buffer.
func (w *walk) fill(buffer Batch, b int) Batch {
	first := b * w.size
	count := min(w.size, w.n-first)
	for k := range count {
		i := first + k
		if w.order != nil {
			i = w.order[i]
		}
		buffer.Y[k] = int(w.split.Labels[i])
		w.write(buffer.X[k*w.image:(k+1)*w.image], i)
	}
	return Batch{X: buffer.X[:count*w.image], Y: buffer.Y[:count]}
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
