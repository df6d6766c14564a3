package runs

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cnnlab/data/durable"
	"cnnlab/data/durable/durabletest"

	"github.com/pkg/errors"
)

// testSteps are the steps of a run under test, two in an epoch.
const testSteps = 6

// checkpointed is a checkpoint under test: a line of JSON.
type checkpointed struct {
	Step int
	Rows Marks
}

// wholeRun is a run from its start, or from its checkpoint unless fresh, to its
// merge; it stops after the steps of this call, if they are fewer.
func wholeRun(fsys durable.FS, results string, fresh bool, steps int) error {
	experiment := filepath.Join(results, "lr-sweep")
	run, err := open(fsys, experiment, "a")
	if err != nil {
		return err
	}
	defer run.Close()
	step, err := begun(run, fresh)
	if err != nil {
		return err
	}
	for ; step < testSteps && steps > 0; steps-- {
		step++
		if err := oneStep(run, step); err != nil {
			return err
		}
	}
	record := testRecord("a")
	if step < testSteps {
		record.Status = StatusInterrupted
	} else if err := run.WritePredictions([]PredictionRow{{0, 1, 1, 0.5}}); err != nil {
		return err
	} else if err := run.WriteFile(WeightsName, content("weights")); err != nil {
		return err
	}
	if err := run.WriteRecord(record); err != nil {
		return err
	}
	if err := run.Close(); err != nil {
		return err
	}
	if _, _, err := merge(fsys, experiment, []string{"a"}); err != nil {
		return err
	}
	_, err = mergeAll(fsys, results)
	return err
}

// begun begins or continues the run, and returns the step that it stands at.
func begun(run *Dir, fresh bool) (int, error) {
	for _, path := range run.Checkpoints() {
		at, err := checkpointAt(path)
		if !fresh && err == nil && run.Holds(at.Rows) == nil {
			return at.Step, run.Continue(testRecord("a"), path, at.Rows)
		}
	}
	return 0, run.Begin(testRecord("a"))
}

func checkpointAt(path string) (at checkpointed, err error) {
	text, err := durable.ReadFile(path, 1<<10)
	if err == nil {
		err = json.Unmarshal(text, &at)
	}
	return at, err
}

// oneStep writes the row of a step, at the end of an epoch that of the epoch,
// and a checkpoint.
func oneStep(run *Dir, step int) error {
	if err := run.AppendStep(StepRow{Step: step, TrainLoss: 1 / float64(step)}); err != nil {
		return err
	}
	if step%2 == 0 {
		if err := run.AppendEpoch(EpochRow{Epoch: step / 2, Step: step}); err != nil {
			return err
		}
	}
	return run.WriteCheckpoint(func(w io.Writer, rows Marks) error {
		return json.NewEncoder(w).Encode(checkpointed{step, rows})
	})
}

// TestEveryFailingOperationIsReportedAndLosesNothing fails each operation of a
// run that starts, is continued or is started over, on a disk that recovers or
// stays full, with writes that leave nothing, half or all of their bytes. The
// short form leaves four of these six combinations out:
//
//	CNNLAB_LONG=1 go test -run Failing -v ./experiments/report/runs
func TestEveryFailingOperationIsReportedAndLosesNothing(t *testing.T) {
	t.Parallel()
	unbroken := t.TempDir()
	must(t, wholeRun(&durabletest.Failing{}, unbroken, false, testSteps))
	tried := 0
	for _, start := range []struct {
		name   string
		before int // steps made before
		fresh  bool
	}{{"new", 0, false}, {"continued", 3, false}, {"started over", 3, true}} {
		for mode := range 6 {
			if os.Getenv("CNNLAB_LONG") == "" && mode != 0 && mode != 3 {
				continue
			}
			for at := 1; ; at++ {
				results := t.TempDir()
				if start.before > 0 {
					must(t, wholeRun(&durabletest.Failing{}, results, false, start.before))
				}
				fsys := &durabletest.Failing{At: at, Persist: mode%2 == 1, Part: float64(mode/2) / 2}
				err := wholeRun(fsys, results, start.fresh, testSteps)
				if fsys.Failed == "" {
					must(t, err)
					break
				}
				tried++
				what := fmt.Sprintf("%s, mode %d, operation %d", start.name, mode, at)
				if !errors.Is(err, durabletest.ErrInjected) {
					t.Errorf("%s: error %v, want the injected one", what, err)
				}
				checkWhole(t, results, what)
				must(t, wholeRun(&durabletest.Failing{}, results, false, testSteps))
				checkEqual(t, unbroken, results, what)
			}
		}
	}
	if tried < 500 {
		t.Errorf("%d faults tried, want at least 500", tried)
	}
	durabletest.Survived(t, "the N-th write, sync, rename, mkdir fails", tried)
}

// checkWhole holds that every file under a final name is complete, and that of
// two checkpoints one counts rows that are there.
func checkWhole(t *testing.T, results, what string) {
	t.Helper()
	if left := temps(t, results); left != nil {
		t.Errorf("%s: left behind %v", what, left)
	}
	experiment := filepath.Join(results, "lr-sweep")
	dir := Path(experiment, "a")
	if _, err := ReadRecord(dir); err != nil && !os.IsNotExist(causeOf(err)) {
		t.Errorf("%s: %v", what, err)
	}
	for _, path := range []string{filepath.Join(dir, StepsName), filepath.Join(experiment, StepsName)} {
		content, _ := os.ReadFile(path)
		if len(content) == 0 {
			continue // not begun, or emptied and its header did not get through
		}
		rows, err := readSteps(path)
		if err != nil || !strings.HasSuffix(string(content), "\n") {
			t.Errorf("%s: %s: torn: %v", what, path, err)
		}
		for i, row := range rows {
			if row.Step != i+1 {
				t.Errorf("%s: %s: row %d is step %d", what, path, i+1, row.Step)
			}
		}
	}
	for _, path := range []string{filepath.Join(experiment, RunsName), filepath.Join(results, RunsName)} {
		if rows, err := ReadRuns(path); err != nil && !os.IsNotExist(causeOf(err)) || err == nil && len(rows) != 1 {
			t.Errorf("%s: %s: %d rows, error %v", what, path, len(rows), err)
		}
	}
	run := &Dir{path: dir}
	if found := run.Checkpoints(); len(found) > 0 {
		if at, err := checkpointAt(found[0]); err != nil || run.Holds(at.Rows) != nil {
			t.Errorf("%s: checkpoint %+v counts rows that are not there: %v, %v", what, at, err, run.Holds(at.Rows))
		}
	}
}

// checkEqual holds that a run's files are those of the unbroken one.
func checkEqual(t *testing.T, unbroken, results, what string) {
	t.Helper()
	for _, name := range []string{StepsName, EpochsName, PredictionsName, WeightsName} {
		path := filepath.Join("lr-sweep", "runs", "a", name)
		if want, got := read(t, unbroken, path), read(t, results, path); got != want {
			t.Errorf("%s: %s is\n%s, want\n%s", what, name, got, want)
		}
	}
	if want, got := read(t, unbroken, "lr-sweep", StepsName), read(t, results, "lr-sweep", StepsName); got != want {
		t.Errorf("%s: merged steps are\n%s, want\n%s", what, got, want)
	}
}
