package data

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// progress tells how far a download is: on a terminal by one line, rewritten ten
// times a second, elsewhere by a plain line every five seconds. What cannot be
// written is lost; a download does not fail for it.
type progress struct {
	out      io.Writer
	name     string
	total    int64
	finished int64 // bytes of the files that are complete
	began    time.Time
	last     time.Time
	terminal bool
	columns  int
	drawn    int // columns taken by the line on the terminal
}

func newProgress(out io.Writer, name string, total int64) *progress {
	now := time.Now()
	p := &progress{out: out, name: name, total: total, began: now, last: now}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.terminal, p.columns = true, 80
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			p.columns = width
		}
	}
	return p
}

// show tells that have bytes of the current file are here, if it is time to.
func (p *progress) show(have int64) {
	pause := 5 * time.Second
	if p.terminal {
		pause = 100 * time.Millisecond
	}
	if time.Since(p.last) < pause {
		return
	}
	p.last = time.Now()
	done := p.finished + have
	line := fmt.Sprintf("%s: %d %% of %s", p.name, 100*done/max(p.total, 1), amount(p.total))
	if !p.terminal {
		fmt.Fprintln(p.out, line)
		return
	}
	line = line[:min(len(line), p.columns-1)]
	fmt.Fprintf(p.out, "\r%s%s", line, strings.Repeat(" ", max(0, p.drawn-len(line))))
	p.drawn = len(line)
}

// file counts a file as complete.
func (p *progress) file(size int64) { p.finished += size }

// say writes a line of its own.
func (p *progress) say(format string, args ...any) {
	p.erase()
	fmt.Fprintf(p.out, p.name+": "+format+"\n", args...)
}

// end closes the account with a last line; none if message is empty.
func (p *progress) end(message string) {
	p.erase()
	if message != "" {
		p.say("%s %s in %.1f s", message, amount(p.total), time.Since(p.began).Seconds())
	}
}

// erase empties the line on the terminal.
func (p *progress) erase() {
	if p.drawn > 0 {
		fmt.Fprintf(p.out, "\r%s\r", strings.Repeat(" ", p.drawn))
		p.drawn = 0
	}
}
