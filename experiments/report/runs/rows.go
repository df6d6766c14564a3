package runs

import "math"

// StepRow is one line of steps.csv: one batch, as it was trained.
type StepRow struct {
	Run        string  `csv:"run"`
	Step       int     `csv:"step"`  // counts from 1, through the epochs
	Epoch      int     `csv:"epoch"` // counts from 1
	LR         float64 `csv:"lr"`
	TrainLoss  float64 `csv:"train_loss"`  // mean over the batch in nats, without the L2 penalty
	TrainError float64 `csv:"train_error"` // fraction of the batch, 0..1
}

// EpochRow is one line of epochs.csv: the state of the network after an epoch.
type EpochRow struct {
	Run           string  `csv:"run"`
	Epoch         int     `csv:"epoch"`
	Step          int     `csv:"step"` // steps made so far
	LR            float64 `csv:"lr"`   // of the epoch's last step
	TrainLoss     float64 `csv:"train_loss"`
	TrainAccuracy float64 `csv:"train_accuracy"` // fraction, 0..1
	ValLoss       float64 `csv:"val_loss"`
	ValAccuracy   float64 `csv:"val_accuracy"` // fraction, 0..1
	Seconds       float64 `csv:"seconds"`      // of training so far, without evaluation
}

// LayerRow is one line of layers.csv: one layer with weights after an epoch. The norms
// are Euclidean, of the weights without the bias, in the epoch's last step.
type LayerRow struct {
	Run          string   `csv:"run"`
	Epoch        int      `csv:"epoch"`
	Layer        string   `csv:"layer"`         // such as conv1
	GradientNorm float64  `csv:"gradient_norm"` // of the mean loss of the batch, without weight decay
	WeightNorm   float64  `csv:"weight_norm"`
	UpdateRatio  float64  `csv:"update_ratio"` // norm of the solver's update divided by that of the weights
	Dead         *float64 `csv:"dead"`         // share of the units that never fire on the first training images; empty where no rectifier follows
}

// RunRow is one line of runs.csv: one run and how it ended.
type RunRow struct {
	Run        string `csv:"run"`
	Experiment string `csv:"experiment"`
	Config     `csv:",inline"`
	Status     Status `csv:"status"`
	Metrics    `csv:",inline"`
	Timing     `csv:",inline"`
}

// Metrics holds the numbers by which a finished run is judged. Nil is a missing number
// (the run diverged or has not ended): an empty cell, null in JSON.
type Metrics struct {
	BestEpoch    *int     `csv:"best_epoch" json:"best_epoch"`
	ValAccuracy  *float64 `csv:"val_accuracy" json:"val_accuracy"` // fraction, of the last epoch
	TestLoss     *float64 `csv:"test_loss" json:"test_loss"`
	TestAccuracy *float64 `csv:"test_accuracy" json:"test_accuracy"` // fraction
	Parameters   *int     `csv:"parameters" json:"parameters"`       // weights and biases of the network
}

// Timing is how long a run trained, without evaluation.
type Timing struct {
	Seconds          *float64 `csv:"seconds" json:"seconds"`
	SamplesPerSecond *float64 `csv:"samples_per_second" json:"samples_per_second"`
}

// PredictionRow is one line of predictions.csv: one test image, in file order.
type PredictionRow struct {
	Index      int     `csv:"index"` // counts from 0
	Label      int     `csv:"label"`
	Predicted  int     `csv:"predicted"`
	Confidence float64 `csv:"confidence"` // probability of Predicted, 0..1
}

// required returns the columns that identify this kind of CSV. The others may be
// missing, because older files lack columns added since. They read as zero, which for
// a newer hyper-parameter means "off".
func (StepRow) required() []string {
	return []string{"run", "step", "epoch", "lr", "train_loss", "train_error"}
}

func (EpochRow) required() []string {
	return []string{"run", "epoch", "step", "train_loss", "train_accuracy", "val_loss", "val_accuracy"}
}

func (LayerRow) required() []string { return []string{"run", "epoch", "layer"} }

func (RunRow) required() []string {
	return []string{"run", "experiment", "dataset", "lr", "seed", "status", "val_accuracy", "test_accuracy"}
}

func (PredictionRow) required() []string { return []string{"index", "label", "predicted"} }

// Finite returns a pointer to v, or nil if v is NaN or infinite, which JSON cannot hold.
func Finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
