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
	p := newProgress(&out, false, map[string]int{"lr0.01-s1-0123abcd": 1000}, 1)
	l := p.line(run{ID: "lr0.01-s1-0123abcd", Config: Config{Epochs: 1, TrainImages: 1000, Batch: 1}})
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
	for _, want := range []string{"step 1/1000  loss 2.3000  error 90.0 %", "samples/s", "ETA", "training will take about", "done"} {
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
	l := newProgress(&out, false, map[string]int{"lr0.01-s1-0123abcd": 6}, 1).line(run{ID: "lr0.01-s1-0123abcd", Config: Config{Epochs: 6, TrainImages: 1, Batch: 1}})
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
	p := newProgress(io.Discard, true, map[string]int{s.plan[0].ID: 12, s.plan[1].ID: 12}, 1)
	p.line(s.plan[0]).resumed(17)
	if p.todo != 24-17+12 {
		t.Errorf("%d steps to make, want 7 and 12", p.todo)
	}
	p.line(s.plan[1]).resumed(0) // its checkpoint was bad
	if p.todo != 24-17+24 {
		t.Errorf("%d steps to make, want 7 and 24", p.todo)
	}
}

// TestALineThatNeverEndsKeepsNoTerminalWaiting, such as that of a run whose checkpoint
// is refused.
func TestALineThatNeverEndsKeepsNoTerminalWaiting(t *testing.T) {
	p := newProgress(io.Discard, false, nil, 1)
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
