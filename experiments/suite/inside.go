package suite

import (
	"path/filepath"

	"cnnlab/data/durable"
	"cnnlab/experiments/outcome"
	"cnnlab/experiments/report/runs"
	"cnnlab/model"
)

// maxWeights is the largest file of weights that is read, in bytes.
const maxWeights = 1 << 30

// trainedNetwork returns the network of a finished run in directory dir, with the weights
// that it was scored with.
func (s *study) trainedNetwork(c Config, dir string) (*model.Network, error) {
	weights, err := durable.ReadFile(filepath.Join(dir, runs.WeightsName), maxWeights)
	if err != nil {
		return nil, err
	}
	trainer, err := s.Build(c, s.set)
	if err != nil {
		return nil, err
	}
	return trainer.Network(), trainer.Network().ReadWeights(weights)
}

// lookInside returns the filters of a finished run's network and, for the first test image,
// the feature maps that each block passes on.
func (s *study) lookInside(row runs.RunRow) (in outcome.Inside, err error) {
	net, err := s.trainedNetwork(row.Config, runs.Path(s.dir, row.Run))
	if err != nil {
		return in, err
	}
	first := net.Learnables[0]
	shape, weights := first.Shape(), first.Value().Data().([]float32) // maps×C×KH×KW
	size := len(weights) / shape[0]
	for i := range shape[0] {
		in.Filters = append(in.Filters, outcome.Planes{Count: shape[1], Height: shape[2], Width: shape[3], Values: weights[i*size : (i+1)*size]})
	}
	evaluator, err := model.NewEvaluator(net, 1)
	if err != nil {
		return in, err
	}
	for _, batch := range s.set.Batches(s.set.Test.Head(1), 1, nil) {
		if _, _, err := evaluator.Evaluate(batch.X, batch.Y); err != nil {
			return in, err
		}
	}
	for i, a := range evaluator.Activations(0) {
		if len(a.Shape) == 3 && (i+1)%(1+row.ExtraConvs) == 0 {
			in.Blocks = append(in.Blocks, outcome.Planes{Count: a.Shape[0], Height: a.Shape[1], Width: a.Shape[2], Values: a.Values})
		}
	}
	return in, nil
}
