//go:build !unix

package main

import "os"

// checkpointSignals returns nil: this system has no such signals.
func checkpointSignals() <-chan os.Signal { return nil }
