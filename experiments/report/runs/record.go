package runs

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cnnlab/data/durable"

	"github.com/pkg/errors"
)

// Status says how far a run has come.
type Status string

// The states of a run. The same command continues or restarts an interrupted or failed
// run; one that is done or diverged changes only if it is started over.
const (
	StatusRunning     Status = "running"     // a live process holds its lock
	StatusInterrupted Status = "interrupted" // stopped before its end by a signal or a kill
	StatusDone        Status = "done"
	StatusDiverged    Status = "diverged" // loss or weights became infinite, NaN or far too large: a finding
	StatusFailed      Status = "failed"   // an error outside the training, such as a full disk
)

var statuses = []Status{StatusRunning, StatusInterrupted, StatusDone, StatusDiverged, StatusFailed}

// Ended reports whether a run needs no more training.
func (s Status) Ended() bool { return s == StatusDone || s == StatusDiverged }

const recordName = "run.json"

// Record is run.json: everything about a run except its curves.
type Record struct {
	ID         string    `json:"id"` // the name of the run's directory
	Experiment string    `json:"experiment"`
	Label      string    `json:"label,omitempty"` // of the variant, for readers of the file
	Status     Status    `json:"status"`
	Failure    *Failure  `json:"failure,omitempty"` // of a diverged or failed run
	Config     Config    `json:"config"`
	Dataset    Dataset   `json:"dataset"`
	Metrics    Metrics   `json:"metrics"`
	Versions   Versions  `json:"versions"`
	Machine    Machine   `json:"machine"`
	Arithmetic string    `json:"kernel"`          // the loops that computed it, such as "avx2"
	Started    time.Time `json:"started"`         // UTC
	Notes      []string  `json:"notes,omitempty"` // on the set-up, such as where the learning rate came from
	Timing

	Files  map[string]FileSum `json:"files,omitempty"`         // by name, once the run has ended
	SHA256 string             `json:"record_sha256,omitempty"` // of this file, with zeros for these 64 digits

	later later // hyper-parameters of a later revision
}

// Failure says why and where a run ended early.
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

// Normalize holds the constants by which pixels were shifted and scaled.
type Normalize struct {
	Mean []float64 `json:"mean"` // per channel
	Std  []float64 `json:"std"`  // per channel
}

// Row returns the line of r in runs.csv.
func (r Record) Row() RunRow {
	return RunRow{Run: r.ID, Experiment: r.Experiment, Config: r.Config, Status: r.Status,
		Metrics: r.Metrics, Timing: r.Timing}
}

// write writes r as JSON. Metrics that are not finite become null.
func (r Record) write(w io.Writer) error {
	for _, metric := range []**float64{&r.Metrics.ValAccuracy, &r.Metrics.TestLoss,
		&r.Metrics.TestAccuracy, &r.Seconds, &r.SamplesPerSecond} {
		if *metric != nil {
			*metric = Finite(**metric)
		}
	}
	r.Started = r.Started.UTC().Truncate(time.Second)
	r.SHA256 = noDigits
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	_, err = w.Write(bytes.Replace(text, []byte(noDigits), []byte(durable.SHA256(text)), 1))
	return err
}

// noDigits stands in for the sum of a record while it is computed.
var noDigits = strings.Repeat("0", 64)

// checkSum returns an error if the record was changed after it was written. Earlier
// revisions wrote no sum.
func (r Record) checkSum(text []byte) error {
	if len(r.SHA256) != len(noDigits) {
		return nil
	}
	if durable.SHA256(bytes.Replace(text, []byte(r.SHA256), []byte(noDigits), 1)) != r.SHA256 {
		return errors.New("changed since it was written")
	}
	return nil
}

const maxRecord = 1 << 20

// ReadRecord reads the run.json in the run's directory dir. A record whose run is not
// the one that dir is named after is an error. The error is fs.ErrNotExist if the file
// is missing.
func ReadRecord(dir string) (Record, error) {
	path := filepath.Join(dir, recordName)
	text, err := durable.ReadFile(path, maxRecord)
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
	if err := r.checkSum(text); err != nil {
		return r, err
	}
	if err := r.readLater(text); err != nil {
		return r, err
	}
	if !slices.Contains(statuses, r.Status) {
		return r, errors.Errorf("status %.40q, want one of %v", r.Status, statuses)
	}
	return r, nil
}

// readLater keeps the hyper-parameters that this revision does not know.
func (r *Record) readLater(text []byte) error {
	var all struct{ Config map[string]json.RawMessage }
	if err := json.Unmarshal(text, &all); err != nil {
		return errors.Wrap(err, "not the record of a run")
	}
	known := Columns[Config]()
	var cells []string
	for _, name := range slices.Sorted(maps.Keys(all.Config)) {
		if !slices.Contains(known, name) {
			r.later.names = append(r.later.names, name)
			cells = append(cells, strings.Trim(string(all.Config[name]), `"`))
		}
	}
	if cells != nil {
		r.later.cells = [][]string{cells}
	}
	return nil
}
