//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// checkpointSignals receives SIGUSR1 and SIGUSR2, by which schedulers warn that the time
// is nearly up.
func checkpointSignals() <-chan os.Signal {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1, syscall.SIGUSR2)
	return signals
}
