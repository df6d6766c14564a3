package runs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cnnlab/data/durable"
	"cnnlab/data/durable/durabletest"

	"github.com/google/go-cmp/cmp"
)

func TestMergeHoldsExactlyTheRunsOfThePlanInItsOrder(t *testing.T) {
	dir := t.TempDir()
	for i, id := range []string{"c", "a", "b", "other"} {
		finishedRun(t, dir, id, i+1)
	}
	_, warnings, err := Merge(dir, []string{"c", "a", "b"})
	if err != nil || warnings != nil {
		t.Fatal(warnings, err)
	}
	steps, err := readSteps(filepath.Join(dir, StepsName))
	must(t, err)
	var got []string
	for _, row := range steps {
		got = append(got, fmt.Sprint(row.Run, row.Step))
	}
	if diff := cmp.Diff([]string{"c1", "a1", "a2", "b1", "b2", "b3"}, got); diff != "" {
		t.Error(diff)
	}
	epochs, err := ReadEpochs(filepath.Join(dir, EpochsName))
	if err != nil || len(epochs) != 6 {
		t.Errorf("%d epochs, error %v, want 6", len(epochs), err)
	}
	runs, err := ReadRuns(filepath.Join(dir, RunsName))
	want := []RunRow{testRecord("c").Row(), testRecord("a").Row(), testRecord("b").Row()}
	if diff := cmp.Diff(want, runs); diff != "" || err != nil {
		t.Error(diff, err)
	}
	before := read(t, dir, StepsName)
	_, _, err = Merge(dir, []string{"c", "a", "b"})
	must(t, err)
	if read(t, dir, StepsName) != before {
		t.Error("merging twice changed steps.csv")
	}
}

func TestMergeLeavesOutTornLastLine(t *testing.T) {
	dir := t.TempDir()
	run := testRun(t, dir, "a")
	must(t, run.AppendStep(StepRow{Step: 1, TrainLoss: 2.5}))
	path := filepath.Join(run.Path(), StepsName)
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteString("a,2,1,0.1,2.4,0.8") // of ,0.87\n: readable, and wrong
	must(t, err)
	must(t, f.Close())
	_, warnings, err := Merge(dir, []string{"a", "later"})
	if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0].Reason, "not started") {
		t.Errorf("warnings %v, error %v, want one of the run not started", warnings, err)
	}
	rows, err := readSteps(filepath.Join(dir, StepsName))
	if err != nil || len(rows) != 1 {
		t.Errorf("%d rows, error %v, want 1", len(rows), err)
	}
	runs, err := ReadRuns(filepath.Join(dir, RunsName))
	if err != nil || len(runs) != 1 || runs[0].Status != StatusRunning {
		t.Errorf("runs %v, error %v, want one that is running", runs, err)
	}
	must(t, run.Close()) // as its process dies: run.json still says running
	_, _, err = Merge(dir, []string{"a"})
	must(t, err)
	runs, err = ReadRuns(filepath.Join(dir, RunsName))
	if err != nil || len(runs) != 1 || runs[0].Status != StatusInterrupted {
		t.Errorf("runs %v, error %v, want one that was interrupted", runs, err)
	}
}

func TestMergeLeavesOutWhatIsCorruptAndSaysWhy(t *testing.T) {
	for name, fault := range map[string]struct{ file, content, want string }{
		"foreign header": {StepsName, "time,value\n1,2\n", "no column run"},
		"short row":      {StepsName, header[StepRow]() + "bad,1,1\n", "found 3 columns"},
		"other run":      {StepsName, header[StepRow]() + "good,1,1,1,1,1\n", `a row of run "good"`},
		"bad number":     {EpochsName, header[EpochRow]() + "bad,1,1,1,1,1,1,x,1\n", "column val_accuracy"},
		"corrupt record": {recordName, "{", "not the record of a run"},
	} {
		dir := t.TempDir()
		finishedRun(t, dir, "good", 4)
		finishedRun(t, dir, "bad", 4)
		forgetFiles(t, dir, "bad")
		must(t, os.WriteFile(filepath.Join(Path(dir, "bad"), fault.file), []byte(fault.content), 0o666))
		_, warnings, err := Merge(dir, []string{"bad", "good"})
		if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0].String(), fault.want) {
			t.Errorf("%s: warnings %v, error %v, want %q", name, warnings, err, fault.want)
		}
		rows, err := readSteps(filepath.Join(dir, StepsName))
		if err != nil || len(rows) < 4 || rows[len(rows)-1].Run != "good" {
			t.Errorf("%s: %d rows, error %v, want the good ones", name, len(rows), err)
		}
	}
	durabletest.Survived(t, "corrupt or foreign files of a run", 5)
}

// TestAnUnfinishedRunMayLackItsRows is not warned of; what cannot be read is.
func TestAnUnfinishedRunMayLackItsRows(t *testing.T) {
	for _, test := range []struct {
		name   string
		status Status
		make   func(path string) error
		want   string // in the warning; empty: none
	}{
		{"absent", StatusInterrupted, func(string) error { return nil }, ""},
		{"empty", StatusInterrupted, func(path string) error { return os.WriteFile(path, nil, 0o666) }, ""},
		{"directory", StatusInterrupted, func(path string) error { return os.Mkdir(path, 0o777) }, "is a directory"},
		{"absent though done", StatusDone, func(string) error { return nil }, "no such file"},
	} {
		dir := t.TempDir()
		finishedRun(t, dir, "a", 1)
		record := testRecord("a")
		record.Status = test.status
		path := filepath.Join(Path(dir, "a"), StepsName)
		must(t, os.Remove(path), durable.WriteFile(durable.Disk{}, filepath.Join(Path(dir, "a"), recordName), record.write), test.make(path))
		_, warnings, err := Merge(dir, []string{"a"})
		if err != nil || len(warnings) > 1 || (len(warnings) == 1) != (test.want != "") || !strings.Contains(fmt.Sprint(warnings), test.want) {
			t.Errorf("%s: warnings %v, error %v, want %q", test.name, warnings, err, test.want)
		}
	}
}

func TestMergeWhileARunIsWritten(t *testing.T) {
	dir := t.TempDir()
	startChild(t, dir)
	last := 0
	for range 40 {
		_, warnings, err := Merge(dir, []string{"a"})
		if err != nil || warnings != nil {
			t.Fatal(warnings, err)
		}
		rows, err := readSteps(filepath.Join(dir, StepsName))
		must(t, err)
		for i, row := range rows {
			if row.Step != i+1 || row.TrainLoss != 1/float64(i+1) {
				t.Fatalf("row %d is %v: no prefix of the run", i+1, row)
			}
		}
		if len(rows) < last {
			t.Fatalf("%d rows after %d", len(rows), last)
		}
		last = len(rows)
	}
	if last < 100 {
		t.Errorf("%d rows, want the 100 flushed at least", last)
	}
	durabletest.Survived(t, "merge while a run is written", 40)
}

// locked merges as callers do.
func locked(t *testing.T, dir string, merge func() error) {
	lock, err := durable.Acquire(t.Context(), dir, time.Minute)
	if err != nil {
		t.Error(err)
		return
	}
	if err := merge(); err != nil {
		t.Error(err)
	}
	if err := lock.Release(); err != nil {
		t.Error(err)
	}
}

func TestManyMergersLoseNoRun(t *testing.T) {
	const n = 16
	results := t.TempDir()
	dir := filepath.Join(results, "lr-sweep")
	var ids []string
	for i := range n {
		ids = append(ids, fmt.Sprintf("run%02d", i))
	}
	var group sync.WaitGroup
	for _, id := range ids {
		group.Go(func() { // each trains its run, then merges all there are
			finishedRun(t, dir, id, 3)
			locked(t, dir, func() error { _, _, err := Merge(dir, ids); return err })
			locked(t, results, func() error { _, err := MergeAll(results); return err })
		})
	}
	group.Wait()
	rows, err := readSteps(filepath.Join(dir, StepsName))
	if err != nil || len(rows) != 3*n {
		t.Errorf("%d steps, error %v, want %d", len(rows), err, 3*n)
	}
	runs, err := ReadRuns(filepath.Join(results, RunsName))
	if err != nil || len(runs) != n {
		t.Errorf("%d runs, error %v, want %d", len(runs), err, n)
	}
	durabletest.Survived(t, "processes that merge at once", n)
}

func TestFileInPlaceOfADirectoryIsReported(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "runs"), nil, 0o666))
	if _, err := Open(dir, "a"); err == nil || !strings.Contains(err.Error(), filepath.Join(dir, "runs")) {
		t.Errorf("error %v, want one that names the file", err)
	}
	if _, _, err := Merge(filepath.Join(dir, "absent"), nil); err == nil {
		t.Error("merged into a directory that there is not")
	}
}

func TestMergeAllTakesEveryRunThereIs(t *testing.T) {
	results := t.TempDir()
	finishedRun(t, filepath.Join(results, "lr-sweep"), "b", 1)
	finishedRun(t, filepath.Join(results, "lr-sweep"), "a", 1)
	finishedRun(t, filepath.Join(results, "baseline"), "c", 1)
	finishedRun(t, filepath.Join(results, "[odd"), "d", 1)
	must(t, os.Mkdir(filepath.Join(results, "empty"), 0o777))
	must(t, os.WriteFile(filepath.Join(results, "empty", "runs"), nil, 0o666))
	corrupt := Path(filepath.Join(results, "baseline"), "corrupt")
	must(t, os.Mkdir(corrupt, 0o777))
	must(t, os.WriteFile(filepath.Join(corrupt, recordName), []byte("\x00\x00"), 0o666))
	warnings, err := MergeAll(results)
	must(t, err)
	if len(warnings) != 2 {
		t.Errorf("warnings %v, want two: the corrupt run, the file in place of a directory", warnings)
	}
	rows, err := ReadRuns(filepath.Join(results, RunsName))
	must(t, err)
	var got []string
	for _, row := range rows {
		got = append(got, row.Run)
	}
	if diff := cmp.Diff([]string{"d", "c", "a", "b"}, got); diff != "" {
		t.Error(diff)
	}
}
