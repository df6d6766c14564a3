//go:build !linux && !darwin

package runs

import "os"

// cpuName is what Windows puts into the environment; empty elsewhere.
func cpuName() string { return os.Getenv("PROCESSOR_IDENTIFIER") }
