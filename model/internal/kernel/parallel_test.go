package kernel

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestParallelCallsEachOnce(t *testing.T) {
	for _, cores := range []int{1, 2, 3, 8} {
		withCores(cores, func() {
			for n := range 40 {
				calls := make([]atomic.Int32, n)
				parallel(n, func(i int) { calls[i].Add(1) })
				for i := range calls {
					if got := calls[i].Load(); got != 1 {
						t.Errorf("%d cores: call %d of %d was made %d times", cores, i, n, got)
					}
				}
			}
		})
	}
}

// TestParallelHandsAPanicToItsCaller panics in each call, which is on a helper
// for some, and needs the helpers at work again afterwards.
func TestParallelHandsAPanicToItsCaller(t *testing.T) {
	withCores(3, func() {
		for bad := range 9 {
			said := func() (p any) {
				defer func() { p = recover() }()
				parallel(9, func(i int) {
					time.Sleep(time.Millisecond) // for all to take a share
					if i == bad {
						panic("call failed")
					}
				})
				return nil
			}()
			if !strings.Contains(fmt.Sprint(said), "call failed") {
				t.Errorf("panic %v of call %d, want its own", said, bad)
			}
			if working.Load() != 0 {
				t.Errorf("%d goroutines are counted as working, want none", working.Load())
			}
		}
	})
}

// TestParallelFromManyGoroutines has callers that outnumber the cores and that
// call from within calls.
func TestParallelFromManyGoroutines(t *testing.T) {
	withCores(4, func() {
		var callers sync.WaitGroup
		var total atomic.Int64
		for range 6 {
			callers.Go(func() {
				Enter()
				defer Leave()
				for range 50 {
					parallel(5, func(int) { parallel(3, func(int) { total.Add(1) }) })
				}
			})
		}
		callers.Wait()
		if got := total.Load(); got != 6*50*5*3 {
			t.Errorf("%d calls, want %d", got, 6*50*5*3)
		}
		if working.Load() != 0 {
			t.Errorf("%d goroutines are counted as working, want none", working.Load())
		}
	})
}

// TestParallelUsesOtherCores needs two calls to be under way at the same time.
func TestParallelUsesOtherCores(t *testing.T) {
	withCores(2, func() {
		first, second := make(chan bool), make(chan bool)
		parallel(2, func(i int) {
			here, there := first, second
			if i == 1 {
				here, there = second, first
			}
			go func() { here <- true }()
			select {
			case <-there:
			case <-time.After(10 * time.Second):
				t.Error("one call waited for the other, in vain")
			}
		})
	})
}

func TestParallelLeavesCoresToOtherCallers(t *testing.T) {
	withCores(2, func() {
		Enter()
		Enter() // another training
		defer Leave()
		defer Leave()
		if n := borrow(7); n != 0 {
			t.Errorf("borrowed %d cores of two that are taken", n)
			working.Add(int64(-n))
		}
	})
}

func withCores(n int, f func()) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n))
	f()
}
