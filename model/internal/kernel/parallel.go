package kernel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// working counts the goroutines that are computing, over all machines in the
// process: trainings that run side by side share the cores by it.
var working atomic.Int64

// Enter says that the calling goroutine computes from now until Leave, so that
// others leave a core to it.
func Enter() { working.Add(1) }

// Leave ends what Enter began.
func Leave() { working.Add(-1) }

// Parallel calls f(0) … f(n-1), each once, on the calling goroutine and on as
// many helpers as there are idle cores. Which goroutine runs which call is not
// fixed, so f must write to places that its index alone decides.
func Parallel(n int, f func(i int)) {
	helpers := borrow(n - 1)
	if helpers == 0 {
		for i := range n {
			f(i)
		}
		return
	}
	var next atomic.Int64
	work := func() {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			f(i)
		}
	}
	var wg sync.WaitGroup
	for range helpers {
		wg.Go(func() {
			defer Leave()
			work()
		})
	}
	work()
	wg.Wait()
}

// borrow takes up to most idle cores and returns how many it took.
func borrow(most int) int {
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

// blocks is the number of parts a batch is cut into. It is fixed so that the
// order in which partial sums are added does not depend on the machine.
const blocks = 8

// block returns the half-open range of the i-th of blocks equal parts of n.
func block(i, n int) (lo, hi int) { return i * n / blocks, (i + 1) * n / blocks }

// chunk is the number of entries that are worth a helper's waking: some 20 µs of
// work.
const chunk = 1 << 16

// eachChunk calls f for ranges that cover n entries, side by side if they are
// many. All but the last range are a multiple of 16 long.
func eachChunk(n int, f func(lo, hi int)) {
	Parallel((n+chunk-1)/chunk, func(i int) { f(i*chunk, min(n, (i+1)*chunk)) })
}
