package experiments

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"cnnlab/experiments/report"
)

// progressLine is the line of one run.
type progressLine struct {
	p     *progress
	name  string // of the run
	total int    // steps
	from  int    // steps made by an earlier process
	bar   *mpb.Bar

	mu      sync.Mutex
	row     report.StepRow
	loss    float64 // smoothed
	err     float64 // smoothed
	images  int
	start   time.Time
	since   time.Time     // when the step under way began
	trained time.Duration // in steps, evaluation left out
	shown   time.Time     // the last plain line
	status  report.Status
}

// name is the run's id without the hash.
func (r run) name() string { return r.ID[:strings.LastIndexByte(r.ID, '-')] }

// line starts the line of a run.
func (p *progress) line(r run) *progressLine {
	now := time.Now()
	l := &progressLine{p: p, name: r.name(), total: r.steps(), start: now, loss: math.NaN()}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.start.IsZero() {
		p.start = now
	}
	if p.bars != nil {
		l.bar = p.bars.New(int64(max(1, l.total)), mpb.NopStyle(), mpb.PrependDecorators(decor.Any(func(s decor.Statistics) string {
			return l.text(s.AvailableWidth - 2) // mpb puts a space at either end
		})))
	}
	return l
}

// continued tells the line that so many steps are made already.
func (l *progressLine) continued(steps int) {
	l.mu.Lock()
	l.from, l.row.Step = steps, steps
	l.mu.Unlock()
	l.p.mu.Lock()
	defer l.p.mu.Unlock()
	l.p.todo -= steps
}

// resumed tells the line that steps follow, after evaluation or nothing.
func (l *progressLine) resumed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.since = time.Now()
}

// stepped counts a step of n images.
func (l *progressLine) stepped(row report.StepRow, n int) {
	l.mu.Lock()
	l.row = row
	l.images += n
	l.trained += time.Since(l.since)
	l.since = time.Now()
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

// counted counts a step of any run; after the first hundred it tells how long
// all will take.
func (p *progress) counted() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.steps++; p.steps != firstSteps || p.todo <= firstSteps {
		return
	}
	total := time.Duration(float64(time.Since(p.start)) / firstSteps * float64(p.todo))
	p.say("training takes about %v in all (%s, %d at a time)", round(total), count(p.runs, "run"), p.jobs)
}

// scored says how good the network is after an epoch, where lines are plain.
func (l *progressLine) scored(row report.EpochRow) {
	if l.bar == nil {
		l.p.note("%s  epoch %d: train accuracy %.2f %%, val accuracy %.2f %%", l.name, row.Epoch, 100*row.TrainAccuracy, 100*row.ValAccuracy)
	}
}

// ended ends the line with the run's status.
func (l *progressLine) ended(status report.Status) {
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

// text is the line, cut to what is most worth knowing in so many columns.
func (l *progressLine) text(width int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	parts := []string{l.name, fmt.Sprintf("step %d/%d", l.row.Step, l.total)}
	if l.images > 0 {
		parts = append(parts, fmt.Sprintf("loss %.4f", l.loss), fmt.Sprintf("error %.1f %%", 100*l.err))
		parts = append(parts, fmt.Sprintf("%.0f samples/s", float64(l.images)/l.trained.Seconds()))
		switch {
		case l.status != "":
		case l.row.Step < l.total:
			per := time.Since(l.start) / time.Duration(l.row.Step-l.from)
			parts = append(parts, fmt.Sprintf("ETA %v", round(per*time.Duration(l.total-l.row.Step))))
		default:
			parts = append(parts, "scoring")
		}
	}
	if l.status != "" {
		parts = append(parts, string(l.status))
	}
	for len(parts) > 1 && runewidth.StringWidth(strings.Join(parts, "  ")) > width {
		parts = parts[:len(parts)-1]
	}
	return runewidth.Truncate(strings.Join(parts, "  "), width, "…")
}

// round rounds a duration to what a person wants to know.
func round(d time.Duration) time.Duration {
	switch {
	case d < 10*time.Second:
		return d.Round(100 * time.Millisecond)
	case d < 10*time.Minute:
		return d.Round(time.Second)
	}
	return d.Round(time.Minute)
}
