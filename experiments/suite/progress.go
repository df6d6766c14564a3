package suite

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/text"
)

const (
	plainEvery = 5 * time.Second // between two plain lines of a run
	firstSteps = 100             // after which the total time is estimated
)

// progress shows how far the runs have come: one live line each on a terminal, plain
// lines elsewhere, nothing if quiet.
type progress struct {
	w     io.Writer
	bars  *mpb.Progress // nil unless w is a terminal
	quiet bool
	jobs  int            // at once
	left  map[string]int // expected steps of the unfinished runs, by id

	mu    sync.Mutex
	todo  int           // steps to make in all
	steps int           // steps made in all
	start time.Duration // of the first step's training, on the clock of this process
}

func newProgress(w io.Writer, quiet bool, left map[string]int, jobs int) *progress {
	p := &progress{w: w, quiet: quiet, left: left, jobs: min(jobs, len(left))}
	for _, steps := range left {
		p.todo += steps
	}
	if f, ok := w.(*os.File); ok && !quiet && term.IsTerminal(int(f.Fd())) {
		p.bars = mpb.New(mpb.WithOutput(f), mpb.WithAutoRefresh())
		p.w = p.bars
	}
	return p
}

func (p *progress) close() {
	if p.bars != nil {
		p.bars.Shutdown() // Wait would wait for the line of a run that was refused, which has not ended
	}
}

// note prints a message above the live lines, unless quiet.
func (p *progress) note(format string, args ...any) {
	if !p.quiet {
		p.warn(format, args...)
	}
}

// warn prints a message above the live lines.
func (p *progress) warn(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.w, format+"\n", args...)
}

// counted counts a step of any run. After the first hundred it estimates the total time.
func (p *progress) counted() {
	p.mu.Lock()
	p.steps++
	first := p.steps == firstSteps && p.todo > firstSteps
	total := time.Duration(float64(now()-p.start) / firstSteps * float64(p.todo))
	p.mu.Unlock()
	if first {
		p.note("training will take about %v in total (%s, %d at a time)", round(total), text.Count(len(p.left), "run"), p.jobs)
	}
}

type progressLine struct {
	run
	p    *progress
	from int // steps made by an earlier process
	bar  *mpb.Bar

	mu      sync.Mutex
	row     runs.StepRow
	loss    float64 // smoothed
	err     float64 // smoothed
	images  int
	start   time.Duration // on the clock of this process, as since
	since   time.Duration // when the current step began
	trained time.Duration // in steps, without evaluation and pauses
	shown   time.Time     // the last plain line
	status  runs.Status
}

func (p *progress) line(r run) *progressLine {
	l := &progressLine{run: r, p: p, start: now(), loss: math.NaN()}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.start == 0 {
		p.start = l.start
	}
	if p.bars != nil {
		l.bar = p.bars.New(int64(max(1, l.steps())), mpb.NopStyle(), mpb.PrependDecorators(decor.Any(func(s decor.Statistics) string {
			return l.text(s.AvailableWidth - 2) // mpb puts a space at either end
		})))
	}
	return l
}

// resumed tells the line how many steps the run had made before.
func (l *progressLine) resumed(steps int) {
	l.mu.Lock()
	l.from, l.row.Step = steps, steps
	l.mu.Unlock()
	l.p.mu.Lock()
	defer l.p.mu.Unlock()
	l.p.todo += l.steps() - steps - l.p.left[l.ID]
}

// ready tells the line that the next step begins now, so evaluation does not count.
func (l *progressLine) ready() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.since = now()
}

func (l *progressLine) stepped(row runs.StepRow, n int) {
	l.mu.Lock()
	l.row = row
	l.images += n
	at := now()
	l.trained, l.since = l.trained+at-l.since, at
	if math.IsNaN(l.loss) {
		l.loss, l.err = row.TrainLoss, row.TrainError
	}
	l.loss += 0.05 * (row.TrainLoss - l.loss)
	l.err += 0.05 * (row.TrainError - l.err)
	plain := l.bar == nil && time.Since(l.shown) >= plainEvery
	if plain {
		l.shown = time.Now()
	}
	l.mu.Unlock()
	if plain {
		l.p.note("%s", l.text(math.MaxInt))
	}
	if l.bar != nil {
		l.bar.IncrBy(1)
	}
	l.p.counted()
}

// scored prints the accuracies after an epoch if lines are plain.
func (l *progressLine) scored(row runs.EpochRow) {
	if l.bar == nil {
		l.p.note("%s  epoch %d: train accuracy %.2f %%, val accuracy %.2f %%", l.name(), row.Epoch, 100*row.TrainAccuracy, 100*row.ValAccuracy)
	}
}

// ended ends the line with the run's status.
func (l *progressLine) ended(status runs.Status) {
	l.mu.Lock()
	l.status = status
	l.mu.Unlock()
	if l.bar != nil {
		l.bar.EnableTriggerComplete()
		l.bar.Abort(false)
		l.bar.Wait()
		return
	}
	l.p.note("%s", l.text(math.MaxInt))
}

// text returns the line, cut to the most important parts that fit in width columns.
func (l *progressLine) text(width int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	parts := []string{l.name(), fmt.Sprintf("step %d/%d", l.row.Step, l.steps())}
	if l.images > 0 {
		parts = append(parts, fmt.Sprintf("loss %.4f", l.loss), fmt.Sprintf("error %.1f %%", 100*l.err),
			fmt.Sprintf("%.0f samples/s", float64(l.images)/l.trained.Seconds()))
	}
	switch {
	case l.status != "":
		parts = append(parts, string(l.status))
	case l.images == 0:
	case l.row.Step < l.steps():
		per := (now() - l.start) / time.Duration(l.row.Step-l.from)
		parts = append(parts, fmt.Sprintf("ETA %v", round(per*time.Duration(l.steps()-l.row.Step))))
	default:
		parts = append(parts, "scoring")
	}
	for len(parts) > 1 && text.Width(strings.Join(parts, "  ")) > width {
		parts = parts[:len(parts)-1]
	}
	return runewidth.Truncate(strings.Join(parts, "  "), width, "…")
}

func round(d time.Duration) time.Duration {
	switch {
	case d < 10*time.Second:
		return d.Round(100 * time.Millisecond)
	case d < 10*time.Minute:
		return d.Round(time.Second)
	}
	return d.Round(time.Minute)
}
