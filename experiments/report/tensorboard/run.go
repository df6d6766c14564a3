package tensorboard

import (
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"cnnlab/data/durable"
	"cnnlab/experiments/report/runs"
)

// FileName is the event file in a directory. TensorBoard wants "tfevents" in it; the number
// stands where others have the time of the start, so that a new file replaces the old one.
const FileName = "events.out.tfevents.0000000001.cnnlab"

// WriteRun writes the event file of the run in directory dir from its CSVs: loss and error
// of each step, the figures after each epoch, the test score and the hyper-parameters.
func WriteRun(dir string) error {
	record, err := runs.ReadRecord(dir)
	if err != nil {
		return err
	}
	epochs, err := runs.ReadEpochs(filepath.Join(dir, runs.EpochsName))
	if err != nil {
		return err
	}
	var steps []runs.StepRow
	for row, err := range runs.ReadSteps(filepath.Join(dir, runs.StepsName)) {
		if err != nil {
			return err
		}
		steps = append(steps, row)
	}
	return durable.WriteFile(durable.Disk{}, filepath.Join(dir, FileName), func(to io.Writer) error {
		w := NewWriter(to, record.Started)
		w.begin(record)
		for _, row := range steps {
			at := when(record.Started, row.Step, epochs)
			w.Scalar(at, row.Step, "step/loss", row.TrainLoss)
			w.Scalar(at, row.Step, "step/error", row.TrainError)
			w.Scalar(at, row.Step, "step/learning rate", row.LR)
		}
		end := record.Started
		for _, row := range epochs {
			end = when(record.Started, row.Step, epochs)
			w.Scalar(end, row.Step, "train/loss", row.TrainLoss)
			w.Scalar(end, row.Step, "train/accuracy", row.TrainAccuracy)
			w.Scalar(end, row.Step, "val/loss", row.ValLoss)
			w.Scalar(end, row.Step, "val/accuracy", row.ValAccuracy)
		}
		if m := record.Metrics; m.TestAccuracy != nil && m.TestLoss != nil && len(epochs) > 0 {
			last := epochs[len(epochs)-1].Step
			w.Scalar(end, last, "test/accuracy", *m.TestAccuracy)
			w.Scalar(end, last, "test/loss", *m.TestLoss)
		}
		w.end(record, end)
		return w.Err()
	})
}

// when estimates the time of a step from the seconds that the epochs took.
func when(start time.Time, step int, epochs []runs.EpochRow) time.Time {
	before := runs.EpochRow{}
	for _, row := range epochs {
		if row.Step >= step {
			share := float64(step-before.Step) / float64(max(1, row.Step-before.Step))
			return start.Add(time.Duration((before.Seconds + share*(row.Seconds-before.Seconds)) * float64(time.Second)))
		}
		before = row
	}
	return start.Add(time.Duration(before.Seconds * float64(time.Second)))
}

// WritePictures writes the event file of an experiment in directory dir, with its pictures
// of these names.
func WritePictures(dir string, at time.Time, names ...string) error {
	return durable.WriteFile(durable.Disk{}, filepath.Join(dir, FileName), func(to io.Writer) error {
		w := NewWriter(to, at)
		for _, name := range names {
			if content, err := os.ReadFile(filepath.Join(dir, name+".png")); err == nil {
				w.Picture(at, name, content)
			}
		}
		return w.Err()
	})
}

func number(cell string) (float64, bool) {
	v, err := strconv.ParseFloat(cell, 64)
	return v, err == nil
}
