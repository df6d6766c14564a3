package page

import (
	"path/filepath"

	"cnnlab/experiments/report/runs"
)

// Snapshot is the network after an epoch: the filters of its first convolution and the
// confusion matrix on val.
type Snapshot struct {
	Epoch     int    `json:"epoch"`
	Shape     []int  `json:"shape"`     // of the filters, maps×C×KH×KW
	Filters   []byte `json:"filters"`   // 128 stands for 0, 255 and 1 for ± the largest weight
	Confusion []int  `json:"confusion"` // counts, row by row: actual, then predicted
}

// readSnapshots reads the run's snapshots if they have changed.
func (r *run) readSnapshots() (changed bool) {
	path := filepath.Join(r.dir, runs.SnapshotsName)
	now := stamp(path)
	if now == r.snapshots {
		return false
	}
	r.snapshots = now
	rows, _ := runs.ReadSnapshots(path) // as far as they can be read
	r.Snapshots = nil
	for _, row := range rows {
		r.Snapshots = append(r.Snapshots, Snapshot{row.Epoch, row.Shape, signed(row.Filters), row.Confusion})
	}
	return true
}

// signed scales numbers between ± the largest to 1 … 255; 0 becomes 128.
func signed(values []float32) []byte {
	largest := float32(1e-30)
	for _, v := range values {
		largest = max(largest, v, -v)
	}
	scaled := make([]byte, len(values))
	for i, v := range values {
		scaled[i] = byte(128.5 + 127*v/largest)
	}
	return scaled
}
