// Package trained uses the networks that experiments have trained, from a run's directory
// or from a file of weights alone: it predicts the classes of pictures and exports the
// networks for other programs.
package trained

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pkg/errors"

	"cnnlab/data"
	"cnnlab/data/durable"
	"cnnlab/experiments/report/runs"
	"cnnlab/model"
)

// Builder makes the trainer of a run, as suite.Training.Build does.
type Builder = func(c runs.Config, set *data.Dataset) (*model.Trainer, error)

// Card is what a file of weights says about itself, in its metadata under cardKey, so that
// it can be used without its run.
type Card struct {
	Experiment string      `json:"experiment"`
	Run        string      `json:"run"`
	Config     runs.Config `json:"config"`
	Dataset    string      `json:"dataset_sha256"`
	Classes    []string    `json:"classes"`
	Channels   int         `json:"channels"`
	Height     int         `json:"height"` // of an image, in pixels
	Width      int         `json:"width"`
	Mean       []float32   `json:"mean"` // of pixel/255, by channel
	Std        []float32   `json:"std"`
	Centred    bool        `json:"centred"` // images are digits, placed as MNIST's
}

const cardKey = "cnnlab"

// NewCard describes a network that was trained on set.
func NewCard(experiment, run string, c runs.Config, set *data.Dataset) Card {
	return Card{experiment, run, c, set.SHA256, set.Classes, set.Channels, set.Height, set.Width, set.Mean, set.Std, set.Centred}
}

// Metadata returns the card as metadata of a file of weights.
func (c Card) Metadata() (map[string]string, error) {
	content, err := json.Marshal(c)
	return map[string]string{"format": "pt", cardKey: string(content)}, errors.WithStack(err)
}

// Network is a trained network.
type Network struct {
	*model.Network
	Card Card
	Set  *data.Dataset // without images
}

// maxWeights is the largest file of weights that is read, in bytes.
const maxWeights = 1 << 30

// Load returns the network in a run's directory, or in a file of weights. A name that is
// no path is looked for among the runs of the results directory out.
func Load(name, out string, builders map[string]Builder) (*Network, error) {
	dir, path := "", name
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		dir = name
	case errors.Is(err, fs.ErrNotExist):
		found, err := filepath.Glob(filepath.Join(out, "*", "runs", name))
		if err != nil || len(found) == 0 || runs.CheckName(name) != nil {
			return nil, errors.Errorf("%s is neither a run's directory, nor a file of weights, nor the name of a run in %s", name, out)
		}
		dir = found[0]
	case err != nil:
		return nil, errors.WithStack(err)
	}
	if dir != "" {
		path = filepath.Join(dir, runs.WeightsName)
	}
	weights, err := durable.ReadFile(path, maxWeights)
	if errors.Is(err, fs.ErrNotExist) && dir != "" {
		return nil, errors.Errorf("%s has no weights: the run is not done, or it diverged", dir)
	}
	if err != nil {
		return nil, err
	}
	card, err := readCard(weights, dir)
	if err != nil {
		return nil, errors.WithMessage(err, path)
	}
	n, err := card.build(builders)
	if err == nil {
		err = n.ReadWeights(weights)
	}
	return n, errors.WithMessage(err, path)
}

// readCard returns the card of a file of weights or, where an earlier revision wrote none,
// what the run's record says.
func readCard(weights []byte, dir string) (c Card, err error) {
	meta, err := model.WeightsMetadata(weights)
	if err != nil {
		return c, err
	}
	if text, ok := meta[cardKey]; ok {
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			return c, errors.Wrap(err, "the metadata cannot be read")
		}
		return c, nil
	}
	if dir == "" {
		return c, errors.New("the file does not say which network it belongs to: an earlier revision, or another program, wrote it; give the run's directory instead")
	}
	record, err := runs.ReadRecord(dir)
	if err != nil {
		return c, err
	}
	set, err := data.Describe(record.Dataset.Name)
	if err != nil {
		return c, err
	}
	set.SHA256, set.Mean, set.Std = record.Dataset.SHA256, float32s(record.Dataset.Normalize.Mean), float32s(record.Dataset.Normalize.Std)
	return NewCard(record.Experiment, record.ID, record.Config, set), nil
}

// build returns the network that the card describes, with initial weights.
func (c Card) build(builders map[string]Builder) (*Network, error) {
	build, ok := builders[c.Experiment]
	if !ok {
		return nil, errors.Errorf("this program has no experiment %q, whose network it is", c.Experiment)
	}
	if c.Channels < 1 || c.Height < 1 || c.Width < 1 || len(c.Classes) < 2 || len(c.Mean) != c.Channels || len(c.Std) != c.Channels {
		return nil, errors.New("the metadata are incomplete")
	}
	set := &data.Dataset{Name: c.Config.Dataset, SHA256: c.Dataset, Classes: c.Classes, Channels: c.Channels, Height: c.Height, Width: c.Width, Mean: c.Mean, Std: c.Std, Centred: c.Centred}
	trainer, err := build(c.Config, set)
	if err != nil {
		return nil, err
	}
	return &Network{trainer.Network(), c, set}, nil
}

func float32s(x []float64) (y []float32) {
	for _, v := range x {
		y = append(y, float32(v))
	}
	return y
}
