package data

import (
	"fmt"
	"iter"

	"cnnlab/data/internal/exact"
)

// Shuffle returns the order of the n images in an epoch: a permutation of 0..n-1 that
// depends on (n, seed, epoch) alone. A run that continues at epoch 7 finds the same order
// without a generator's state.
func Shuffle(n int, seed uint64, epoch int) []int {
	random := exact.NewStream(seed, "shuffle", uint64(epoch))
	order := make([]int, n)
	for i := range order { // Fisher and Yates, from the inside out
		j := random.IntN(i + 1)
		order[i] = order[j]
		order[j] = i
	}
	return order
}

// Batch holds normalized images with their labels.
type Batch struct {
	X []float32 // N×C×H×W, (pixel/255 - mean) / std of the channel
	Y []int     // N labels
}

// Batches yields s in the given order (nil: file order), size images at a time, with the
// number of the batch; the last may be smaller. It reads order during the loop: do not
// change it before the loop ends. The next batch overwrites X and Y: copy what should
// outlive the loop's body. A size below 1 or an index outside s panics.
func (d *Dataset) Batches(s Split, size int, order []int) iter.Seq2[int, Batch] {
	return d.batches(s, size, order, false, func(int) change { return change{} })
}

// walk is one pass over a split.
type walk struct {
	split  Split
	order  []int // nil: file order
	n      int   // images
	size   int   // of a batch
	image  int   // C×H×W
	change func(i int) change
	*augmenter
}

// batches is Batches with a change of image i of s. With prefetch, the next batch is made
// while the caller uses the one before.
func (d *Dataset) batches(s Split, size int, order []int, prefetch bool, change func(i int) change) iter.Seq2[int, Batch] {
	if size < 1 {
		panic(fmt.Sprintf("data: batches of %d images, want at least 1", size))
	}
	return func(yield func(int, Batch) bool) {
		w := walk{split: s, order: order, n: len(order), image: d.Channels * d.Height * d.Width, change: change, augmenter: d.newAugmenter()}
		if order == nil {
			w.n = s.Len()
		}
		w.size = min(size, w.n)
		if prefetch && w.n > w.size {
			w.prefetch(yield)
		} else {
			w.each(1, yield)
		}
	}
}

// each yields the batches, each in the next of so many buffers.
func (w *walk) each(buffers int, yield func(int, Batch) bool) {
	buffer := make([]Batch, buffers)
	for i := range buffer {
		buffer[i] = Batch{X: make([]float32, w.size*w.image), Y: make([]int, w.size)}
	}
	for b := 0; b*w.size < w.n; b++ {
		if !yield(b, w.fill(buffer[b%buffers], b)) {
			return
		}
	}
}

func (w *walk) fill(buffer Batch, b int) Batch {
	first := b * w.size
	count := min(w.size, w.n-first)
	for k := range count {
		i := first + k
		if w.order != nil {
			i = w.order[i]
		}
		buffer.Y[k] = int(w.split.Labels[i])
		w.write(buffer.X[k*w.image:(k+1)*w.image], w.split.Pixels[i*w.image:(i+1)*w.image], w.change(i))
	}
	return Batch{X: buffer.X[:count*w.image], Y: buffer.Y[:count]}
}

// made is a batch that was made ahead, or the panic of its making.
type made struct {
	batch Batch
	fault any
}

// prefetch yields the batches of w. Another goroutine makes the next one in a second
// buffer, which pays only if that takes longer than handing it over. That goroutine has
// ended whenever prefetch returns, and prefetch panics with what it panicked with.
func (w *walk) prefetch(yield func(int, Batch) bool) {
	next, stop := make(chan made), make(chan struct{})
	go w.produce(next, stop)
	defer func() {
		close(stop)
		for range next { // until it has ended
		}
	}()
	b := 0
	for m := range next {
		if m.fault != nil {
			panic(m.fault)
		}
		if !yield(b, m.batch) {
			return
		}
		b++
	}
}

// produce makes batches until it is stopped or there are no more images. Whoever takes a
// batch is done with the one before, so that its buffer is free.
func (w *walk) produce(next chan<- made, stop <-chan struct{}) {
	defer close(next)
	defer func() {
		if fault := recover(); fault != nil {
			next <- made{fault: fault}
		}
	}()
	w.each(2, func(_ int, batch Batch) bool {
		select {
		case next <- made{batch: batch}:
			return true
		case <-stop:
			return false
		}
	})
}
