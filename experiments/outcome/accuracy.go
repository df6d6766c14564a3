package outcome

import (
	"fmt"
	"slices"

	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/stats"
	"cnnlab/experiments/report/table"
)

const meaningOfP = "p is the p-value of McNemar's exact test on the test predictions of two runs with the same seed. With several seeds, which share their test\n" +
	"images, it is twice the median over the seeds. It compares these trained networks on images like these, and is not\n" +
	"corrected for multiple comparisons."

// AccuracyRow is one line of test-accuracy.csv: one variant over its seeds, and how it
// differs from the variant it is compared with. The accuracies are empty unless all
// runs are done.
type AccuracyRow struct {
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
	TestHigh      *float64 `csv:"test_accuracy_high"` // its upper end
	TrainAccuracy *float64 `csv:"train_accuracy"`
	ValAccuracy   *float64 `csv:"val_accuracy"`
	Gap           *float64 `csv:"gap"`        // train accuracy − val accuracy
	OnlyFirst     *int     `csv:"only_first"` // test images that only the other variant gets right, summed over the seeds
	OnlyThis      *int     `csv:"only_this"`  // test images that only this one gets right
	P             *float64 `csv:"mcnemar_p"`  // of McNemar's test, combined over the seeds by stats.CombineP
	Verdict       string   `csv:"difference"` // "may be chance" or "p < 0.05"
}

// Accuracies holds the accuracies of groups and their differences.
type Accuracies struct {
	dataset Dataset
	groups  []*Group
	rows    []AccuracyRow
	versus  Versus
}

// Versus says what each variant is compared with.
type Versus int

// Each variant is compared with nothing, with the first one at its learning rate, or
// with the one before it.
const (
	Nothing Versus = iota
	First
	Before
)

// Accuracies compares the groups, pairing runs with the same seed.
func (o *Outcome) Accuracies(groups []*Group, versus Versus) Accuracies {
	a := Accuracies{dataset: o.Dataset, groups: groups, versus: versus}
	first := 0
	for i, g := range groups {
		row := o.accuracyRow(g)
		switch {
		case o.variants[g.Runs[0].Run] == o.variants[groups[0].Runs[0].Run]:
			first = i // the variants start over, at another rate
		case versus == First:
			o.compare(groups[first], g, &row)
		case versus == Before:
			o.compare(groups[i-1], g, &row)
		}
		a.rows = append(a.rows, row)
	}
	return a
}

func (o *Outcome) accuracyRow(g *Group) AccuracyRow {
	c := g.Runs[0].Config
	low, high := stats.Wilson(stats.Mean(g.Test), o.Dataset.TestImages)
	return AccuracyRow{
		Variant: g.Name, Dataset: c.Dataset, LR: c.LR, Dropout: c.Dropout, ConvDropout: c.ConvDropout,
		WeightDecay: c.WeightDecay, Augment: c.Augment, TTA: c.TTA, Epochs: c.Epochs, Runs: len(g.Runs),
		TestAccuracy: runs.Finite(stats.Mean(g.Test)), TestSD: runs.Finite(stats.SD(g.Test)),
		TestLow: runs.Finite(low), TestHigh: runs.Finite(high),
		TrainAccuracy: runs.Finite(stats.Mean(g.Train)), ValAccuracy: runs.Finite(stats.Mean(g.Val)),
		Gap: runs.Finite(stats.Mean(g.Gap)),
	}
}

// compare adds to row the result of McNemar's test of g against other, seed by seed,
// if both are done.
func (o *Outcome) compare(other, g *Group, row *AccuracyRow) {
	if !other.Done() || !g.Done() {
		return
	}
	onlyOther, onlyThis := 0, 0
	var ps []float64
	for _, a := range other.Runs {
		for _, b := range g.Runs {
			if a.Seed != b.Seed {
				continue
			}
			pa, pb := o.predictions[a.Run], o.predictions[b.Run]
			onlyA, onlyB, p := stats.McNemar(pa.labels, pa.classes, pb.classes)
			onlyOther, onlyThis, ps = onlyOther+onlyA, onlyThis+onlyB, append(ps, p)
		}
	}
	p := stats.CombineP(ps)
	row.OnlyFirst, row.OnlyThis, row.P = &onlyOther, &onlyThis, &p
	row.Verdict = "may be chance"
	if p < 0.05 {
		row.Verdict = "p < 0.05"
	}
}

func (r AccuracyRow) difference() string {
	switch {
	case r.P == nil:
		return ""
	case *r.P < 0.05:
		return fmt.Sprintf("p = %.2g < 0.05", *r.P)
	}
	return fmt.Sprintf("p = %.2g, may be chance", *r.P)
}

// File returns test-accuracy.csv.
func (a Accuracies) File() File { return CSV("test-accuracy.csv", a.rows) }

// Meaning explains p, if anything was compared.
func (a Accuracies) Meaning() string {
	if slices.ContainsFunc(a.rows, func(r AccuracyRow) bool { return r.P != nil }) {
		return meaningOfP
	}
	return ""
}

// Table returns a table with a line for each group.
func (a Accuracies) Table() table.Table {
	t := table.Table{Columns: []table.Column{
		{Name: "variant"}, {Name: "data set"}, {Name: "runs", Right: true}, {Name: "train accuracy", Right: true}, {Name: "val accuracy", Right: true},
		{Name: "gap", Right: true}, {Name: "test accuracy", Right: true}, {Name: "95 % interval", Right: true}, {Name: "status"},
	}}
	compared := a.versus != Nothing && len(a.groups) > 1
	if compared {
		against := a.groups[0].Name
		if a.versus == Before {
			against = "the one before"
		}
		t.Columns = append(t.Columns, table.Column{Name: "compared with " + against})
	}
	for i, g := range a.groups {
		interval := "–"
		if row := a.rows[i]; row.TestLow != nil {
			interval = fmt.Sprintf("%.2f to %.2f %%", 100**row.TestLow, 100**row.TestHigh)
		}
		cells := []string{g.Name, a.dataset.Name, fmt.Sprint(len(g.Runs)), meanSD(g.Train), meanSD(g.Val), meanSD(g.Gap), meanSD(g.Test), interval, g.Status()}
		if compared {
			cells = append(cells, a.rows[i].difference())
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}
