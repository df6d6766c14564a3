package runs

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"cnnlab/data/durable"
	"cnnlab/data/durable/durabletest"

	"github.com/google/go-cmp/cmp"
	"github.com/pkg/errors"
)

// childVariable makes the test binary the process that holds a run: it opens
// and begins the run below the directory named, adds rows without end and says
// so on its standard output, until it is killed.
const childVariable = "RUNS_TEST_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childVariable); dir != "" {
		child(dir)
	}
	durabletest.Main(m)
}

func child(dir string) {
	run, err := Open(dir, "a")
	if err == nil {
		err = run.Begin(testRecord("a"))
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for step := 1; ; step++ {
		if err := run.AppendStep(StepRow{Step: step, Epoch: 1, TrainLoss: 1 / float64(step)}); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		if step == 100 {
			fmt.Println("held")
		}
		if step > 100 {
			time.Sleep(100 * time.Microsecond)
		}
	}
}

// startChild returns once the process holds the run; kill ends it by SIGKILL.
func startChild(t *testing.T, dir string) (kill func()) {
	t.Helper()
	program, err := os.Executable()
	must(t, err)
	command := exec.Command(program)
	command.Env = append(os.Environ(), childVariable+"="+dir)
	out, err := command.StdoutPipe()
	must(t, err)
	must(t, command.Start())
	kill = sync.OnceFunc(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	t.Cleanup(kill)
	if line, _ := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		t.Fatalf("child said %q", line)
	}
	return kill
}

func TestLockedRunIsLeftAloneAndADeadOnesTakenOver(t *testing.T) {
	dir := t.TempDir()
	kill := startChild(t, dir)
	if _, err := Open(dir, "a"); !errors.Is(err, durable.ErrLocked) {
		t.Fatalf("error %v, want durable.ErrLocked", err)
	}
	state, err := ReadState(Path(dir, "a"))
	if err != nil || state.Status != StatusRunning {
		t.Errorf("status %q, error %v, want running", state.Status, err)
	}
	stale := filepath.Join(Path(dir, "a"), ".run.json.ABC"+".tmp")
	must(t, os.WriteFile(stale, nil, 0o666))
	kill()
	state, err = ReadState(Path(dir, "a"))
	if err != nil || state.Status != StatusInterrupted {
		t.Errorf("status %q, error %v, want interrupted", state.Status, err)
	}
	run, err := Open(dir, "a")
	must(t, err)
	must(t, run.Begin(testRecord("a")))
	must(t, run.Close())
	if got := read(t, run.Path(), StepsName); got != header[StepRow]() {
		t.Errorf("steps.csv of a run started over: %q, want its header alone", got)
	}
	if left := temps(t, dir); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

func TestKilledRunHasOnlyCompleteRows(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes for a second")
	}
	kills := 0
	for range 15 {
		dir := t.TempDir()
		kill := startChild(t, dir)
		time.Sleep(time.Duration(kills) * time.Millisecond)
		kill()
		kills++
		rows, err := readSteps(filepath.Join(Path(dir, "a"), StepsName))
		must(t, err)
		if len(rows) < 100 {
			t.Errorf("%d rows after a kill, want the 100 flushed", len(rows))
		}
		for i, row := range rows {
			if row.Step != i+1 {
				t.Fatalf("row %d is step %d: lost or double", i+1, row.Step)
			}
		}
	}
	durabletest.Survived(t, "kill -9 while rows are written", kills)
}

func TestRunWritesWhatIsReadBack(t *testing.T) {
	dir := t.TempDir()
	run := testRun(t, dir, "lr0.1-s1")
	must(t, run.AppendStep(StepRow{Step: 1, Epoch: 1, LR: 0.1, TrainLoss: 2.3, TrainError: 0.9}))
	must(t, run.AppendEpoch(EpochRow{Epoch: 1, Step: 1, ValAccuracy: 0.5}))
	predictions := []PredictionRow{{0, 7, 7, 0.99}, {1, 2, 3, 0.4}}
	must(t, run.WritePredictions(predictions))
	must(t, run.WriteFile(WeightsName, content("weights")))
	record := testRecord("lr0.1-s1")
	must(t, run.WriteRecord(record))
	must(t, run.Close())
	must(t, run.Close())

	steps, err := readSteps(filepath.Join(run.Path(), StepsName))
	if diff := cmp.Diff([]StepRow{{"lr0.1-s1", 1, 1, 0.1, 2.3, 0.9}}, steps); diff != "" || err != nil {
		t.Error(diff, err)
	}
	got, err := ReadPredictions(filepath.Join(run.Path(), PredictionsName))
	if diff := cmp.Diff(predictions, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	back, err := ReadRecord(run.Path())
	if len(back.Files) != 5 || back.Damage(run.Path()) != nil {
		t.Errorf("files %v, damaged %v", back.Files, back.Damage(run.Path()))
	}
	back.Files, back.SHA256 = nil, ""
	if diff := cmp.Diff(record, back, cmp.AllowUnexported(Record{}, later{})); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if err := run.AppendStep(StepRow{}); err == nil {
		t.Error("a closed run took a row")
	}
}

func TestStartingOverEmptiesTheRun(t *testing.T) {
	dir := t.TempDir()
	finishedRun(t, dir, "a", 5)
	run, err := Open(dir, "a")
	must(t, err)
	must(t, run.WriteFile(WeightsName, content("weights")))
	must(t, run.Close())
	run = testRun(t, dir, "a")
	must(t, run.AppendStep(StepRow{Step: 1}))
	must(t, run.Close())
	if rows, _ := readSteps(filepath.Join(run.Path(), StepsName)); len(rows) != 1 {
		t.Errorf("%d rows, want the new one", len(rows))
	}
	if _, err := os.Stat(filepath.Join(run.Path(), WeightsName)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("old weights: %v, want none", err)
	}
}

func TestARowIsInTheFileAtOnce(t *testing.T) {
	run := testRun(t, t.TempDir(), "a")
	for step := 1; step <= 3; step++ {
		must(t, run.AppendStep(StepRow{Step: step}))
		if rows, err := readSteps(filepath.Join(run.Path(), StepsName)); len(rows) != step {
			t.Errorf("%d rows, %v, want %d", len(rows), err, step)
		}
	}
}

func TestRunNamesStayInsideTheResults(t *testing.T) {
	dir := t.TempDir()
	for _, id := range []string{"", "..", "../../evil", "a/b", `a\b`, "a\nb", "<script>", ".hidden", "con", "A"} {
		if _, err := Open(dir, id); err == nil {
			t.Errorf("run id %q was taken", id)
		}
		if _, _, err := Merge(dir, []string{id}); err == nil {
			t.Errorf("run id %q was merged", id)
		}
	}
	run := testRun(t, dir, "a")
	if err := run.WriteFile("../b", content("")); err == nil {
		t.Error("a file above the run's directory was written")
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("%v, want runs alone", entries)
	}
}
