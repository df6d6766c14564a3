package report

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"
)

var errInjected = errors.New("injected fault")

// failing is a disk whose N-th operation fails, as does, where persist is set,
// every later one that needs room. A failing write leaves half of its bytes.
// Nothing is really synced: that would take the test most of its time.
type failing struct {
	disk
	n, at   int
	persist bool
}

func (f *failing) hit() error {
	f.n++
	if f.n == f.at || f.persist && f.n > f.at {
		return errInjected
	}
	return nil
}

func (f *failing) MkdirAll(path string) error {
	if err := f.hit(); err != nil {
		return err
	}
	return f.disk.MkdirAll(path)
}

func (f *failing) Create(path string) (file, error) { return f.open(f.disk.Create, path) }

func (f *failing) Truncate(path string) (file, error) { return f.open(f.disk.Truncate, path) }

func (f *failing) Open(path string) (file, error) { return f.open(f.disk.Open, path) }

func (f *failing) open(open func(string) (file, error), path string) (file, error) {
	if err := f.hit(); err != nil {
		return nil, err
	}
	to, err := open(path)
	if err != nil {
		return nil, err
	}
	return &failingFile{to, f}, nil
}

func (f *failing) Rename(from, to string) error {
	if err := f.hit(); err != nil {
		return err
	}
	return f.disk.Rename(from, to)
}

// Remove fails only as the N-th operation: a full disk lets files be removed.
func (f *failing) Remove(path string) error {
	if f.n++; f.n == f.at {
		return errInjected
	}
	return f.disk.Remove(path)
}

func (f *failing) SyncDir(string) error {
	return f.hit()
}

type failingFile struct {
	file
	fs *failing
}

func (f *failingFile) WriteAt(p []byte, offset int64) (int, error) {
	if err := f.fs.hit(); err != nil {
		n, _ := f.file.WriteAt(p[:len(p)/2], offset)
		return n, err
	}
	return f.file.WriteAt(p, offset)
}

func (f *failingFile) Sync() error {
	return f.fs.hit()
}

func (f *failingFile) Close() error {
	err := f.file.Close()
	if injected := f.fs.hit(); injected != nil {
		return injected
	}
	return err
}

// wholeRun is a run from its start to its merge.
func wholeRun(fsys fileSystem, results, id string) error {
	experiment := filepath.Join(results, "lr-sweep")
	run, err := openRun(fsys, experiment, id)
	if err != nil {
		return err
	}
	defer run.Close()
	if err := run.Begin(testRecord(id)); err != nil {
		return err
	}
	for step := 1; step <= 3; step++ {
		if err := run.AppendSteps(StepRow{Step: step, TrainLoss: 1 / float64(step)}); err != nil {
			return err
		}
		if err := run.Flush(); err != nil {
			return err
		}
	}
	if err := run.AppendEpochs(EpochRow{Epoch: 1, Step: 3}); err != nil {
		return err
	}
	if err := run.WritePredictions([]PredictionRow{{0, 1, 1, 0.5}}); err != nil {
		return err
	}
	if err := run.WriteFile(WeightsName, text("weights")); err != nil {
		return err
	}
	if err := run.WriteRecord(testRecord(id)); err != nil {
		return err
	}
	if err := run.Close(); err != nil {
		return err
	}
	if _, err := merge(fsys, experiment, []string{id}); err != nil {
		return err
	}
	_, err = mergeAll(fsys, results)
	return err
}

func TestEveryFailingOperationIsReportedAndLeavesWholeFiles(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, persist := range []bool{false, true} {
		for at := 1; ; at++ {
			results := t.TempDir()
			must(t, wholeRun(&failing{}, results, "a")) // an earlier start, which the fault must not break
			fsys := &failing{at: at, persist: persist}
			err := wholeRun(fsys, results, "a")
			if fsys.n < at {
				must(t, err)
				break
			}
			tried++
			if !errors.Is(err, errInjected) {
				t.Errorf("operation %d: error %v, want the injected one", at, err)
			}
			checkWhole(t, results, at)
			must(t, wholeRun(&failing{}, results, "a"))
		}
	}
	if tried < 60 {
		t.Errorf("%d faults tried, want at least 60", tried)
	}
	t.Logf("%d injected I/O failures survived, 0 unreported, 0 partial files", tried)
}

// checkWhole holds that every file under a final name is complete.
func checkWhole(t *testing.T, results string, at int) {
	t.Helper()
	if left := temps(t, results); left != nil {
		t.Errorf("operation %d: left behind %v", at, left)
	}
	experiment := filepath.Join(results, "lr-sweep")
	dir := RunDir(experiment, "a")
	if _, err := ReadRecord(dir); err != nil {
		t.Errorf("operation %d: %v", at, err)
	}
	for _, path := range []string{filepath.Join(dir, stepsName), filepath.Join(experiment, stepsName)} {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Errorf("operation %d: %v", at, err)
		}
		if len(content) == 0 {
			continue // emptied, its header did not get through
		}
		rows, err := ReadSteps(path)
		if err != nil || !strings.HasSuffix(string(content), "\n") {
			t.Errorf("operation %d: %s: torn: %v", at, path, err)
		}
		if !slices.IsSortedFunc(rows, func(a, b StepRow) int { return a.Step - b.Step }) {
			t.Errorf("operation %d: %s: rows out of order", at, path)
		}
	}
	for _, path := range []string{filepath.Join(experiment, runsName), filepath.Join(results, runsName)} {
		if rows, err := ReadRuns(path); err != nil || len(rows) != 1 {
			t.Errorf("operation %d: %s: %d rows, error %v", at, path, len(rows), err)
		}
	}
}
