package outcome

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/pkg/errors"

	"cnnlab/experiments/report/chart"
	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/stats"
)

// predictions holds one run's predictions for the test images, in file order.
type predictions struct {
	labels, classes []int
	confidences     []float64 // to four decimals, as the experiment's predictions.csv has them
}

// readPredictions reads the predictions.csv of a finished run, one line for each test
// image.
func (o *Outcome) readPredictions(path string) (p predictions, err error) {
	rows, err := runs.ReadPredictions(path)
	if err != nil {
		return p, errors.New(runs.Reason(path, err))
	}
	if len(rows) != o.Dataset.TestImages {
		return p, errors.Errorf("%d predictions, want one for each of the %d test images", len(rows), o.Dataset.TestImages)
	}
	classes := len(o.Dataset.Classes)
	for i, row := range rows {
		switch {
		case min(row.Label, row.Predicted) < 0 || max(row.Label, row.Predicted) >= classes:
			return p, errors.Errorf("line %d: label %d, predicted %d, want 0 to %d", i+2, row.Label, row.Predicted, classes-1)
		case !(row.Confidence >= 0 && row.Confidence <= 1.0001):
			return p, errors.Errorf("line %d: confidence %v, want 0 to 1", i+2, row.Confidence)
		}
		p.labels, p.classes = append(p.labels, row.Label), append(p.classes, row.Predicted)
		p.confidences = append(p.confidences, math.Round(1e4*row.Confidence)/1e4)
	}
	return p, nil
}

func (p predictions) calibration() stats.Calibration {
	right := make([]bool, len(p.labels))
	for i, label := range p.labels {
		right[i] = p.classes[i] == label
	}
	return stats.Calibrate(p.confidences, right)
}

// Predictions returns predictions.csv of the experiment: one line for each test image in
// file order, its label first, then for each finished run the class that it predicts and
// its confidence, such as "7 0.9988". Accuracies, McNemar's test, confusions and
// calibration follow from it.
func (o *Outcome) Predictions() File {
	header := []string{"label"}
	var all []predictions
	for _, row := range o.Runs {
		if p, ok := o.predictions[row.Run]; ok {
			header, all = append(header, row.Run), append(all, p)
		}
	}
	if all == nil {
		return File{Name: runs.PredictionsName}
	}
	return File{runs.PredictionsName, func(w io.Writer) error {
		lines := csv.NewWriter(w)
		if err := lines.Write(header); err != nil {
			return err
		}
		for i, label := range all[0].labels {
			line := []string{strconv.Itoa(label)}
			for _, p := range all {
				line = append(line, fmt.Sprintf("%d %g", p.classes[i], p.confidences[i]))
			}
			if err := lines.Write(line); err != nil {
				return err
			}
		}
		lines.Flush()
		return lines.Error()
	}}
}

// Reliability plots, for each group, how often the networks are right against how
// confident they are.
func (o *Outcome) Reliability(groups []*Group) Figure {
	f := chart.Figure{Title: "Reliability on the " + o.Dataset.Name + " test set", XLabel: "confidence", YLabel: "accuracy", Percent: true, XPercent: true,
		Footnote: "grey: as accurate as confident; below: too confident; 15 bins, those under 20 images a run left out; bars: the longer half of Wilson's 95 % interval",
		YMin:     new(0.0), YMax: new(1.0)}
	for _, g := range groups {
		if !g.Done() {
			continue
		}
		s := chart.Series{Name: g.Name, Points: true}
		var pooled predictions
		for _, row := range g.Runs {
			p := o.predictions[row.Run]
			pooled.labels, pooled.classes = append(pooled.labels, p.labels...), append(pooled.classes, p.classes...)
			pooled.confidences = append(pooled.confidences, p.confidences...)
		}
		for _, bin := range pooled.calibration().Bins {
			perRun := bin.Images / len(g.Runs) // more runs are no more images
			if perRun < 20 {
				continue
			}
			low, high := stats.Wilson(bin.Accuracy, perRun)
			s.X, s.Y = append(s.X, bin.Confidence), append(s.Y, bin.Accuracy)
			s.ErrorBars = append(s.ErrorBars, max(bin.Accuracy-low, high-bin.Accuracy))
		}
		f.Series = append(f.Series, s)
	}
	f.Series = append(f.Series, chart.Series{X: []float64{0, 1}, Y: []float64{0, 1}, Reference: true})
	return Figure{"reliability", f}
}
