package data

// made is a batch that was made ahead, or what its making panicked with.
type made struct {
	batch Batch
	fault any
}

// ahead yields the batches of w. Another goroutine makes the next one in a second
// room, which is a gain only if that takes longer than handing it over. The
// goroutine has ended when ahead returns, however it does, and what it panics
// with comes up here.
func (w *walk) ahead(yield func(int, Batch) bool) {
	rooms, next := make(chan Batch, 2), make(chan made, 1)
	rooms <- w.room()
	rooms <- w.room()
	go w.produce(rooms, next)
	defer func() {
		close(rooms)
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
		rooms <- Batch{m.batch.X[:cap(m.batch.X)], m.batch.Y[:cap(m.batch.Y)]}
	}
}

// produce makes batches, one in each room it gets, until there are no more rooms or
// no more images.
func (w *walk) produce(rooms <-chan Batch, next chan<- made) {
	defer close(next)
	defer func() {
		if fault := recover(); fault != nil {
			next <- made{fault: fault}
		}
	}()
	for b := 0; b*w.size < w.n; b++ {
		room, ok := <-rooms
		if !ok {
			return
		}
		next <- made{batch: w.fill(room, b)}
	}
}
