//go:build unix

package kernel

import (
	"syscall"
	"testing"
	"time"
)

// TestNoCoreSpinsWithoutWork measures the processor time that the process takes
// while nobody calls.
func TestNoCoreSpinsWithoutWork(t *testing.T) {
	withCores(2, func() {
		parallel(8, func(int) { time.Sleep(time.Millisecond) })
		time.Sleep(10 * time.Millisecond) // they park
		const pause = 300 * time.Millisecond
		before := processorTime(t)
		time.Sleep(pause)
		if used := processorTime(t) - before; used > pause/4 {
			t.Errorf("%v of processor time in %v without work", used, pause)
		}
	})
}

func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
