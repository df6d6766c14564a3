package experiments

import (
	"bytes"
	"strings"
	"testing"

	"cnnlab/experiments/report"
)

func TestProgressFitsNarrowTerminals(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, false, 1000, 1, 1)
	l := p.line(run{ID: "lr0.01-s1-0123abcd", Config: Config{Epochs: 1, TrainImages: 1000, Batch: 1}})
	l.stepped(report.StepRow{Step: 1, TrainLoss: 2.3, TrainError: 0.9}, 1)
	for _, width := range []int{200, 60, 40, 20, 10, 1} {
		if text := l.text(width); len([]rune(text)) > width || text == "" {
			t.Errorf("%d columns: %q", width, text)
		}
	}
	for range firstSteps {
		l.stepped(report.StepRow{Step: 2, TrainLoss: 2.3, TrainError: 0.9}, 1)
	}
	l.ended(report.StatusDone)
	for _, want := range []string{"step 1/1000  loss 2.3000  error 90.0 %", "samples/s", "ETA", "training takes about", "done"} {
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
	l := newProgress(&out, false, 6, 1, 1).line(run{ID: "lr0.01-s1-0123abcd", Config: Config{Epochs: 6, TrainImages: 1, Batch: 1}})
	l.continued(6)
	l.ended(report.StatusDone)
	if got := out.String(); got != "lr0.01-s1  step 6/6  done\n" {
		t.Errorf("%q", got)
	}
}
