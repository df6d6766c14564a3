package experiments

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"golang.org/x/term"
)

const (
	plainEvery = 5 * time.Second // between two plain lines of a run
	firstSteps = 100             // after which the total time is estimated
)

// progress shows how far the runs are: one live line for each on a terminal,
// plain lines elsewhere, nothing if quiet.
type progress struct {
	w     io.Writer
	bars  *mpb.Progress // nil unless w is a terminal
	quiet bool
	jobs  int

	mu    sync.Mutex
	runs  int
	todo  int       // steps to make in all
	steps int       // steps made in all
	start time.Time // of the first step's training
}

func newProgress(w io.Writer, quiet bool, todo, runs, jobs int) *progress {
	p := &progress{w: w, quiet: quiet, todo: todo, runs: runs, jobs: jobs}
	if f, ok := w.(*os.File); ok && !quiet && term.IsTerminal(int(f.Fd())) {
		p.bars = mpb.New(mpb.WithOutput(f), mpb.WithAutoRefresh())
	}
	return p
}

// close waits until the last lines are drawn.
func (p *progress) close() {
	if p.bars != nil {
		p.bars.Wait()
	}
}

// note says something above the live lines.
func (p *progress) note(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.say(format, args...)
}

// warn is note, also if quiet.
func (p *progress) warn(format string, args ...any) {
	if p.quiet {
		p.mu.Lock()
		defer p.mu.Unlock()
		fmt.Fprintf(p.w, format+"\n", args...)
		return
	}
	p.note(format, args...)
}

// say is note with p.mu held.
func (p *progress) say(format string, args ...any) {
	switch {
	case p.quiet:
	case p.bars != nil:
		fmt.Fprintf(p.bars, format+"\n", args...)
	default:
		fmt.Fprintf(p.w, format+"\n", args...)
	}
}
