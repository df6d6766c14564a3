package fetch

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// progress shows how far a download is: on a terminal in a live line, elsewhere in a
// plain line every five seconds. An error of writing does not stop the download.
type progress struct {
	out      io.Writer
	bars     *mpb.Progress // nil unless out is a terminal
	bar      *mpb.Bar
	name     string
	total    int64
	finished int64 // bytes of the files that are complete
	now      atomic.Int64
	began    time.Time
	last     time.Time // of a plain line
}

func newProgress(out io.Writer, name string, total int64) *progress {
	now := time.Now()
	p := &progress{out: out, name: name, total: total, began: now, last: now}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bars = mpb.New(mpb.WithOutput(f), mpb.WithAutoRefresh())
		p.bar = p.bars.New(0, mpb.NopStyle(), mpb.PrependDecorators(decor.Any(func(s decor.Statistics) string {
			line := p.line()
			return line[:min(len(line), max(0, s.AvailableWidth-2))] // mpb puts a space at either end
		})))
		p.out = p.bars
	}
	return p
}

func (p *progress) line() string {
	return fmt.Sprintf("%s: %d %% of %s", p.name, 100*p.now.Load()/max(p.total, 1), amount(p.total))
}

// show notes that have bytes of the current file are here.
func (p *progress) show(have int64) {
	p.now.Store(p.finished + have)
	if p.bars == nil && time.Since(p.last) >= 5*time.Second {
		p.last = time.Now()
		fmt.Fprintln(p.out, p.line())
	}
}

func (p *progress) say(format string, args ...any) {
	fmt.Fprintf(p.out, p.name+": "+format+"\n", args...)
}

func (p *progress) done() {
	p.say("downloaded and checked %s in %.1f s", amount(p.total), time.Since(p.began).Seconds())
}

func (p *progress) close() {
	if p.bars != nil {
		p.bar.Abort(true)
		p.bars.Wait()
	}
}
