package report

import (
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// Config is every hyper-parameter of one run. It is the "config" of run.json
// and a part of every line of runs.csv, and is declared only here.
type Config struct {
	Dataset     string  `csv:"dataset" json:"dataset"`
	TrainImages int     `csv:"train_images" json:"train_images"` // trained on, val left out
	Channels    Sizes   `csv:"channels" json:"channels"`         // maps of each convolution block
	Kernel      int     `csv:"kernel" json:"kernel"`             // side of the square kernels, pixels
	Hidden      int     `csv:"hidden" json:"hidden"`             // units of the dense layer
	Batch       int     `csv:"batch" json:"batch"`               // images a step
	Epochs      int     `csv:"epochs" json:"epochs"`             // passes over the training images
	Solver      string  `csv:"solver" json:"solver"`             // sgd or adam
	LR          float64 `csv:"lr" json:"lr"`                     // learning rate, the peak of Schedule
	Schedule    string  `csv:"schedule" json:"schedule"`         // of the rate over the steps: constant, cosine, one-cycle
	Momentum    float64 `csv:"momentum" json:"momentum"`         // of sgd; adam has its own
	WeightDecay float64 `csv:"weight_decay" json:"weight_decay"` // L2, on weights and not on biases; 0: none
	EMA         float64 `csv:"ema" json:"ema"`                   // decay of the moving average of the weights; 0: none
	Dropout     float64 `csv:"dropout" json:"dropout"`           // share dropped after the dense layer, 0..1
	ConvDropout float64 `csv:"conv_dropout" json:"conv_dropout"` // share dropped after the last pooling, 0..1
	Augment     bool    `csv:"augment" json:"augment"`           // training images changed at random
	TTA         bool    `csv:"tta" json:"tta"`                   // test-time augmentation: scored with the mirror image
	Shuffle     bool    `csv:"shuffle" json:"shuffle"`           // a new order in every epoch; false: that of the files
	Ops         string  `csv:"ops" json:"ops"`                   // whose operations: fast or gorgonia
	Seed        uint64  `csv:"seed" json:"seed"`                 // of initialisation, order, dropout and augmentation
}

// Sizes is a list of layer sizes. Its CSV cell is space separated ("32 64"),
// which needs no quotes and which no spreadsheet takes for a date; in JSON it
// is an array.
type Sizes []int

// String is the cell of s, "32 64"; empty for no sizes.
func (s Sizes) String() string {
	var b strings.Builder
	for i, n := range s {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}

// MarshalCSV implements csvutil.Marshaler.
func (s Sizes) MarshalCSV() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalCSV implements csvutil.Unmarshaler. Anything but whole numbers is
// an error.
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
