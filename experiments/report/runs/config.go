package runs

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// Config holds every hyper-parameter of one run: the "config" of run.json and part of
// every line of runs.csv. The command-line flags have the names of these columns, with
// - for _.
type Config struct {
	Dataset     string  `csv:"dataset" json:"dataset"`
	TrainImages int     `csv:"train_images" json:"train_images"`         // trained on, without val
	Channels    Sizes   `csv:"channels" json:"channels"`                 // feature maps of each convolution block
	ExtraConvs  int     `csv:"extra_convs" json:"extra_convs,omitempty"` // convolutions in each block beyond the first; left out if 0, as in older files
	Kernel      int     `csv:"kernel" json:"kernel"`                     // side of the square kernels in pixels
	Hidden      int     `csv:"hidden" json:"hidden"`                     // units of the hidden dense layer
	Batch       int     `csv:"batch" json:"batch"`                       // images per step
	Epochs      int     `csv:"epochs" json:"epochs"`                     // passes over the training images
	Solver      string  `csv:"solver" json:"solver"`                     // sgd or adam
	LR          float64 `csv:"lr" json:"lr"`                             // learning rate, the peak of Schedule
	Schedule    string  `csv:"schedule" json:"schedule"`                 // of the learning rate over the steps: constant, cosine, one-cycle
	Momentum    float64 `csv:"momentum" json:"momentum"`                 // of sgd
	WeightDecay float64 `csv:"weight_decay" json:"weight_decay"`         // L2, on weights but not on biases; 0: none
	EMA         float64 `csv:"ema" json:"ema"`                           // decay of the moving average of the weights; 0: none
	Dropout     float64 `csv:"dropout" json:"dropout"`                   // probability after the hidden layer, 0..1
	ConvDropout float64 `csv:"conv_dropout" json:"conv_dropout"`         // probability after the last pooling, 0..1
	Augment     bool    `csv:"augment" json:"augment"`                   // training images varied at random
	TTA         bool    `csv:"tta" json:"tta"`                           // test-time augmentation: mirror images are scored too
	Shuffle     bool    `csv:"shuffle" json:"shuffle"`                   // a new order in every epoch; false: file order
	Ops         string  `csv:"ops" json:"ops"`                           // the operations: fast, this project's, or gorgonia's own
	Seed        uint64  `csv:"seed" json:"seed"`                         // of initialization, order, dropout and augmentation
}

// Sizes is a list of layer sizes. Its CSV cell separates them by spaces ("32 64"),
// which needs no quotes and which no spreadsheet takes for a date. In JSON it is an
// array.
type Sizes []int

// String returns the CSV cell of s, such as "32 64"; empty for no sizes.
func (s Sizes) String() string { return strings.Trim(fmt.Sprint([]int(s)), "[]") }

// MarshalCSV implements csvutil.Marshaler.
func (s Sizes) MarshalCSV() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalCSV implements csvutil.Unmarshaler. Anything but whole numbers is an
// error.
func (s *Sizes) UnmarshalCSV(cell []byte) error {
	*s = nil
	for _, field := range strings.Fields(string(cell)) {
		n, err := strconv.Atoi(field)
		if err != nil {
			return errors.Errorf("%q, want whole numbers separated by spaces", cell)
		}
		*s = append(*s, n)
	}
	return nil
}

// FormatRate returns the shortest decimal form of a learning rate: 0.001, 1e-05, 1e20.
func FormatRate(lr float64) string {
	return strings.Replace(strconv.FormatFloat(lr, 'g', -1, 64), "+", "", 1)
}
