package kernel

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// worker is a goroutine that helps in one task after another.
type worker struct {
	next   atomic.Pointer[assignment]
	asleep atomic.Bool
	wake   chan struct{} // holds one
}

// assignment is a task with the share that a worker begins with.
type assignment struct {
	*task
	share int
}

// idle holds the workers without a task. The last was added most recently and is
// probably still spinning.
var idle struct {
	sync.Mutex
	workers []*worker
}

// idleWorker returns a worker without a task.
func idleWorker() *worker {
	idle.Lock()
	defer idle.Unlock()
	if n := len(idle.workers); n > 0 {
		w := idle.workers[n-1]
		idle.workers = idle.workers[:n-1]
		return w
	}
	w := &worker{wake: make(chan struct{}, 1)}
	go w.run()
	return w
}

// start gives the worker something to do.
func (w *worker) start(t *task, share int) {
	w.next.Store(&assignment{t, share})
	if w.asleep.CompareAndSwap(true, false) {
		w.wake <- struct{}{}
	}
}

// rest gives the worker's core back and makes it idle.
func (w *worker) rest() {
	working.Add(-1)
	idle.Lock()
	idle.workers = append(idle.workers, w)
	idle.Unlock()
}

// run works until the program ends.
func (w *worker) run() {
	for {
		a := w.await()
		a.work(a.share)
		w.rest()
		a.finish()
	}
}

// await returns the next assignment.
func (w *worker) await() *assignment {
	w.spin()
	for {
		if a := w.next.Swap(nil); a != nil {
			return a
		}
		w.asleep.Store(true)
		if w.next.Load() != nil && w.asleep.CompareAndSwap(true, false) {
			continue
		}
		<-w.wake
	}
}

// spin waits for an assignment for a while, unless others have all the cores.
func (w *worker) spin() {
	cores := int64(runtime.GOMAXPROCS(0))
	for start := time.Now(); time.Since(start) < spinTime && callers.Load() < cores; {
		if poll(func() bool { return w.next.Load() != nil }) {
			return
		}
		runtime.Gosched() // to any goroutine that waits for this core
	}
}
