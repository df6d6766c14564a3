package kernel

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// Trainings that run side by side share the cores by two counts over the whole
// process: callers are the goroutines that compute on their own account, working
// are these and their helpers.
var callers, working atomic.Int64

// Enter says that the calling goroutine computes from now until Leave, so that
// others leave a core to it.
func Enter() {
	callers.Add(1)
	working.Add(1)
}

// Leave ends what Enter began.
func Leave() {
	working.Add(-1)
	callers.Add(-1)
}

// parallel calls f(0) … f(n-1), each once, on the calling goroutine and on as
// many helpers as there are idle cores. Each begins with a share of its own, the
// same one every time, so that it finds in its cache what it left there, and then
// takes from the others' shares. Which goroutine makes which call is therefore
// not fixed: f must write to places that its index alone decides.
func parallel(n int, f func(i int)) {
	helpers := borrow(n - 1)
	if helpers == 0 {
		for i := range n {
			f(i)
		}
		return
	}
	t := newTask(n, helpers, f)
	for i := range t.helpers {
		t.helpers[i].start(t, i+1)
	}
	t.work(0)
	t.wait()
	if p := t.panicked.Load(); p != nil {
		panic(*p)
	}
}

// borrow takes up to most idle cores and returns how many it took.
func borrow(most int) int {
	if most <= 0 {
		return 0
	}
	for {
		busy := working.Load()
		n := min(int64(most), int64(runtime.GOMAXPROCS(0))-max(busy, 1))
		if n <= 0 {
			return 0
		}
		if working.CompareAndSwap(busy, busy+n) {
			return int(n)
		}
	}
}

// task is one call of parallel.
type task struct {
	f        func(i int)
	shares   []share
	helpers  []*worker
	left     atomic.Int64           // helpers that are not done
	panicked atomic.Pointer[string] // by a call: with what, and where
	parked   atomic.Bool            // the caller waits for done
	done     chan struct{}          // holds one
}

// share is a range of calls, of which those before next are taken. It fills a
// cache line.
type share struct {
	next atomic.Int64
	end  int64
	_    [48]byte
}

func newTask(n, helpers int, f func(i int)) *task {
	t := &task{f: f, shares: make([]share, helpers+1), helpers: make([]*worker, helpers), done: make(chan struct{}, 1)}
	t.left.Store(int64(helpers))
	for i := range t.shares {
		t.shares[i].next.Store(int64(n * i / len(t.shares)))
		t.shares[i].end = int64(n * (i + 1) / len(t.shares))
	}
	for i := range t.helpers {
		t.helpers[i] = idleWorker()
	}
	return t
}

// work makes calls, first those of the given share, until all are taken. A panic
// ends it; parallel panics with it once no helper is at work any more.
func (t *task) work(first int) {
	defer func() {
		if p := recover(); p != nil {
			said := fmt.Sprintf("%v\n%s", p, debug.Stack())
			t.panicked.CompareAndSwap(nil, &said)
		}
	}()
	for i := range t.shares {
		s := &t.shares[(first+i)%len(t.shares)]
		for at := s.next.Add(1) - 1; at < s.end; at = s.next.Add(1) - 1 {
			t.f(int(at))
		}
	}
}

// finish says that one helper is done.
func (t *task) finish() {
	if t.left.Add(-1) == 0 && t.parked.Load() {
		t.done <- struct{}{}
	}
}

// wait returns once all helpers are done. It does not wait for those that have
// not begun: a parked one may take longer to wake than the task took.
func (t *task) wait() {
	for _, w := range t.helpers {
		if a := w.next.Load(); a != nil && a.task == t && w.next.CompareAndSwap(a, nil) {
			w.rest()
			t.left.Add(-1)
		}
	}
	over := func() bool { return t.left.Load() == 0 }
	for start := time.Now(); time.Since(start) < spinTime; {
		if poll(over) {
			return
		}
	}
	t.parked.Store(true)
	if !over() {
		<-t.done
	}
}

// spinTime is how long a goroutine looks for what it waits for before it parks.
// To wake a parked one takes some 50 µs, so it should outlast the pauses within a
// training step. A core without work is kept busy no longer.
const spinTime = 200 * time.Microsecond

// poll looks a few times, for about a microsecond, whether something is so.
func poll(ready func() bool) bool {
	for range 16 {
		if ready() {
			return true
		}
		pause(2)
	}
	return false
}

// blocks is the number of parts a batch is cut into. It is fixed so that the
// order in which partial sums are added does not depend on the machine.
const blocks = 8

// block returns the half-open range of the i-th of blocks equal parts of n.
func block(i, n int) (lo, hi int) { return i * n / blocks, (i + 1) * n / blocks }

// eachBlock calls f for the blocks of n that are not empty.
func eachBlock(n int, f func(lo, hi int)) {
	parallel(blocks, func(b int) {
		if lo, hi := block(b, n); lo < hi {
			f(lo, hi)
		}
	})
}

// chunk is the number of entries that are worth a fork: some µs of work.
const chunk = 1 << 14

// eachChunk calls f for ranges that cover n entries, side by side if they are
// many. All but the last range are a multiple of 16 long.
func eachChunk(n int, f func(lo, hi int)) {
	parallel((n+chunk-1)/chunk, func(i int) { f(i*chunk, min(n, (i+1)*chunk)) })
}
