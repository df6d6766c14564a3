//go:build !unix

package suite

import "os"

// CheckpointSignals returns nil: this system has no such signals.
func CheckpointSignals() <-chan os.Signal { return nil }
