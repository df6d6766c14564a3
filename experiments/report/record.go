package report

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pkg/errors"
)

// Status is how far a run came.
type Status string

// The states of a run. Interrupted, done, diverged and failed are final until
// the run is continued or started over.
const (
	StatusRunning     Status = "running"     // a live process holds its lock
	StatusInterrupted Status = "interrupted" // stopped before its end, by a signal or a kill
	StatusDone        Status = "done"
	StatusDiverged    Status = "diverged" // loss or weights left the finite numbers or exploded: a finding
	StatusFailed      Status = "failed"   // an error that is none of the network's: disk, data
)

var statuses = []Status{StatusRunning, StatusInterrupted, StatusDone, StatusDiverged, StatusFailed}

// Ended is whether a run needs no more training.
func (s Status) Ended() bool { return s == StatusDone || s == StatusDiverged }

// recordName is the file of a run's Record in its directory.
const recordName = "run.json"

// Record is run.json: all that is known of a run beside its curves.
type Record struct {
	ID         string    `json:"id"` // the name of the run's directory
	Experiment string    `json:"experiment"`
	Label      string    `json:"label,omitempty"` // what the experiment compares, for who reads the file
	Status     Status    `json:"status"`
	Failure    *Failure  `json:"failure,omitempty"` // of a diverged or failed run
	Config     Config    `json:"config"`
	Dataset    Dataset   `json:"dataset"`
	Metrics    Metrics   `json:"metrics"`
	Versions   Versions  `json:"versions"`
	Machine    Machine   `json:"machine"`
	Kernel     string    `json:"kernel"`          // the loops that computed it, such as "avx2"
	Started    time.Time `json:"started"`         // UTC
	Notes      []string  `json:"notes,omitempty"` // what the experiment said of the set-up, such as where the rate came from
	Timing
}

// Failure is why and where a run broke off.
type Failure struct {
	Reason string  `json:"reason"`
	Step   int     `json:"step"` // counts from 1; 0: before the first step
	LR     float64 `json:"lr"`
}

// Dataset is what a run was trained on.
type Dataset struct {
	Name      string    `json:"name"`
	SHA256    string    `json:"sha256"` // hexadecimal
	Normalize Normalize `json:"normalize"`
}

// Normalize holds the constants that pixels were shifted and scaled by.
type Normalize struct {
	Mean []float64 `json:"mean"` // per channel
	Std  []float64 `json:"std"`  // per channel
}

// row is the line of r in runs.csv.
func (r Record) row() RunRow {
	return RunRow{Run: r.ID, Experiment: r.Experiment, Config: r.Config, Status: r.Status,
		Metrics: r.Metrics, Timing: r.Timing}
}

// Number is a metric: a pointer to v, or nil where v is NaN or infinite, which
// JSON cannot hold.
func Number(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// write writes r as JSON. Metrics that are no numbers become null.
func (r Record) write(w io.Writer) error {
	for _, metric := range []**float64{&r.Metrics.ValAccuracy, &r.Metrics.TestLoss,
		&r.Metrics.TestAccuracy, &r.Seconds, &r.SamplesPerSecond} {
		if *metric != nil {
			*metric = Number(**metric)
		}
	}
	r.Started = r.Started.UTC().Truncate(time.Second)
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// maxRecord bounds what is read as a record, in bytes.
const maxRecord = 1 << 20

// ReadRecord reads the run.json of the run's directory dir. What is not the
// record of the run that dir is named after is an error saying what was found.
// An absent file is one that errors.Is knows as fs.ErrNotExist.
func ReadRecord(dir string) (Record, error) {
	path := filepath.Join(dir, recordName)
	text, err := ReadFile(path, maxRecord)
	if err != nil {
		return Record{}, err
	}
	r, err := parseRecord(text)
	if err != nil {
		return Record{}, errors.WithMessage(err, path)
	}
	if name := filepath.Base(dir); r.ID != name {
		return Record{}, errors.Errorf("%s: the record of run %.100q, want that of %q", path, r.ID, name)
	}
	return r, nil
}

func parseRecord(text []byte) (Record, error) {
	var r Record
	if len(bytes.TrimSpace(text)) == 0 {
		return r, errors.New("empty, want the record of a run")
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, errors.Wrap(err, "not the record of a run")
	}
	var missing []string
	for _, field := range []struct{ name, value string }{
		{"id", r.ID}, {"experiment", r.Experiment}, {"config.dataset", r.Config.Dataset},
	} {
		if field.value == "" {
			missing = append(missing, field.name)
		}
	}
	if missing != nil {
		return r, errors.Errorf("not the record of a run: no %s", strings.Join(missing, ", "))
	}
	if !slices.Contains(statuses, r.Status) {
		return r, errors.Errorf("status %.40q, want one of %v", r.Status, statuses)
	}
	return r, nil
}
