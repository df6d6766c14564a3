package runs

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"cnnlab/data/durable"
	"cnnlab/data/durable/durabletest"

	"github.com/pkg/errors"
)

// mounted is a file system of size bytes in memory, or the test is skipped.
func mounted(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skipf("needs root to mount a tmpfs: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

func TestFullDiskIsReportedAndKeepsWhatWasWhole(t *testing.T) {
	dir := mounted(t, "size=256k")
	run := testRun(t, dir, "a")
	var err error
	for step := 1; err == nil && step < 100_000; step++ {
		err = run.AppendStep(StepRow{Step: step, Epoch: 1, LR: 0.1, TrainLoss: 1 / float64(step)})
	}
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), StepsName) {
		t.Errorf("error %v, want no space and the file's name", err)
	}
	if err := run.WriteFile(WeightsName, content(strings.Repeat("w", 1<<18))); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error %v, want no space", err)
	}
	if err := run.Close(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("close: error %v, want the first one again", err)
	}
	rows, err := readSteps(filepath.Join(run.Path(), StepsName))
	if err != nil || len(rows) < 1000 {
		t.Errorf("%d rows, error %v, want some thousands", len(rows), err)
	}
	if _, err := ReadRecord(run.Path()); err != nil {
		t.Errorf("run.json: %v", err)
	}
	if left := temps(t, dir); left != nil {
		t.Errorf("left behind: %v", left)
	}
	durabletest.Survived(t, "disk full, 256 KiB tmpfs", 1)
}

// TestFullDiskKeepsTheCheckpointsThatThereAre has room for two and a half.
func TestFullDiskKeepsTheCheckpointsThatThereAre(t *testing.T) {
	run := testRun(t, mounted(t, "size=256k"), "a")
	var names []string
	var err error
	for i := 0; err == nil && i < 9; i++ {
		names = append(names, strings.Repeat(string(rune('a'+i)), 90<<10))
		err = run.WriteCheckpoint(func(w io.Writer, _ Marks) error { return content(names[i])(w) })
	}
	last := len(names) - 2
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), CheckpointName) || last < 1 {
		t.Fatalf("checkpoint %d: error %v, want no space and the file's name", last+2, err)
	}
	if read(t, run.Path(), CheckpointName) != names[last] || read(t, run.Path(), previousName) != names[last-1] {
		t.Error("the checkpoints before are not as they were")
	}
	if left := temps(t, run.Path()); left != nil {
		t.Errorf("left behind: %v", left)
	}
	durabletest.Survived(t, "disk full under a checkpoint", 1)
}

// TestResultsOfAnotherUserAreReported tries as nobody to train in a run of root's.
func TestResultsOfAnotherUserAreReported(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root to become another user")
	}
	dir := t.TempDir()
	must(t, os.Chmod(filepath.Dir(dir), 0o755)) // the way to it is for all
	finishedRun(t, dir, "a", 3)
	program, err := os.Executable()
	must(t, err)
	code, err := os.ReadFile(program)
	must(t, err)
	program = filepath.Join(dir, "child")
	must(t, os.WriteFile(program, code, 0o755))
	command := exec.Command(program)
	command.Dir = dir
	command.Env = append(os.Environ(), childVariable+"="+dir)
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := command.Output()
	if err == nil || !strings.Contains(string(out), "permission denied") || !strings.Contains(string(out), Path(dir, "a")) {
		t.Errorf("nobody: %v, %q, want permission denied and the path", err, out)
	}
	if record, err := ReadRecord(Path(dir, "a")); err != nil || record.Status != StatusDone {
		t.Errorf("status %v, %v, want done", record.Status, err)
	}
	durabletest.Survived(t, "results of another user", 1)
}

func TestReadOnlyResultsAreReportedBeforeTrainingAndStillRead(t *testing.T) {
	dir := mounted(t, "size=1m")
	finishedRun(t, dir, "a", 3)
	must(t, syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	for _, id := range []string{"a", "b"} {
		if _, err := Open(dir, id); !errors.Is(err, syscall.EROFS) || !strings.Contains(err.Error(), dir) {
			t.Errorf("error %v, want read-only and the path", err)
		}
	}
	if _, _, err := Merge(dir, []string{"a"}); !errors.Is(err, syscall.EROFS) {
		t.Errorf("merge: error %v, want read-only", err)
	}
	if err := durable.WriteFile(durable.Disk{}, filepath.Join(dir, "x"), content("")); !errors.Is(err, syscall.EROFS) {
		t.Errorf("error %v, want read-only", err)
	}
	if state, err := ReadState(Path(dir, "a")); err != nil || state.Status != StatusDone {
		t.Errorf("status %q, error %v, want done", state.Status, err)
	}
	durabletest.Survived(t, "read-only file system", 1)
}

func TestDeviceWithoutRoomIsReported(t *testing.T) {
	run, err := Open(t.TempDir(), "a")
	must(t, err)
	defer run.Close()
	must(t, os.Symlink("/dev/full", filepath.Join(run.Path(), StepsName)))
	if err := run.Begin(testRecord("a")); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error %v, want no space", err)
	}
	durabletest.Survived(t, "/dev/full", 1)
}

func TestImmutableTableIsWrittenBeside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	finishedRun(t, dir, "a", 3)
	path := filepath.Join(dir, RunsName)
	must(t, os.WriteFile(path, []byte("held"), 0o666))
	if out, err := exec.Command("chattr", "+i", path).CombinedOutput(); err != nil {
		t.Skipf("needs root and a file system with chattr: %v %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("chattr", "-i", path).Run() })
	files, warnings, err := Merge(dir, []string{"a"})
	if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0].String(), "runs.new1.csv") || strings.Contains(warnings[0].String(), "left out") {
		t.Errorf("warnings %v, error %v, want the other name said, and nothing left out", warnings, err)
	}
	if rows, err := ReadRuns(files.Runs); err != nil || len(rows) != 1 || filepath.Base(files.Runs) != "runs.new1.csv" {
		t.Errorf("%s: %d rows, error %v, want 1", files.Runs, len(rows), err)
	}
	if rows, err := readSteps(files.Steps); err != nil || len(rows) != 3 {
		t.Errorf("steps.csv: %d rows, error %v, want 3", len(rows), err)
	}
	durabletest.Survived(t, "table that cannot be replaced, chattr +i", 1)
}
