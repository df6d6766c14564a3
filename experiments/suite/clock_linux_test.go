package suite

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"cnnlab/experiments/report/runs"
)

// TestAStoppedTrainingCountsNoTime stops a training again and again, as Ctrl-Z does, until
// most of its time is pauses.
func TestAStoppedTrainingCountsNoTime(t *testing.T) {
	if testing.Short() {
		t.Skip("stops a process for seconds")
	}
	const pause, pauses = 1500 * time.Millisecond, 4
	job := childJob{Out: t.TempDir(), Rates: []float64{0.02}, Trial: -1, Epochs: 40}
	dir := runs.Path(job.study().dir, job.study().plan[0].ID)
	command, said := job.start(t, 1)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		rows, _ := os.ReadFile(filepath.Join(dir, runs.StepsName))
		if bytes.Count(rows, []byte("\n")) > 3 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("no step in a minute; %s", said)
		}
	}
	for range pauses {
		for _, s := range []syscall.Signal{syscall.SIGSTOP, syscall.SIGCONT} {
			if err := command.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
			if s == syscall.SIGSTOP {
				time.Sleep(pause)
			}
		}
		time.Sleep(60 * time.Millisecond)
	}
	resumed := time.Now()
	if err := command.Wait(); err != nil {
		t.Fatal(err, said)
	}
	rest := time.Since(resumed)
	record, err := runs.ReadRecord(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%.2f seconds in training, %.0f samples per second; %v after the last pause", *record.Seconds, *record.SamplesPerSecond, rest)
	if limit := pause.Seconds()/2 + rest.Seconds(); *record.Seconds > limit {
		t.Errorf("%.2f seconds in training, want no more than %.2f: the pauses count", *record.Seconds, limit)
	}
}
