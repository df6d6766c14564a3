package suite

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"cnnlab/data/durable/durabletest"
	"cnnlab/experiments/report/runs"
)

// TestARunInOtherHandsIsLeftToThem has one of two runs locked and begun.
func TestARunInOtherHandsIsLeftToThem(t *testing.T) {
	s := small(t, Options{Rates: []float64{0.01, 0.02}})
	held, err := runs.Open(s.dir, s.plan[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if err := held.Begin(s.record(s.plan[0])); err != nil {
		t.Fatal(err)
	}
	if err := held.AppendStep(runs.StepRow{Step: 1}); err != nil {
		t.Fatal(err)
	}
	var said, shown bytes.Buffer
	s.stderr, s.opts.Quiet = &said, false
	statuses, err := s.train(context.Background(), s.plan)
	if err != nil || statuses[0] != runs.StatusRunning || statuses[1] != runs.StatusDone {
		t.Fatal(statuses, err)
	}
	if want := "skipping " + s.plan[0].ID + ": another process is training it"; !strings.Contains(said.String(), want) {
		t.Errorf("no %q in\n%s", want, &said)
	}
	if _, err := s.report(context.Background(), &shown); err != nil {
		t.Fatal(err)
	}
	rows, err := runs.ReadRuns(filepath.Join(s.opts.Out, "runs.csv"))
	if err != nil || len(rows) != 2 || rows[0].Status != runs.StatusRunning || !strings.Contains(shown.String(), "running") {
		t.Errorf("the other's run is not shown as running: %v, %v\n%s", rows, err, &shown)
	}
	if err := verdict(context.Background(), statuses); err != nil {
		t.Errorf("verdict %v, want none", err)
	}
	if err := held.Close(); err != nil { // as if it had died
		t.Fatal(err)
	}
	s.stderr = io.Discard
	if files := s.finish(t); !strings.Contains(files["runs.csv"], "done") || strings.Contains(files["runs.csv"], "running") {
		t.Errorf("the run of the dead is not taken over:\n%s", files["runs.csv"])
	}
	durabletest.Survived(t, "run locked by a live process, then by a dead one", 2)
}
