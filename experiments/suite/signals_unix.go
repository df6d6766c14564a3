//go:build unix

package suite

import (
	"os"
	"os/signal"
	"syscall"
)

// CheckpointSignals receives SIGUSR1 and SIGUSR2, by which schedulers warn that the time
// is nearly up.
func CheckpointSignals() <-chan os.Signal {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1, syscall.SIGUSR2)
	return signals
}
