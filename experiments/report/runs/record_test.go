package runs

import (
	"encoding/json"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pkg/errors"
)

func TestDivergedRecordIsValidJSON(t *testing.T) {
	run := testRun(t, t.TempDir(), "a")
	must(t, run.AppendStep(StepRow{Step: 1, TrainLoss: math.NaN(), TrainError: 0.9}))
	record := testRecord("a")
	record.Status, record.Failure = StatusDiverged, &Failure{Reason: "loss is NaN", Step: 1, LR: 3}
	record.Metrics = Metrics{ValAccuracy: new(math.NaN()), TestLoss: new(math.Inf(1))}
	record.SamplesPerSecond = new(math.Inf(1))
	must(t, run.WriteRecord(record))
	if !math.IsNaN(*record.Metrics.ValAccuracy) {
		t.Error("the caller's record was changed")
	}
	text := read(t, run.Path(), recordName)
	if !json.Valid([]byte(text)) || !strings.Contains(text, `"val_accuracy": null`) {
		t.Errorf("run.json: %s", text)
	}
	back, err := ReadRecord(run.Path())
	must(t, err)
	var line strings.Builder
	must(t, WriteRows(&line, []RunRow{back.Row()}))
	if want := "diverged,,,,,,12.5,\n"; !strings.HasSuffix(line.String(), want) {
		t.Errorf("line %q, want its end %q", line.String(), want)
	}
}

func TestNotesOfARecordAreKept(t *testing.T) {
	run := testRun(t, t.TempDir(), "a")
	if text := read(t, run.Path(), recordName); strings.Contains(text, "notes") {
		t.Errorf("notes where there are none: %s", text)
	}
	record := testRecord("a")
	record.Notes = []string{"lr 0.03: chosen by lr-sweep"}
	must(t, run.WriteRecord(record))
	back, err := ReadRecord(run.Path())
	if len(back.Notes) != 1 || back.Notes[0] != record.Notes[0] || err != nil {
		t.Errorf("notes %q, error %v, want %q", back.Notes, err, record.Notes)
	}
}

// TestRecordsOfOlderProgramsAreRead with keys that are no more.
func TestRecordsOfOlderProgramsAreRead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a")
	must(t, os.Mkdir(dir, 0o777))
	text := `{"id":"a","experiment":"e","config":{"dataset":"d","seed":7},"seed":7,"status":"done"}`
	must(t, os.WriteFile(filepath.Join(dir, recordName), []byte(text), 0o666))
	if r, err := ReadRecord(dir); err != nil || r.Config.Seed != 7 {
		t.Errorf("seed %d, error %v, want 7", r.Config.Seed, err)
	}
}

func TestCorruptRecordsAreRefusedWithTheirReason(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "empty",
		"{":                       "not the record of a run",
		"[1]":                     "not the record of a run",
		`{"id":"a"}`:              "no experiment, config.dataset",
		`{"id":"a","kernel":512}`: "not the record of a run",
		`{"id":"a","experiment":"e","config":{"dataset":"d"},"status":"odd"}`:  `status "odd", want one of`,
		`{"id":"b","experiment":"e","config":{"dataset":"d"},"status":"done"}`: `run "b", want that of "a"`,
		strings.Repeat(" ", maxRecord+1):                                       "longer than",
	} {
		dir := filepath.Join(t.TempDir(), "a")
		must(t, os.Mkdir(dir, 0o777))
		must(t, os.WriteFile(filepath.Join(dir, recordName), []byte(text), 0o666))
		if _, err := ReadRecord(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: error %v, want %q", text, err, want)
		}
	}
	if _, err := ReadRecord(t.TempDir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no record: error %v, want not-exist", err)
	}
}

func TestRecordNamesItsOrigin(t *testing.T) {
	machine, versions := ThisMachine(), TheseVersions()
	if machine.CPU == "" || machine.Cores < 1 || machine.OS == "" || machine.Arch == "" {
		t.Errorf("machine %+v", machine)
	}
	if !strings.HasPrefix(versions.Go, "go1.") {
		t.Errorf("versions %+v", versions)
	}
}
