package experiments

import (
	"fmt"
	"path/filepath"

	"cnnlab/experiments/report"
)

// testAccuracyRow is a line of test-accuracy.csv: one variant over its seeds,
// and how it differs from the one that it is compared with. The accuracies are
// empty unless all runs are done.
type testAccuracyRow struct {
	Variant       string   `csv:"variant"`
	Dataset       string   `csv:"dataset"`
	LR            float64  `csv:"lr"`
	Dropout       float64  `csv:"dropout"`
	ConvDropout   float64  `csv:"conv_dropout"`
	WeightDecay   float64  `csv:"weight_decay"`
	Augment       bool     `csv:"augment"`
	TTA           bool     `csv:"tta"`
	Epochs        int      `csv:"epochs"`
	Runs          int      `csv:"runs"` // one for each seed of the plan
	TestAccuracy  *float64 `csv:"test_accuracy"`
	TestSD        *float64 `csv:"test_accuracy_sd"`
	TestLow       *float64 `csv:"test_accuracy_low"`  // Wilson's 95 % interval for the images of one test set
	TestHigh      *float64 `csv:"test_accuracy_high"` // likewise
	TrainAccuracy *float64 `csv:"train_accuracy"`
	ValAccuracy   *float64 `csv:"val_accuracy"`
	Gap           *float64 `csv:"gap"`        // train accuracy - val accuracy
	OnlyFirst     *int     `csv:"only_first"` // test images that only the other variant gets right, summed over the seeds
	OnlyThis      *int     `csv:"only_this"`  // that only this one gets right, likewise
	P             *float64 `csv:"mcnemar_p"`  // McNemar's, the seeds combined by report.CombineP
	Verdict       string   `csv:"difference"` // chance or p < 0.05
}

// testAccuracy writes test-accuracy.csv and keeps its rows for the table. Each
// variant is compared with the first one at its rate.
func (o *Outcome) testAccuracy(groups []*group) error {
	return o.compared(groups, groups[0].Name, func(first, _ int) int { return first })
}

// testAccuracyByStep is testAccuracy with each variant compared with the one
// before it.
func (o *Outcome) testAccuracyByStep(groups []*group) error {
	return o.compared(groups, "the one before", func(_, before int) int { return before })
}

// compared does the work of testAccuracy: with picks, of the first group at the
// rate of a group and the one before it, which that is compared with.
func (o *Outcome) compared(groups []*group, against string, with func(first, before int) int) error {
	o.against = against
	first := 0
	for i, g := range groups {
		row := o.accuracyRow(g)
		if o.labels[g.Runs[0].Run] == o.labels[groups[0].Runs[0].Run] {
			first = i // the variants once more, at another rate
		} else if err := o.compareTo(groups[with(first, i-1)], g, &row); err != nil {
			return err
		}
		o.accuracies = append(o.accuracies, row)
	}
	return writeRows(o, "test-accuracy.csv", o.accuracies)
}

func (o *Outcome) accuracyRow(g *group) testAccuracyRow {
	c := g.Runs[0].Config
	low, high := report.Wilson(report.Mean(g.Test), o.Set.Test.Len())
	return testAccuracyRow{
		Variant: g.Name, Dataset: c.Dataset, LR: c.LR, Dropout: c.Dropout, ConvDropout: c.ConvDropout,
		WeightDecay: c.WeightDecay, Augment: c.Augment, TTA: c.TTA, Epochs: c.Epochs, Runs: len(g.Runs),
		TestAccuracy: report.Number(report.Mean(g.Test)), TestSD: report.Number(report.SD(g.Test)),
		TestLow: report.Number(low), TestHigh: report.Number(high),
		TrainAccuracy: report.Number(report.Mean(g.Train)), ValAccuracy: report.Number(report.Mean(g.Val)),
		Gap: report.Number(report.Mean(g.gap())),
	}
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
	if o.against != "" && len(groups) > 1 {
		t.Columns = append(t.Columns, report.Column{Name: "difference to " + o.against})
	}
	for i, g := range groups {
		low, high := report.Wilson(report.Mean(g.Test), o.Set.Test.Len())
		interval := "–"
		if len(g.Test) > 0 {
			interval = fmt.Sprintf("%.2f to %.2f %%", 100*low, 100*high)
		}
		cells := []string{g.Name, o.Set.Name, fmt.Sprint(len(g.Runs)), meanSD(g.Train), meanSD(g.Val), meanSD(g.gap()), meanSD(g.Test), interval, g.status()}
		if o.accuracies != nil {
			cells = append(cells, o.accuracies[i].difference())
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}
