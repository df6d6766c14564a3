package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// signalled is the cause of a context that a signal ended.
type signalled struct{ syscall.Signal }

// Error implements error.
func (s signalled) Error() string { return s.Signal.String() }

// stopOnSignal returns a context that the first SIGINT, SIGTERM or SIGHUP ends; a second
// SIGINT or SIGTERM ends the process at once. A lost connection sends SIGHUP more than
// once, so that one never counts as the second; under nohup it does nothing. Only a
// training needs this: any other command ends at the first signal.
func stopOnSignal(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	stopping := []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		stopping = append(stopping, syscall.SIGHUP)
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, stopping...)
	go func() {
		s, _ := (<-signals).(syscall.Signal)
		fmt.Fprintln(os.Stderr, "\nstopping after this step; press Ctrl-C again to stop at once")
		cancel(signalled{s})
		for second := range signals {
			if s, _ = second.(syscall.Signal); s != syscall.SIGHUP {
				os.Exit(128 + int(s))
			}
		}
	}()
	return ctx
}
