package experiments

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"cnnlab/experiments/report"
)

// TestARunInOtherHandsIsLeftToThem has one of two runs locked and begun.
func TestARunInOtherHandsIsLeftToThem(t *testing.T) {
	s := small(t, Options{Rates: []float64{0.01, 0.02}})
	held, err := report.OpenRun(s.dir, s.plan[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if err := held.Begin(s.record(s.plan[0])); err != nil {
		t.Fatal(err)
	}
	if err := held.AppendSteps(report.StepRow{Step: 1}); err != nil {
		t.Fatal(err)
	}
	if err := held.Flush(); err != nil {
		t.Fatal(err)
	}
	var said, shown bytes.Buffer
	s.stderr, s.Quiet = &said, false
	statuses, err := s.train(context.Background(), s.plan)
	if err != nil || statuses[0] != report.StatusRunning || statuses[1] != report.StatusDone {
		t.Fatal(statuses, err)
	}
	if want := s.plan[0].ID + " is being trained by another process: left to it"; !strings.Contains(said.String(), want) {
		t.Errorf("no %q in\n%s", want, &said)
	}
	if _, err := s.report(&shown); err != nil {
		t.Fatal(err)
	}
	rows, err := report.ReadRuns(filepath.Join(s.Out, "runs.csv"))
	if err != nil || len(rows) != 2 || rows[0].Status != report.StatusRunning || !strings.Contains(shown.String(), "running") {
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
	survived(t, "run locked by a live process, then by a dead one", 2)
}
