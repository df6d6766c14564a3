package runs

import (
	"encoding/json"
	"io"
	"os"
	"slices"

	"github.com/pkg/errors"
)

const (
	// ChoiceName is the file of a sweep's Choice.
	ChoiceName = "chosen.json"
	// NotChosenName is the file that stands in its place if the sweep chose none, and says
	// why.
	NotChosenName = "not-chosen.txt"
)

// Choice is chosen.json: the learning rate that later experiments take, and the
// configuration under which it was chosen.
type Choice struct {
	LR          float64  `json:"lr"`
	ValAccuracy float64  `json:"val_accuracy"` // mean over Runs
	Runs        []string `json:"runs"`         // at that rate, one for each seed
	Against     []string `json:"against"`      // the other runs of the sweep
	Config      Config   `json:"config"`       // of the first of Runs
	Dataset     string   `json:"dataset_sha256"`
}

// ReadChoice reads the chosen.json at path. The error is fs.ErrNotExist if the file
// is missing.
func ReadChoice(path string) (c Choice, err error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(content, &c); err != nil || !(c.LR > 0) {
		return c, errors.Errorf("%s holds no learning rate (%v); run the sweep again with -exp lr-sweep, or give a rate with -lr", path, err)
	}
	return c, nil
}

// Write writes c as JSON.
func (c Choice) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(c)
}

// Plan returns the ids of all runs of the sweep, sorted.
func (c Choice) Plan() []string {
	return slices.Sorted(slices.Values(slices.Concat(c.Runs, c.Against)))
}
