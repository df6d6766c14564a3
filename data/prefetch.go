package data

// made is a batch that was made ahead, or what its making panicked with.
type made struct {
	batch Batch
	fault any
}

// prefetch yields the batches of w. Another goroutine makes the next one in a
// second buffer, which is a gain only if that takes longer than handing it over.
// The goroutine has ended when prefetch returns, however it does, and what it
// panics with comes up here.
func (w *walk) prefetch(yield func(int, Batch) bool) {
	buffers, next := make(chan Batch, 2), make(chan made, 1)
	buffers <- w.newBuffer()
	buffers <- w.newBuffer()
	go w.produce(buffers, next)
	defer func() {
		close(buffers)
		for range next { // until it has ended
		}
	}()
	for b := 0; b*w.size < w.n; b++ {
		m := <-next
		if m.fault != nil {
			panic(m.fault)
		}
		if !yield(b, m.batch) {
			return
		}
		buffers <- Batch{m.batch.X[:cap(m.batch.X)], m.batch.Y[:cap(m.batch.Y)]}
	}
}

// produce makes batches, one in each buffer it gets, until there are no more
// buffers or no more images.
func (w *walk) produce(buffers <-chan Batch, next chan<- made) {
	defer close(next)
	defer func() {
		if fault := recover(); fault != nil {
			next <- made{fault: fault}
		}
	}()
	for b := 0; b*w.size < w.n; b++ {
		buffer, ok := <-buffers
		if !ok {
			return
		}
		next <- made{batch: w.fill(buffer, b)}
	}
}
