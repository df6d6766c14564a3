//go:build !unix

package suite

import "time"

// processorTime returns wall: no terminal of this system stops a process, so nothing is
// taken for a pause.
func processorTime(wall time.Duration) time.Duration { return wall }
