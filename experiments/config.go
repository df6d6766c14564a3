package experiments

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"cnnlab/data"
	"cnnlab/experiments/report"
	"cnnlab/model"
)

// Config is every hyper-parameter of one run.
type Config = report.Config

// defaults are the hyper-parameters that the experiments start from. A run's id
// leaves out what is as it stands here: after a change the same command finds the
// old runs under the same ids, and refuses them.
var defaults = Config{
	Channels: []int{32, 64},
	Kernel:   3,
	Hidden:   128,
	Batch:    100,
	Solver:   "sgd",
	Schedule: "constant",
	Momentum: 0.9,
	Shuffle:  true,
	Ops:      "fast",
	Seed:     1,
}

// settings is all that changes the bits of a run and is not at its default, as
// JSON.
func settings(c Config, set *data.Dataset) []byte {
	settings := map[string]any{"dataset_sha256": set.SHA256}
	v, d := reflect.ValueOf(c), reflect.ValueOf(defaults)
	for i := range v.NumField() {
		if value := v.Field(i).Interface(); !reflect.DeepEqual(value, d.Field(i).Interface()) {
			settings[v.Type().Field(i).Tag.Get("json")] = value
		}
	}
	text, err := json.Marshal(settings) // sorted by name
	if err != nil {
		panic(err) // the values come from the command line, which lets no NaN pass
	}
	return text
}

// settingsHash is the SHA-256 of the settings, hexadecimal.
func settingsHash(c Config, set *data.Dataset) string {
	return fmt.Sprintf("%x", sha256.Sum256(settings(c, set)))
}

// runID is [<label>-]lr<rate>-s<seed>-<8 hex digits>, the first of the settings'
// hash.
func runID(label string, c Config, set *data.Dataset) string {
	if label != "" {
		label += "-"
	}
	return fmt.Sprintf("%slr%s-s%d-%s", label, formatRate(c.LR), c.Seed, settingsHash(c, set)[:8])
}

// formatRate is the shortest decimal form of a learning rate: 0.001, 1e-05, 1e20.
func formatRate(lr float64) string {
	return strings.Replace(strconv.FormatFloat(lr, 'g', -1, 64), "+", "", 1)
}

// input is what a network for this run is built for.
func input(c Config, set *data.Dataset) (model.Input, error) {
	ops, err := model.OpsNamed(c.Ops)
	return model.Input{
		Batch: c.Batch, Channels: set.Channels, Height: set.Height, Width: set.Width, Seed: c.Seed, Ops: ops,
	}, err
}

// solver returns the solver that c names, with L2 weight decay, and around it, if
// c asks for that, the averages of the weights.
func solver(c Config) (s model.Solver, err error) {
	switch c.Solver {
	case "sgd":
		s = &model.SGD{LearningRate: c.LR, Momentum: c.Momentum, WeightDecay: c.WeightDecay}
	case "adam":
		s = &model.Adam{LearningRate: c.LR, WeightDecay: c.WeightDecay}
	default:
		return nil, errors.Errorf("solver %q, want sgd or adam", c.Solver)
	}
	if c.EMA > 0 {
		s = &model.EMA{Solver: s, Decay: c.EMA}
	}
	return s, nil
}
