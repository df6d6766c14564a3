package kernel

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Trainings that run side by side share the cores by means of two counters for the whole
// process: callers counts the goroutines that compute on their own account, working
// counts these and their helpers.
var callers, working atomic.Int64

// Enter announces that the calling goroutine computes from now until Leave, so that
// others leave it a core.
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
// many helpers as there are idle cores. Each starts with its own share, the same one
// every time, to find its data still in the cache, and then takes from the others'
// shares. So it is not fixed which goroutine makes which call: where f writes must
// depend only on its index.
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
	panicked atomic.Pointer[string] // the first panic of a call, with its stack
	parked   atomic.Bool            // the caller waits for done
	done     chan struct{}          // holds one
}

// share is a range of calls that ends at end; those before next are taken. It fills a
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

// work makes calls, first those of the given share, until all are taken. A panic ends
// it; parallel repeats the panic once no helper is at work any more.
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

// finish records that one helper is done.
func (t *task) finish() {
	if t.left.Add(-1) == 0 && t.parked.Load() {
		t.done <- struct{}{}
	}
}

// wait returns once all helpers are done. It takes the task back from those that have
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

// spinTime is how long a waiting goroutine spins before it parks. Waking a parked one
// takes about 50 µs, so spinTime should outlast the pauses within a training step. It
// also limits how long a core without work is kept busy.
const spinTime = 200 * time.Microsecond

// poll calls ready a few times, for about a microsecond, until it returns true.
func poll(ready func() bool) bool {
	for range 16 {
		if ready() {
			return true
		}
		pause(2)
	}
	return false
}

// pool holds scratch, of which each goroutine takes its own.
type pool[T any] struct {
	make func() *T
	mu   sync.Mutex
	free []*T // not in use
}

// each is parallel with scratch for the goroutine.
func (p *pool[T]) each(n int, f func(scratch *T, i int)) {
	parallel(n, func(i int) {
		s := p.take()
		f(s, i)
		p.giveBack(s)
	})
}

func (p *pool[T]) take() *T {
	p.mu.Lock()
	defer p.mu.Unlock()
	if last := len(p.free) - 1; last >= 0 {
		s := p.free[last]
		p.free = p.free[:last]
		return s
	}
	return p.make()
}

func (p *pool[T]) giveBack(s *T) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, s)
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

// chunk is the number of entries worth another core: some µs of work.
const chunk = 1 << 14

// eachChunk calls f for ranges that cover n entries, in parallel if there are several.
// The length of all but the last is a multiple of 16.
func eachChunk(n int, f func(lo, hi int)) {
	parallel((n+chunk-1)/chunk, func(i int) { f(i*chunk, min(n, (i+1)*chunk)) })
}
