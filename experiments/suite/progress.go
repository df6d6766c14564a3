package suite

import (
	"fmt"
	"io"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/text"
)

const (
	plainEvery = 5 * time.Second // between two plain lines of a run
	firstSteps = 100             // after which the total time is estimated
	forward    = 1. / 3          // what scoring an image costs at least, of what training on it does
)

// progress shows how far the runs have come: one live line each on a terminal, plain
// lines elsewhere and on a dumb terminal, nothing if quiet.
type progress struct {
	w     io.Writer
	bars  *mpb.Progress // nil unless w is a terminal
	quiet bool
	jobs  int             // at once
	score scoring         // what each run scores
	left  map[string]work // of the unfinished runs, by id

	mu      sync.Mutex
	todo    work          // in all
	steps   int           // made in all
	images  int           // trained on in all
	trained time.Duration // in all, each run by itself
	lines   map[string]*progressLine

	scored     atomic.Int64 // images after the epochs so far
	scoredTime atomic.Int64 // time.Duration
}

// work is what remains of a run.
type work struct{ steps, images int } // to make, to score

// scoring says how many images a run scores after each epoch and at its end.
type scoring struct{ epoch, test int }

// after returns what remains of a run with that many steps left.
func (s scoring) after(r run, steps int) work {
	epochs := (steps + r.stepsPerEpoch() - 1) / r.stepsPerEpoch()
	if r.Config.Epochs == 0 {
		epochs = 1
	}
	return work{steps, r.views() * (epochs*s.epoch + s.test)}
}

// views returns how often the run scores each image.
func (r run) views() int {
	if r.Config.TTA {
		return 2
	}
	return 1
}

func newProgress(w io.Writer, quiet bool, jobs int, score scoring) *progress {
	p := &progress{w: w, quiet: quiet, jobs: jobs, score: score, left: make(map[string]work), lines: make(map[string]*progressLine)}
	if f := text.Terminal(w); f != nil && !quiet {
		p.bars = mpb.New(mpb.WithOutput(f), mpb.WithAutoRefresh())
		p.w = p.bars
	}
	return p
}

// expect adds a run with that many steps left.
func (p *progress) expect(r run, steps int) {
	p.left[r.ID] = p.score.after(r, steps)
	p.todo.steps += p.left[r.ID].steps
	p.todo.images += p.left[r.ID].images
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
func (p *progress) counted(images int, took time.Duration) {
	p.mu.Lock()
	p.steps++
	p.images += images
	p.trained += took
	if p.steps != firstSteps || p.todo.steps <= firstSteps {
		p.mu.Unlock()
		return
	}
	jobs := max(1, min(p.jobs, len(p.left)))
	total, about := p.estimate(p.todo, p.steps, p.images, p.trained)
	p.mu.Unlock()
	p.note("training and scoring will take %s %v in total (%s, %d at a time)", about, round(total/time.Duration(jobs)), text.Count(len(p.left), "run"), jobs)
}

// estimate returns how long the work takes one run at a time, from the steps made and the
// images scored so far. Before the first are scored it is only a lower bound.
func (p *progress) estimate(w work, steps, images int, trained time.Duration) (total time.Duration, about string) {
	perImage, about := forward*float64(trained)/float64(images), "at least"
	if scored := p.scored.Load(); scored > 0 {
		perImage, about = float64(p.scoredTime.Load())/float64(scored), "about"
	}
	return time.Duration(float64(trained)/float64(steps)*float64(w.steps) + perImage*float64(w.images)), about
}

// reached returns the last step of a run; ok is false if it was not trained.
func (p *progress) reached(r run) (step int, ok bool) {
	p.mu.Lock()
	l := p.lines[r.ID]
	p.mu.Unlock()
	if l == nil {
		return 0, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.row.Step, l.row.Step > 0
}

type progressLine struct {
	run
	p   *progress
	bar *mpb.Bar

	mu      sync.Mutex
	row     runs.StepRow
	loss    float64 // smoothed
	err     float64 // smoothed
	made    int     // steps made by this process
	images  int
	since   time.Duration // when the current step began, on the clock of this process
	trained time.Duration // in steps, without evaluation and pauses
	shown   time.Time     // the last plain line
	status  runs.Status
}

func (p *progress) line(r run) *progressLine {
	l := &progressLine{run: r, p: p, loss: math.NaN()}
	p.mu.Lock()
	p.lines[r.ID] = l
	p.mu.Unlock()
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
	l.row.Step = steps
	l.mu.Unlock()
	l.p.mu.Lock()
	defer l.p.mu.Unlock()
	left := l.p.score.after(l.run, l.steps()-steps)
	l.p.todo.steps += left.steps - l.p.left[l.ID].steps
	l.p.todo.images += left.images - l.p.left[l.ID].images
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
	l.made++
	l.images += n
	at := now()
	took := at - l.since
	l.trained += took
	l.since = at
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
	l.p.counted(n, took)
}

// scored measures the scoring after an epoch, which began when the last step ended, and
// prints the accuracies if lines are plain.
func (l *progressLine) scored(row runs.EpochRow) {
	l.mu.Lock()
	if l.since != 0 { // some step was made
		l.p.scoredTime.Add(int64(now() - l.since))
		l.p.scored.Add(int64(l.views() * l.p.score.epoch))
	}
	l.mu.Unlock()
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
		left, about := l.p.estimate(l.p.score.after(l.run, l.steps()-l.row.Step), l.made, l.images, l.trained)
		parts = append(parts, fmt.Sprintf("ETA %s%v", strings.TrimPrefix(about+" ", "about "), round(left)))
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
