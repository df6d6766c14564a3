// Package outcome works out what the runs of an experiment found: it groups runs over
// their seeds, chooses a learning rate, compares variants, and makes the tables and
// pictures that experiments share. An experiment composes a Page of these; only
// Page.Write writes to the disk. The package knows nothing of networks or training.
package outcome

import (
	"image"
	"path/filepath"
	"slices"
	"strings"

	"cnnlab/experiments/report/runs"
)

// Outcome is what the merged CSVs of an experiment hold, in the order of its plan.
type Outcome struct {
	Dataset Dataset
	Runs    []runs.RunRow // of the plan; a run missing from runs.csv has only id and configuration
	Notes   string        // on the set-up, such as where the learning rate comes from

	// LookInside looks into the network of a finished run; nil: no network is there.
	LookInside func(row runs.RunRow) (Inside, error)

	dir         string
	variants    map[string]string // of the runs, by id
	steps       map[string][]runs.StepRow
	epochs      map[string][]runs.EpochRow
	layers      map[string][]runs.LayerRow
	predictions map[string]predictions
}

// Dataset is the data set of an experiment.
type Dataset struct {
	Name, SHA256 string
	Classes      []string
	ValImages    int
	TestImages   int
	Augmentation string // what augmentation does to a training image
	TestImage    func(i int) image.Image
}

// Planned is one run of the plan.
type Planned struct {
	ID      string
	Variant string // what is compared, unless it is the learning rate
	Config  runs.Config
}

// Read reads the merged files of the experiment in directory dir, and the predictions of
// the finished runs. A run whose predictions cannot be read is damaged; a warning says
// why.
func Read(dir string, merged runs.Merged, plan []Planned, set Dataset, notes []string) (*Outcome, []runs.Warning, error) {
	o := &Outcome{Dataset: set, Notes: strings.Join(notes, "\n"), dir: dir, variants: make(map[string]string), steps: make(map[string][]runs.StepRow),
		epochs: make(map[string][]runs.EpochRow), layers: make(map[string][]runs.LayerRow), predictions: make(map[string]predictions)}
	found, err := runs.ReadRuns(merged.Runs)
	if err != nil {
		return nil, nil, err
	}
	var damage []runs.Warning
	for _, p := range plan {
		o.variants[p.ID] = p.Variant
		row := runs.RunRow{Run: p.ID, Config: p.Config}
		if i := slices.IndexFunc(found, func(r runs.RunRow) bool { return r.Run == p.ID }); i >= 0 {
			row = found[i]
		}
		if row.Status == runs.StatusDone {
			path := filepath.Join(runs.Path(dir, row.Run), runs.PredictionsName)
			if o.predictions[row.Run], err = o.readPredictions(path); err != nil {
				damage = append(damage, runs.Warning{Path: path, Reason: err.Error() + "; " + runs.Remedy(filepath.Dir(path)), Damage: true})
				delete(o.predictions, row.Run)
				row = runs.RunRow{Run: p.ID, Config: p.Config, Status: runs.StatusDamaged}
			}
		}
		o.Runs = append(o.Runs, row)
	}
	epochs, err := runs.ReadEpochs(merged.Epochs)
	if err != nil {
		return nil, nil, err
	}
	for _, row := range epochs {
		o.epochs[row.Run] = append(o.epochs[row.Run], row)
	}
	layers, err := runs.ReadLayers(merged.Layers)
	if err != nil {
		return nil, nil, err
	}
	for _, row := range layers {
		o.layers[row.Run] = append(o.layers[row.Run], row)
	}
	for row, err := range runs.ReadSteps(merged.Steps) {
		if err != nil {
			return nil, nil, err
		}
		o.steps[row.Run] = append(o.steps[row.Run], row)
	}
	return o, damage, nil
}

// Ended reports whether no run of the plan is left to train.
func (o *Outcome) Ended() bool {
	return !slices.ContainsFunc(o.Runs, func(row runs.RunRow) bool { return !row.Status.Ended() })
}

// Augmentation describes the augmentation of the training images, or says that no
// run has it.
func (o *Outcome) Augmentation() string {
	if slices.ContainsFunc(o.Runs, func(row runs.RunRow) bool { return row.Augment }) {
		return "augmentation (" + o.Dataset.Augmentation + ")"
	}
	return "augmentation (off here)"
}
