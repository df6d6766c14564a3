package page

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"cnnlab/experiments/report/runs"
)

// run is a run with its curves, as the page's scripts take it.
type run struct {
	ID       string `json:"id"`
	Group    string `json:"group"` // what it shares with the runs of other seeds
	Seed     uint64 `json:"seed"`
	Other    bool   `json:"other"` // not of the plan that the experiment's tables show
	Playable bool   `json:"playable"`
	State    state  `json:"state"`
	Width    int    `json:"width"` // steps that a point of the curve is the mean of
	PerEpoch int    `json:"perEpoch"`
	Steps    steps  `json:"steps"`
	Epochs   epochs `json:"epochs"`

	// Snapshots of the network, one an epoch, if any were kept.
	Snapshots []Snapshot `json:"snapshots,omitempty"`

	place     int
	damaged   bool   // its files are not those that it wrote
	dir       string // empty if only the merged files hold the run
	row       runs.RunRow
	record    runs.Record
	stamp     string // of the record
	checked   time.Time
	counts    []int // of the steps in each point
	tail      runs.Tail[runs.StepRow]
	epochsAt  string // stamp of epochs.csv
	snapshots string // stamp of snapshots.csv
}

// state says how far a run has come.
type state struct {
	Status runs.Status `json:"status"`
	Text   string      `json:"text"`
}

// steps are the points of a training curve. A point is the mean over the steps of an
// interval of equal width; its x is the mean of their numbers.
type steps struct {
	X     numbers `json:"x"`
	Loss  numbers `json:"loss"`
	Error numbers `json:"error"`

	last int // step
}

// epochs are the points after each epoch.
type epochs struct {
	X          numbers `json:"x"`
	TrainLoss  numbers `json:"trainLoss"`
	TrainError numbers `json:"trainError"`
	ValLoss    numbers `json:"valLoss"`
	ValError   numbers `json:"valError"`
}

// Gain is what a run has gained since the last event.
type Gain struct {
	Section   string     `json:"section"`
	Run       string     `json:"run"`
	State     state      `json:"state"`
	Playable  bool       `json:"playable"`
	At        int        `json:"at"` // the place in the curve from which Steps replace it
	Steps     steps      `json:"steps"`
	Epochs    epochs     `json:"epochs"`
	Snapshots []Snapshot `json:"snapshots,omitempty"` // all, if there is a new one
}

// numbers are written with four digits, NaN and infinity as null.
type numbers []float64

// MarshalJSON implements json.Marshaler.
func (n numbers) MarshalJSON() ([]byte, error) {
	b := []byte("[")
	for i, v := range n {
		if i > 0 {
			b = append(b, ',')
		}
		switch {
		case math.IsNaN(v) || math.IsInf(v, 0):
			b = append(b, "null"...)
		case math.Abs(v) >= 1000 && math.Abs(v) < 1e15: // such as the mean of the numbers of steps
			b = strconv.AppendFloat(b, math.Round(10*v)/10, 'f', -1, 64)
		default:
			b = strconv.AppendFloat(b, v, 'g', 4, 64)
		}
	}
	return append(b, ']'), nil
}

// newRun returns a run without its curves. Its training curve will have at most points
// points.
func newRun(row runs.RunRow, dir string, points int) *run {
	r := &run{ID: row.Run, Seed: row.Seed, row: row, dir: dir, State: state{Status: row.Status, Text: string(row.Status)}, PerEpoch: 1}
	if row.Batch > 0 {
		r.PerEpoch = max(1, (row.TrainImages+row.Batch-1)/row.Batch)
	}
	r.Width = max(1, (row.Epochs*r.PerEpoch+points-1)/points)
	r.tail.Path = filepath.Join(dir, runs.StepsName)
	return r
}

// refresh reads what the run has gained since the last call, and reports whether it has
// gained anything.
func (r *run) refresh() (gain Gain, changed bool) {
	if r.dir == "" {
		return gain, false
	}
	changed = r.readRecord()
	at, gained := r.readSteps()
	if now := stamp(filepath.Join(r.dir, runs.EpochsName)); now != r.epochsAt {
		if rows, err := runs.ReadEpochs(filepath.Join(r.dir, runs.EpochsName)); err == nil {
			r.Epochs = epochs{}
			for _, row := range rows {
				r.Epochs.add(row)
			}
			r.epochsAt, gained = now, true
		}
	}
	if r.readSnapshots() {
		gain.Snapshots, gained = r.Snapshots, true
	}
	if r.State = r.state(); !changed && !gained {
		return gain, false
	}
	gain.Run, gain.State, gain.Playable, gain.At, gain.Steps, gain.Epochs = r.ID, r.State, r.Playable, at, r.Steps.from(at), r.Epochs
	return gain, true
}

// lockEvery is the time between two looks at whether the process that trains a run lives.
const lockEvery = time.Second

// readRecord reads run.json if it has changed, or if its run may have been killed.
func (r *run) readRecord() (changed bool) {
	now := stamp(filepath.Join(r.dir, "run.json"))
	if now == r.stamp && (r.record.Status != runs.StatusRunning || time.Since(r.checked) < lockEvery) {
		return false
	}
	record, err := runs.ReadState(r.dir)
	if err != nil {
		return false
	}
	if !record.Started.Equal(r.record.Started) { // begun again
		r.Steps, r.Epochs, r.counts, r.epochsAt = steps{}, epochs{}, nil, ""
		r.tail = runs.Tail[runs.StepRow]{Path: r.tail.Path}
	}
	changed = now != r.stamp || record.Status != r.record.Status
	r.stamp, r.checked, r.record, r.row = now, time.Now(), record, record.Row()
	_, err = os.Stat(filepath.Join(r.dir, runs.WeightsName))
	r.Playable = record.Status == runs.StatusDone && err == nil
	return changed
}

// readSteps adds the new rows of steps.csv, and returns the first point that they change.
func (r *run) readSteps() (at int, gained bool) {
	rows, again, _ := r.tail.Next() // what cannot be read is not shown
	at = max(0, len(r.Steps.X)-1)
	if again {
		at, r.Steps, r.counts = 0, steps{}, nil
	}
	for _, row := range rows {
		r.addStep(row)
	}
	return at, again || len(rows) > 0
}

// addStep adds a step to the point of its interval.
func (r *run) addStep(row runs.StepRow) {
	i := len(r.counts) - 1
	if i < 0 || (row.Step-1)/r.Width != (int(r.Steps.last)-1)/r.Width {
		r.counts = append(r.counts, 0)
		r.Steps.X, r.Steps.Loss, r.Steps.Error = append(r.Steps.X, 0), append(r.Steps.Loss, 0), append(r.Steps.Error, 0)
		i++
	}
	r.Steps.last = row.Step
	r.counts[i]++
	n := float64(r.counts[i])
	r.Steps.X[i] += (float64(row.Step) - r.Steps.X[i]) / n
	r.Steps.Loss[i] += (row.TrainLoss - r.Steps.Loss[i]) / n
	r.Steps.Error[i] += (row.TrainError - r.Steps.Error[i]) / n
}

func (s steps) from(at int) steps { return steps{s.X[at:], s.Loss[at:], s.Error[at:], s.last} }

func (e *epochs) add(row runs.EpochRow) {
	e.X = append(e.X, float64(row.Epoch))
	e.TrainLoss, e.TrainError = append(e.TrainLoss, row.TrainLoss), append(e.TrainError, 1-row.TrainAccuracy)
	e.ValLoss, e.ValError = append(e.ValLoss, row.ValLoss), append(e.ValError, 1-row.ValAccuracy)
}

// state says in words how far the run has come.
func (r *run) state() state {
	text := string(r.record.Status)
	switch r.record.Status {
	case runs.StatusDone, runs.StatusDiverged:
		if r.damaged {
			return state{runs.StatusDamaged, "damaged"}
		}
	}
	switch r.record.Status {
	case runs.StatusRunning, runs.StatusInterrupted:
		text += fmt.Sprintf(", step %d of %d", r.Steps.last, r.row.Epochs*r.PerEpoch)
	case runs.StatusDone:
		if v := r.record.Metrics.TestAccuracy; v != nil {
			text += fmt.Sprintf(", test accuracy %.2f %%", 100**v)
		}
	case runs.StatusDiverged, runs.StatusFailed:
		if f := r.record.Failure; f != nil {
			text += fmt.Sprintf(" at step %d", f.Step)
		}
	}
	return state{r.record.Status, text}
}

// rateSeedHash ends the name of a run.
var rateSeedHash = regexp.MustCompile(`(^|-)lr[^-]+(-\d+)?-s\d+-[0-9a-f]+$`)

// variant returns what the run's name says is compared, or "".
func (r *run) variant() string {
	label := rateSeedHash.ReplaceAllString(r.ID, "")
	if label == r.row.Dataset {
		return ""
	}
	return strings.TrimPrefix(label, r.row.Dataset+"-")
}
