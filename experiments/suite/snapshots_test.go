package suite

import (
	"fmt"
	"io"
	"math"
	"path/filepath"
	"testing"

	"cnnlab/data/durable"
	"cnnlab/experiments/report/runs"
)

// TestSnapshotsAreOfTheNetworkThatIsScored compares each epoch's snapshot with its
// accuracy on val, and the last with the weights.
func TestSnapshotsAreOfTheNetworkThatIsScored(t *testing.T) {
	ema := func(c *Config) { c.EMA = 0.9 }
	plain, s := oneRun(t, ema), oneRun(t, ema)
	s.opts.Snapshots = true
	want, got := plain.trained(t), s.trained(t)
	name := filepath.ToSlash(filepath.Join("runs", s.plan[0].ID, runs.SnapshotsName))
	if _, ok := want[name]; ok {
		t.Errorf("without -snapshots, there is %s", name)
	}
	if got[name] == "" {
		t.Fatalf("with -snapshots, there is no %s", name)
	}
	path := runs.Path(s.dir, s.plan[0].ID)
	record, err := runs.ReadRecord(path)
	if err != nil || record.Files[runs.SnapshotsName].Bytes == 0 {
		t.Errorf("the record has %+v for %s; %v", record.Files[runs.SnapshotsName], name, err)
	}
	snapshots, err := runs.ReadSnapshots(filepath.Join(s.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	epochs, err := runs.ReadEpochs(filepath.Join(path, runs.EpochsName))
	if err != nil || len(epochs) != len(snapshots) {
		t.Fatalf("%d epochs, %d snapshots; %v", len(epochs), len(snapshots), err)
	}
	for i, snapshot := range snapshots {
		right, all := 0, 0
		for k, n := range snapshot.Confusion {
			if all += n; k%11 == 0 {
				right += n
			}
		}
		if all != s.set.Val.Len() || math.Abs(float64(right)/float64(all)-epochs[i].ValAccuracy) > 1e-9 || snapshot.Epoch != i+1 {
			t.Errorf("epoch %d: %d of %d right, want %v of %d", snapshot.Epoch, right, all, epochs[i].ValAccuracy, s.set.Val.Len())
		}
	}
	net, err := s.trainedNetwork(s.plan[0].Config, path)
	if err != nil {
		t.Fatal(err)
	}
	last := snapshots[len(snapshots)-1]
	if first := net.Learnables[0]; fmt.Sprint([]int(last.Shape)) != fmt.Sprint([]int(first.Shape())) {
		t.Errorf("the filters have shape %v, want %v", last.Shape, first.Shape())
	} else {
		for i, v := range first.Value().Data().([]float32) {
			if math.Abs(float64(last.Filters[i]-v)) > 0.006*math.Abs(float64(v)) {
				t.Fatalf("weight %d is %v in the last snapshot, %v in the weights", i, last.Filters[i], v)
			}
		}
	}
	// Nothing else depends on them.
	delete(got, name)
	wantFiles(t, "with snapshots", want, got)
}

// TestSnapshotsBeginAndEndWithTheFlag continues a run with and without it.
func TestSnapshotsBeginAndEndWithTheFlag(t *testing.T) {
	count := func(s *study) int {
		rows, _ := runs.ReadSnapshots(filepath.Join(runs.Path(s.dir, s.plan[0].ID), runs.SnapshotsName))
		return len(rows)
	}
	four := func(c *Config) { c.Epochs = 4 }
	s := oneRun(t, four)
	per := s.plan[0].stepsPerEpoch()
	s.stopAfter(t, per+1)
	s.opts.Snapshots = true
	s.stopAfter(t, per) // to step 1 of the third epoch
	if n := count(s); n != 1 {
		t.Errorf("%d snapshots, want that of the second epoch", n)
	}
	s.opts.Snapshots = false
	s.trained(t)
	if n := count(s); n != 1 {
		t.Errorf("without the flag again, %d snapshots, want 1", n)
	}
	// A row after the last checkpoint is dropped with it.
	s = oneRun(t, four)
	s.opts.Snapshots = true
	s.stopAfter(t, per+1)
	dir, err := runs.Open(s.dir, s.plan[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir.Path(), runs.SnapshotsName)
	content, err := durable.ReadFile(path, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if err := dir.WriteFile(runs.SnapshotsName, appending(content, []byte("half a ro"))); err != nil {
		t.Fatal(err)
	}
	if err := dir.Close(); err != nil {
		t.Fatal(err)
	}
	s.trained(t)
	if n := count(s); n != 4 {
		t.Errorf("%d snapshots of 4 epochs", n)
	}
}

// appending writes both.
func appending(a, b []byte) func(w io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(append(a, b...))
		return err
	}
}
