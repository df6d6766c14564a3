//go:build unix

package suite

import (
	"syscall"
	"time"
)

// processorTime returns the processor time that this process has used; wall if the
// system does not tell.
func processorTime(wall time.Duration) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return wall
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
