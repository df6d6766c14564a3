package suite

import (
	"bytes"

	"cnnlab/data/durable"
	"cnnlab/experiments/report/runs"
	"cnnlab/model"
)

// repair makes the predictions of a finished run again from its weights if nothing else
// of it is damaged. Other damage is reported when the runs are merged.
func (s *study) repair(r run, dir *runs.Dir, record runs.Record) error {
	damage := record.Damage(dir.Path())
	if len(damage) != 1 || damage[0].Name != runs.PredictionsName {
		return nil
	}
	net, err := s.trainedNetwork(r.Config, dir.Path())
	if err != nil {
		return err
	}
	evaluator, err := model.NewEvaluator(net, evalBatch)
	if err != nil {
		return err
	}
	rows, _, err := predict(evaluator, r.Config, s.set)
	if err != nil {
		return err
	}
	var content bytes.Buffer
	if err := runs.WriteRows(&content, rows); err != nil {
		return err
	}
	if durable.SHA256(content.Bytes()) != record.Files[runs.PredictionsName].SHA256 {
		s.progress.warn("%s: %s cannot be restored: scoring the weights again does not give the same bits (arithmetic then: %s, now: %s)", r.ID, runs.PredictionsName, record.Arithmetic, model.Arithmetic)
		return nil
	}
	s.progress.note("%s: %s was damaged (%s) and has been made again from the weights", r.ID, runs.PredictionsName, damage[0].Reason)
	return dir.WritePredictions(rows)
}
