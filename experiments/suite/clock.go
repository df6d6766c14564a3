package suite

import (
	"sync"
	"time"
)

const (
	beatEvery = 400 * time.Millisecond // between two readings of a clock that runs
	pauseFrom = time.Second            // a shorter gap between two readings is no pause
)

// clock measures the time in which the process is not stopped, as by Ctrl-Z. A stop shows
// as a gap between two readings in which the process used hardly any processor time; a
// machine that is too busy to take a reading uses much.
type clock struct {
	read func() (wall, cpu time.Duration)

	mu        sync.Mutex
	wall, cpu time.Duration // at the last reading
	paused    time.Duration // in all
}

// now returns the time since the clock started, without pauses.
func (c *clock) now() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	wall, cpu := c.read()
	if gap := wall - c.wall; gap >= pauseFrom && cpu-c.cpu < gap/2 {
		c.paused += gap
	}
	c.wall, c.cpu = wall, cpu
	return wall - c.paused
}

// beat reads the clock again and again, so that a gap has no other cause than a pause.
func (c *clock) beat() {
	for range time.Tick(beatEvery) {
		c.now()
	}
}

// processClock is the clock of this process. It runs from its first use.
var processClock = sync.OnceValue(func() *clock {
	start := time.Now()
	c := &clock{read: func() (wall, cpu time.Duration) { return time.Since(start), processorTime(time.Since(start)) }}
	_, c.cpu = c.read()
	go c.beat()
	return c
})

// now returns the time on the clock of this process.
func now() time.Duration { return processClock().now() }
