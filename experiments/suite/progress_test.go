package suite

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/vbauerster/mpb/v8"

	"cnnlab/experiments/report/runs"
)

func TestProgressFitsNarrowTerminals(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, false, 1, scoring{})
	r := run{ID: "lr0.01-s1-0123abcd", Config: Config{Epochs: 1, TrainImages: 1000, Batch: 1}}
	p.expect(r, 1000)
	l := p.line(r)
	l.ready()
	l.stepped(runs.StepRow{Step: 1, TrainLoss: 2.3, TrainError: 0.9}, 1)
	for _, width := range []int{200, 60, 40, 20, 10, 1} {
		if text := l.text(width); len([]rune(text)) > width || text == "" {
			t.Errorf("%d columns: %q", width, text)
		}
	}
	for range firstSteps {
		l.stepped(runs.StepRow{Step: 2, TrainLoss: 2.3, TrainError: 0.9}, 1)
	}
	l.ended(runs.StatusDone)
	for _, want := range []string{"step 1/1000  loss 2.3000  error 90.0 %", "samples/s", "ETA", "training and scoring will take at least", "done"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if strings.ContainsAny(out.String(), "\x1b\r") {
		t.Error("control characters where there is no terminal")
	}
}

// TestARunThatIsContinuedAtItsEndSaysSo has no step left to make.
func TestARunThatIsContinuedAtItsEndSaysSo(t *testing.T) {
	var out bytes.Buffer
	l := newProgress(&out, false, 1, scoring{}).line(run{ID: "lr0.01-s1-0123abcd", Config: Config{Epochs: 6, TrainImages: 1, Batch: 1}})
	l.resumed(6)
	l.ended(runs.StatusDone)
	if got := out.String(); got != "lr0.01-s1  step 6/6  done\n" {
		t.Errorf("%q", got)
	}
}

// TestTheEstimateLeavesOutStepsMadeBefore, by the runs that have not begun yet: each
// of them is expected to resume after its last epoch.
func TestTheEstimateLeavesOutStepsMadeBefore(t *testing.T) {
	s := small(t, Options{Rates: []float64{0.01, 0.02}})
	for _, r := range s.plan {
		one := smallAt(Options{Out: s.opts.Out, Rates: []float64{r.Config.LR}})
		one.stopAfter(t, 17) // of 24, 12 in each epoch
	}
	for _, r := range s.plan {
		if left, ok := s.left(r); left != 12 || !ok {
			t.Errorf("%s: %d steps left, want 12 after the last epoch", r.ID, left)
		}
	}
	p := newProgress(io.Discard, true, 1, scoring{epoch: 10, test: 5})
	p.expect(s.plan[0], 12)
	p.expect(s.plan[1], 12)
	p.line(s.plan[0]).resumed(17)
	if want := (work{7 + 12, 15 + 15}); p.todo != want {
		t.Errorf("%v to do, want %v", p.todo, want)
	}
	p.line(s.plan[1]).resumed(0) // its checkpoint was bad
	if want := (work{7 + 24, 15 + 25}); p.todo != want {
		t.Errorf("%v to do, want %v", p.todo, want)
	}
}

// TestTheEstimateIncludesScoring: two epochs of ten steps, of which the first is trained,
// at 1 s a step of 10 images, with 50 images scored after each epoch and 100 at the end.
func TestTheEstimateIncludesScoring(t *testing.T) {
	r := run{ID: "lr0.01-s1-0123abcd", Config: Config{Epochs: 2, TrainImages: 100, Batch: 10}}
	p := newProgress(io.Discard, true, 1, scoring{epoch: 50, test: 100})
	l := p.line(r)
	l.row.Step, l.made, l.images, l.trained = 10, 10, 100, 10*time.Second
	if got := l.text(200); !strings.Contains(got, "ETA at least 15s") { // 10 steps, 150 images at a third of 0.1 s
		t.Errorf("before any scoring: %q", got)
	}
	l.since = now() - 100*time.Second // 2 s an image
	l.scored(runs.EpochRow{Epoch: 1})
	if got := l.text(200); !strings.Contains(got, "ETA 5m10s") { // 10 steps, 150 images
		t.Errorf("after the first epoch: %q", got)
	}
	r.Config.TTA, r.Config.Epochs = true, 0 // mirror images too, of the untrained network
	if got, want := p.score.after(r, 0), (work{0, 300}); got != want {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestALineThatNeverEndsKeepsNoTerminalWaiting, such as that of a run whose checkpoint
// is refused.
func TestALineThatNeverEndsKeepsNoTerminalWaiting(t *testing.T) {
	p := newProgress(io.Discard, false, 1, scoring{})
	p.bars = mpb.New(mpb.WithOutput(io.Discard), mpb.WithAutoRefresh())
	p.line(run{ID: "lr0.01-s1-0123abcd", Config: Config{Epochs: 6, TrainImages: 1, Batch: 1}})
	closed := make(chan struct{})
	go func() {
		p.close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(20 * time.Second):
		t.Error("the progress display does not close")
	}
}

func TestAnInterruptedCommandSaysWhatItKept(t *testing.T) {
	s := &study{progress: newProgress(io.Discard, true, 1, scoring{})}
	var plan []run
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		plan = append(plan, run{ID: name + "-0123abcd", Config: Config{Epochs: 3, TrainImages: 100, Batch: 10}})
	}
	statuses := []runs.Status{runs.StatusDone, runs.StatusInterrupted, runs.StatusRunning, runs.StatusInterrupted, runs.StatusInterrupted}
	if got, want := s.kept(plan[3:], statuses[3:]), "kept: nothing new; not reached: 2 runs"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	s.progress.line(plan[1]).resumed(10)
	s.progress.line(plan[4]).resumed(11)
	want := "kept: b up to step 10 of 30, in epoch 1 of 3; e up to step 11 of 30, in epoch 2 of 3; 1 finished run; not reached: 1 run"
	if got := s.kept(plan, statuses); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
