package runs

import (
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// SnapshotsName is the file of a run's directory with a SnapshotRow for each epoch, if
// they were asked for.
const SnapshotsName = "snapshots.csv"

// SnapshotRow is one line of snapshots.csv: what the network looked like after an epoch.
type SnapshotRow struct {
	Run       string  `csv:"run"`
	Epoch     int     `csv:"epoch"`
	Shape     Sizes   `csv:"shape"`     // of the filters, maps×C×KH×KW
	Filters   Numbers `csv:"filters"`   // of the first convolution
	Confusion Sizes   `csv:"confusion"` // counts on val, row by row: actual, then predicted
}

func (SnapshotRow) required() []string {
	return []string{"run", "epoch", "shape", "filters", "confusion"}
}

// Numbers is a list of numbers. Its CSV cell separates them by spaces and gives three
// significant digits.
type Numbers []float32

// MarshalCSV implements csvutil.Marshaler.
func (n Numbers) MarshalCSV() (cell []byte, err error) {
	for i, v := range n {
		if i > 0 {
			cell = append(cell, ' ')
		}
		cell = strconv.AppendFloat(cell, float64(v), 'g', 3, 32)
	}
	return cell, nil
}

// UnmarshalCSV implements csvutil.Unmarshaler. Anything but numbers is an error.
func (n *Numbers) UnmarshalCSV(cell []byte) error {
	*n = nil
	for _, field := range strings.Fields(string(cell)) {
		v, err := strconv.ParseFloat(field, 32)
		if err != nil {
			return errors.Errorf("%.60q, want numbers separated by spaces", cell)
		}
		*n = append(*n, float32(v))
	}
	return nil
}

// ReadSnapshots reads the snapshots.csv at path. It returns the same errors as ReadSteps.
func ReadSnapshots(path string) ([]SnapshotRow, error) { return collect(readFile[SnapshotRow](path)) }

// AppendSnapshot adds a row to snapshots.csv, as AppendStep does to steps.csv. The first
// one begins the file.
func (d *Dir) AppendSnapshot(row SnapshotRow) error {
	row.Run = d.id
	if err := d.ready(); err != nil {
		return err
	}
	if d.snapshots == nil {
		if err := d.openSnapshots(Mark{}); err != nil {
			return err
		}
	}
	return d.fail(d.snapshots.add(row))
}

func (d *Dir) openSnapshots(at Mark) (err error) {
	if d.snapshots, err = openRows[SnapshotRow](d.fsys, filepath.Join(d.path, SnapshotsName), at); err != nil {
		return d.fail(err)
	}
	return d.fail(d.fsys.SyncDir(d.path))
}
