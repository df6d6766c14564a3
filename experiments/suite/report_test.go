package suite

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pkg/errors"

	"cnnlab/data"
	"cnnlab/data/durable"
	"cnnlab/data/durable/durabletest"
	"cnnlab/experiments/outcome"
	"cnnlab/experiments/report/runs"
	"cnnlab/model"
)

// TestTwoReportsAreNeverMixed has a second command finish while the first one still
// draws: it waits, and then every file is the second one's.
func TestTwoReportsAreNeverMixed(t *testing.T) {
	first := small(t, Options{Rates: []float64{0.01, 0.02}})
	first.trained(t)
	second := smallAt(Options{Rates: []float64{0.05}, Out: first.opts.Out})
	second.trained(t)

	drawing, goOn, done := make(chan bool), make(chan bool), make(chan error, 2)
	report := first.Report
	first.Report = func(o *outcome.Outcome) outcome.Page {
		close(drawing)
		<-goOn
		return report(o)
	}
	go func() { _, err := first.report(context.Background(), io.Discard); done <- err }()
	<-drawing
	go func() { _, err := second.report(context.Background(), io.Discard); done <- err }()
	time.Sleep(300 * time.Millisecond) // in which the second would have written
	rows, err := runs.ReadRuns(filepath.Join(first.dir, runs.RunsName))
	if err != nil || len(rows) != 2 {
		t.Errorf("%d runs merged while the first command draws, want its 2; %v", len(rows), err)
	}
	close(goOn)
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	files := second.files(t)
	if !strings.Contains(files["summary.md"], "| 0.05 |") && !strings.Contains(files["summary.md"], "**0.05**") || strings.Contains(files["summary.md"], "0.02") ||
		!strings.Contains(files["chosen.json"], `"lr": 0.05`) || strings.Contains(files["steps.csv"], "lr0.02") {
		t.Errorf("the files of two commands are mixed:\n%s\n%s", files["summary.md"], files["chosen.json"])
	}
	durabletest.Survived(t, "two commands that report at once into one directory", 2)
}

// TestWaitingForALockEndsWithTheContext and says what it waits for.
func TestWaitingForALockEndsWithTheContext(t *testing.T) {
	s := small(t, Options{Rates: []float64{0.01}})
	s.trained(t)
	held, err := durable.Acquire(t.Context(), s.dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	stopped := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(lockNotice+300*time.Millisecond, func() { cancel(stopped) })
	var stderr bytes.Buffer
	s.stderr = &stderr
	if _, err := s.report(ctx, io.Discard); !errors.Is(err, stopped) {
		t.Errorf("error %v, want the cause of the context's end", err)
	}
	if want := "waiting for another process that is writing its report into " + s.dir; !strings.Contains(stderr.String(), want) {
		t.Errorf("stderr %q, want %q", &stderr, want)
	}
}

// TestASignalDuringTheReportOfFinishedRunsChangesNothing: all was trained and
// written, so there is nothing to continue.
func TestASignalDuringTheReportOfFinishedRunsChangesNothing(t *testing.T) {
	stopped := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stopped)
	for _, c := range []struct {
		statuses []runs.Status
		want     error
	}{
		{[]runs.Status{runs.StatusDone, runs.StatusDiverged}, nil},
		{[]runs.Status{runs.StatusDone, runs.StatusRunning}, nil}, // another process trains it
		{[]runs.Status{runs.StatusDone, runs.StatusInterrupted}, stopped},
	} {
		if err := verdict(ctx, c.statuses); err != c.want {
			t.Errorf("%v: %v, want %v", c.statuses, err, c.want)
		}
	}
	s := small(t, Options{Rates: []float64{0.01}})
	s.trained(t)
	if _, err := s.report(ctx, io.Discard); err != nil {
		t.Errorf("report: %v", err)
	}
}

// TestAFailingSetUpKeepsTheCheckpoints: an upgrade that breaks it costs no training.
func TestAFailingSetUpKeepsTheCheckpoints(t *testing.T) {
	want := oneRun(t).trained(t)
	s := oneRun(t)
	s.stopAfter(t, 17)
	dir := runs.Path(s.dir, s.plan[0].ID)
	broken := errors.New("no such layer")
	s.Build = func(Config, *data.Dataset) (*model.Trainer, error) { return nil, broken }
	statuses, err := s.train(context.Background(), s.plan)
	if !errors.Is(err, broken) || statuses[0] != runs.StatusFailed {
		t.Fatal(statuses, err)
	}
	record, err := runs.ReadRecord(dir)
	if err != nil || record.Status != runs.StatusFailed || record.Failure == nil || !strings.Contains(record.Failure.Reason, broken.Error()) {
		t.Errorf("record %+v, %v", record, err)
	}
	for _, name := range []string{last, previous} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	s.Build = buildSmall
	var said bytes.Buffer
	s.stderr, s.opts.Quiet = &said, false
	wantFiles(t, "continued after a set-up that failed", want, s.trained(t))
	if !strings.Contains(said.String(), "continues after step 17") {
		t.Errorf("it starts over:\n%s", &said)
	}
	durabletest.Survived(t, "set-up that fails", 1)
}

// TestTheReportIsOfWhatWasMerged though runs.csv cannot be replaced and stays as it
// was.
func TestTheReportIsOfWhatWasMerged(t *testing.T) {
	before := small(t, Options{Rates: []float64{0.01, 0.05}})
	before.finish(t)
	path := filepath.Join(before.dir, runs.RunsName)
	if out, err := exec.Command("chattr", "+i", path).CombinedOutput(); err != nil {
		t.Skipf("needs root and a file system with chattr: %v %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("chattr", "-i", path).Run() })
	var stdout, stderr bytes.Buffer
	s := smallAt(Options{Rates: []float64{0.02}, Out: before.opts.Out})
	s.stderr = &stderr
	s.trained(t)
	page, err := s.report(context.Background(), &stdout)
	if err != nil || len(page.Table.Rows) != 1 || page.Table.Rows[0][0] != "0.02" {
		t.Fatalf("report of %+v, %v; want the run of 0.02", page.Table.Rows, err)
	}
	if said := stderr.String(); !strings.Contains(said, "runs.new1.csv") || strings.Contains(said, "left out") {
		t.Errorf("stderr %q, want where the file is, and nothing left out", said)
	}
	if list := stdout.String(); !strings.Contains(list, filepath.Join(s.dir, "runs.new1.csv")) || strings.Contains(list, path) {
		t.Errorf("written: %q", list)
	}
}
