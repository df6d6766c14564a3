package report

// StepRow is one line of steps.csv: one batch, as it was trained.
type StepRow struct {
	Run        string  `csv:"run"`
	Step       int     `csv:"step"`  // counts from 1, through the epochs
	Epoch      int     `csv:"epoch"` // counts from 1
	LR         float64 `csv:"lr"`
	TrainLoss  float64 `csv:"train_loss"`  // mean over the batch, without the L2 penalty
	TrainError float64 `csv:"train_error"` // fraction of the batch, 0..1
}

// EpochRow is one line of epochs.csv: the network as it stands after an epoch.
type EpochRow struct {
	Run           string  `csv:"run"`
	Epoch         int     `csv:"epoch"`
	Step          int     `csv:"step"` // steps taken so far
	LR            float64 `csv:"lr"`   // of the epoch's last step
	TrainLoss     float64 `csv:"train_loss"`
	TrainAccuracy float64 `csv:"train_accuracy"` // fraction, 0..1
	ValLoss       float64 `csv:"val_loss"`
	ValAccuracy   float64 `csv:"val_accuracy"` // fraction, 0..1
	Seconds       float64 `csv:"seconds"`      // of training so far, evaluation left out
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

// Metrics is what a finished run is judged by. A nil pointer is a number that
// there is not (the run diverged or still runs): an empty cell, null in JSON.
type Metrics struct {
	BestEpoch    *int     `csv:"best_epoch" json:"best_epoch"`
	ValAccuracy  *float64 `csv:"val_accuracy" json:"val_accuracy"` // fraction, of the last epoch
	TestLoss     *float64 `csv:"test_loss" json:"test_loss"`
	TestAccuracy *float64 `csv:"test_accuracy" json:"test_accuracy"` // fraction
	Parameters   *int     `csv:"parameters" json:"parameters"`       // learned numbers of the network
}

// Timing is how long a run trained. Evaluation is left out.
type Timing struct {
	Seconds          *float64 `csv:"seconds" json:"seconds"`
	SamplesPerSecond *float64 `csv:"samples_per_second" json:"samples_per_second"`
}

// PredictionRow is one line of predictions.csv: one test image, in file order.
type PredictionRow struct {
	Index      int     `csv:"index"` // counts from 0
	Label      int     `csv:"label"`
	Predicted  int     `csv:"predicted"`
	Confidence float64 `csv:"confidence"` // probability given to Predicted, 0..1
}
