package runs

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// marksOf writes a checkpoint that says name, and returns what it counts.
func marksOf(t *testing.T, run *Dir, name string) (rows Marks) {
	t.Helper()
	must(t, run.WriteCheckpoint(func(w io.Writer, at Marks) error {
		rows = at
		return content(name)(w)
	}))
	return rows
}

// By hand: the header of steps.csv has 41 bytes, a row "a,1,1,0.1,2.5,0.9\n" 18.
func TestCheckpointCountsTheRowsBeforeIt(t *testing.T) {
	run := testRun(t, t.TempDir(), "a")
	must(t, run.AppendStep(StepRow{Step: 1, Epoch: 1, LR: 0.1, TrainLoss: 2.5, TrainError: 0.9}))
	rows := marksOf(t, run, "one")
	if rows.Steps.Rows != 1 || rows.Steps.Bytes != 41+18 || rows.Epochs.Rows != 0 {
		t.Errorf("marks %+v, want 1 row of 59 bytes and none", rows)
	}
	if size := int64(len(read(t, run.Path(), StepsName))); size != rows.Steps.Bytes {
		t.Errorf("%d bytes are in the file when the checkpoint is, want %d", size, rows.Steps.Bytes)
	}
	must(t, run.AppendStep(StepRow{Step: 2}))
	marksOf(t, run, "two")
	if read(t, run.Path(), CheckpointName) != "two" || read(t, run.Path(), previousName) != "one" {
		t.Error("want the last checkpoint and the one before")
	}
	must(t, run.WriteRecord(testRecord("a")))
	if found := run.Checkpoints(); len(found) != 1 || read(t, found[0]) != "two" {
		t.Errorf("checkpoints of a run that is done: %v, want the last alone", found)
	}
}

func TestContinueCutsTheRowsBackToTheCheckpoint(t *testing.T) {
	dir := t.TempDir()
	run := testRun(t, dir, "a")
	for step := 1; step <= 3; step++ {
		must(t, run.AppendStep(StepRow{Step: step}))
	}
	rows := marksOf(t, run, "three")
	want := read(t, run.Path(), StepsName)
	must(t, run.AppendStep(StepRow{Step: 4}), run.AppendEpoch(EpochRow{Epoch: 1}))
	marksOf(t, run, "bad")
	must(t, run.Close())

	run, err := Open(dir, "a")
	must(t, err)
	defer run.Close()
	must(t, run.Continue(testRecord("a"), run.Checkpoints()[1], rows))
	if got := read(t, run.Path(), StepsName); got != want {
		t.Errorf("steps.csv is %q, want %q", got, want)
	}
	if found := run.Checkpoints(); len(found) != 1 || read(t, found[0]) != "three" {
		t.Errorf("checkpoints %v, want the one that was continued from alone: no other may outlive it", found)
	}
	must(t, run.AppendStep(StepRow{Step: 4}))
	if got := read(t, run.Path(), StepsName); got != want+"a,4,0,0,0,0\n" {
		t.Errorf("steps.csv is %q after another row", got)
	}
	record, err := ReadRecord(run.Path())
	if err != nil || record.Status != StatusRunning {
		t.Errorf("status %v, %v, want running", record.Status, err)
	}
}

// TestRowsThatACheckpointDoesNotCountAreNoBeginning changes, shortens and
// removes them.
func TestRowsThatACheckpointDoesNotCountAreNoBeginning(t *testing.T) {
	run := testRun(t, t.TempDir(), "a")
	must(t, run.AppendStep(StepRow{Step: 1}))
	rows := marksOf(t, run, "one")
	path := filepath.Join(run.Path(), StepsName)
	whole := read(t, path)
	must(t, run.Holds(rows), os.WriteFile(path, []byte(whole+"more"), 0o666), run.Holds(rows))
	for _, changed := range []string{strings.Replace(whole, "a,1", "a,2", 1), whole[:len(whole)-1], ""} {
		must(t, os.WriteFile(path, []byte(changed), 0o666))
		if err := run.Holds(rows); err == nil || !strings.Contains(err.Error(), StepsName) {
			t.Errorf("%q: error %v", changed, err)
		}
	}
	must(t, os.Remove(path))
	if err := run.Holds(rows); !os.IsNotExist(causeOf(err)) {
		t.Errorf("no file: error %v", err)
	}
}
