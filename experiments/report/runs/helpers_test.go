package runs

import (
	"cnnlab/data/durable"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pkg/errors"
)

// testRecord is a finished run.
func testRecord(id string) Record {
	return Record{ID: id, Experiment: "lr-sweep", Status: StatusDone,
		Config: Config{Dataset: "mnist", TrainImages: 5000, Channels: Sizes{32, 64}, Kernel: 3, Hidden: 128,
			Batch: 100, Epochs: 2, Solver: "sgd", LR: 0.1, Schedule: "constant", Momentum: 0.9,
			Shuffle: true, Ops: "fast", Seed: 1},
		Dataset: Dataset{Name: "mnist", SHA256: "00", Normalize: Normalize{[]float64{0.13}, []float64{0.3}}},
		Metrics: Metrics{BestEpoch: new(2), ValAccuracy: new(0.98), TestLoss: new(0.05),
			TestAccuracy: new(0.985), Parameters: new(421642)},
		Timing:   Timing{Seconds: new(12.5), SamplesPerSecond: new(800.0)},
		Versions: TheseVersions(), Machine: ThisMachine(), Arithmetic: "test",
		Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
}

// testRun is an open, begun run.
func testRun(t *testing.T, experiment, id string) *Dir {
	t.Helper()
	run, err := Open(experiment, id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = run.Close() })
	if err := run.Begin(testRecord(id)); err != nil {
		t.Fatal(err)
	}
	return run
}

// finishedRun writes a run of n steps and two epochs and closes it.
func finishedRun(t *testing.T, experiment, id string, n int) {
	t.Helper()
	run := testRun(t, experiment, id)
	for i := 1; i <= n; i++ {
		must(t, run.AppendStep(StepRow{Step: i, Epoch: 1, LR: 0.1, TrainLoss: 1 / float64(i), TrainError: 0.5}))
	}
	must(t, run.AppendEpoch(EpochRow{Epoch: 1, Step: n}), run.AppendEpoch(EpochRow{Epoch: 2, Step: 2 * n}))
	must(t, run.WriteRecord(testRecord(id)))
	must(t, run.Close())
}

// forgetFiles makes the record of a run that of an earlier revision, which did not know
// the sums of its files.
func forgetFiles(t *testing.T, experiment, id string) {
	t.Helper()
	record, err := ReadRecord(Path(experiment, id))
	must(t, err)
	record.Files = nil
	must(t, durable.WriteFile(durable.Disk{}, filepath.Join(Path(experiment, id), recordName), record.write))
}

// readSteps is the whole of Steps; the rows before an error are returned too.
func readSteps(path string) ([]StepRow, error) { return collect(ReadSteps(path)) }

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, elements ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(elements...))
	must(t, err)
	return string(text)
}

// temps are the temporary files below dir.
func temps(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	must(t, filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if strings.HasSuffix(path, ".tmp") {
			found = append(found, path)
		}
		return err
	}))
	return found
}

// causeOf is the innermost error.
func causeOf(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil || os.IsNotExist(err) {
			return err
		}
		err = inner
	}
}

// content writes s.
func content(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}
