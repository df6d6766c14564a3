package experiments

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/jszwec/csvutil"

	"cnnlab/experiments/report"
)

// testAccuracyRow is a line of test-accuracy.csv: one variant over its seeds,
// and how it differs from the first.
type testAccuracyRow struct {
	Variant       string   `csv:"variant"`
	Dataset       string   `csv:"dataset"`
	LR            float64  `csv:"lr"`
	Dropout       float64  `csv:"dropout"`
	ConvDropout   float64  `csv:"conv_dropout"`
	WeightDecay   float64  `csv:"weight_decay"`
	Augment       bool     `csv:"augment"`
	Epochs        int      `csv:"epochs"`
	Runs          int      `csv:"runs"` // done
	TestAccuracy  *float64 `csv:"test_accuracy"`
	TestSD        *float64 `csv:"test_accuracy_sd"`
	TestLow       *float64 `csv:"test_accuracy_low"`  // Wilson's 95 % interval for the images of one test set
	TestHigh      *float64 `csv:"test_accuracy_high"` // likewise
	TrainAccuracy *float64 `csv:"train_accuracy"`
	ValAccuracy   *float64 `csv:"val_accuracy"`
	Gap           *float64 `csv:"gap"`        // train accuracy - val accuracy
	OnlyFirst     *int     `csv:"only_first"` // test images that only the first variant gets right, over the paired seeds
	OnlyThis      *int     `csv:"only_this"`  // that only this one gets right
	P             *float64 `csv:"mcnemar_p"`  // of McNemar's test on these
	Verdict       string   `csv:"difference"` // what p says at 5 %
}

// testAccuracy writes test-accuracy.csv and keeps its rows for the table.
func (o *Outcome) testAccuracy(groups []*group) error {
	for i, g := range groups {
		row := o.accuracyRow(g)
		if i > 0 {
			if err := o.compareTo(groups[0], g, &row); err != nil {
				return err
			}
		}
		o.accuracies = append(o.accuracies, row)
	}
	text, err := csvutil.Marshal(o.accuracies)
	if err != nil {
		return err
	}
	return o.write("test-accuracy.csv", func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

func (o *Outcome) accuracyRow(g *group) testAccuracyRow {
	c := g.Runs[0].Config
	low, high := report.Wilson(report.Mean(g.Test), o.Set.Test.Len())
	return testAccuracyRow{
		Variant: g.Name, Dataset: c.Dataset, LR: c.LR, Dropout: c.Dropout, ConvDropout: c.ConvDropout,
		WeightDecay: c.WeightDecay, Augment: c.Augment, Epochs: c.Epochs, Runs: len(g.Test),
		TestAccuracy: report.Number(report.Mean(g.Test)), TestSD: report.Number(report.SD(g.Test)),
		TestLow: report.Number(low), TestHigh: report.Number(high),
		TrainAccuracy: report.Number(report.Mean(g.Train)), ValAccuracy: report.Number(report.Mean(g.Val)),
		Gap: report.Number(report.Mean(g.gap())),
	}
}

// compareTo adds what McNemar's test says of the predictions of g against those
// of first with the same seeds. So are the rates, unless the schedules differ.
func (o *Outcome) compareTo(first, g *group, row *testAccuracyRow) error {
	onlyFirst, onlyThis, pairs := 0, 0, 0
	for _, a := range first.Runs {
		for _, b := range g.Runs {
			if a.Seed != b.Seed || a.LR != b.LR && a.Schedule == b.Schedule || a.Status != report.StatusDone || b.Status != report.StatusDone {
				continue
			}
			pa, err := o.predictions(a.Run)
			if err != nil {
				return err
			}
			pb, err := o.predictions(b.Run)
			if err != nil {
				return err
			}
			onlyA, onlyB, _, err := report.McNemar(pa, pb)
			if err != nil {
				return err
			}
			onlyFirst, onlyThis, pairs = onlyFirst+onlyA, onlyThis+onlyB, pairs+1
		}
	}
	if pairs == 0 {
		return nil
	}
	p := report.McNemarP(onlyFirst, onlyThis)
	row.OnlyFirst, row.OnlyThis, row.P = &onlyFirst, &onlyThis, &p
	row.Verdict = "may be chance"
	if p < 0.05 {
		row.Verdict = "real"
	}
	return nil
}

// predictions reads those of a run.
func (o *Outcome) predictions(run string) ([]report.PredictionRow, error) {
	return report.ReadPredictions(filepath.Join(report.RunDir(o.Dir, run), "predictions.csv"))
}

// accuracyTable has a line for each group, with the differences if testAccuracy
// has found them.
func (o *Outcome) accuracyTable(groups []*group) report.Table {
	t := report.Table{Columns: []report.Column{
		{Name: "variant"}, {Name: "data set"}, {Name: "runs", Right: true}, {Name: "train accuracy", Right: true}, {Name: "val accuracy", Right: true},
		{Name: "gap", Right: true}, {Name: "test accuracy", Right: true}, {Name: "95 % interval", Right: true}, {Name: "status"},
	}}
	if o.accuracies != nil && len(groups) > 1 {
		t.Columns = append(t.Columns, report.Column{Name: "difference to " + groups[0].Name})
	}
	for i, g := range groups {
		low, high := report.Wilson(report.Mean(g.Test), o.Set.Test.Len())
		interval := "–"
		if len(g.Test) > 0 {
			interval = fmt.Sprintf("%.2f to %.2f %%", 100*low, 100*high)
		}
		cells := []string{g.Name, o.Set.Name, fmt.Sprint(len(g.Runs)), meanSD(g.Train), meanSD(g.Val), meanSD(g.gap()), meanSD(g.Test), interval, string(g.status())}
		if o.accuracies != nil && o.accuracies[i].P != nil {
			cells = append(cells, fmt.Sprintf("%s (p = %.2g)", o.accuracies[i].Verdict, *o.accuracies[i].P))
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}
