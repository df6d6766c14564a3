package outcome

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/stats"
	"cnnlab/experiments/report/table"
	"cnnlab/experiments/report/text"
)

// AccuracyRow is one line of test-accuracy.csv: one variant over its seeds, and how it
// differs from the variant it is compared with. Its figures are empty unless all runs
// are done; the differences are empty with one seed or nothing to compare with.
type AccuracyRow struct {
	Variant       string         `csv:"variant"`
	Dataset       string         `csv:"dataset"`
	LR            float64        `csv:"lr"`
	Dropout       float64        `csv:"dropout"`
	ConvDropout   float64        `csv:"conv_dropout"`
	WeightDecay   float64        `csv:"weight_decay"`
	Augment       bool           `csv:"augment"`
	TTA           bool           `csv:"tta"`
	Epochs        int            `csv:"epochs"`
	Runs          int            `csv:"runs"` // one for each seed of the plan
	TestAccuracy  *float64       `csv:"test_accuracy"`
	TestSD        *float64       `csv:"test_accuracy_sd"`
	TestLow       *float64       `csv:"test_accuracy_low"`  // Wilson's 95 % interval for the images of one test set
	TestHigh      *float64       `csv:"test_accuracy_high"` // its upper end
	TrainAccuracy *float64       `csv:"train_accuracy"`
	ValAccuracy   *float64       `csv:"val_accuracy"`
	Gap           *float64       `csv:"gap"`        // train accuracy − val accuracy
	OnlyFirst     *int           `csv:"only_first"` // test images that only the network it is compared with gets right, summed over the seeds
	OnlyThis      *int           `csv:"only_this"`  // test images that only this one gets right
	P             *float64       `csv:"mcnemar_p"`  // of McNemar's tests of two networks each, combined over the seeds by stats.CombineP
	Verdict       string         `csv:"verdict"`    // on the recipes, from the corrected p below
	TestLoss      *float64       `csv:"test_loss"`  // cross-entropy in nats
	TestLossSD    *float64       `csv:"test_loss_sd"`
	Confidence    *float64       `csv:"mean_confidence"` // 0..1
	ECE           *float64       `csv:"ece"`             // expected calibration error, 0..1
	Accuracy      MeanDifference `csv:",inline"`
	Loss          MeanDifference `csv:"loss_,inline"`
}

// MeanDifference is the mean difference over the seeds, of accuracies as a fraction or of
// losses in nats, with its 95 % interval and p by a paired t-test, the latter also after
// Holm's correction for the comparisons of the table.
type MeanDifference struct {
	Mean *float64 `csv:"difference"`
	Low  *float64 `csv:"difference_low"`
	High *float64 `csv:"difference_high"`
	P    *float64 `csv:"difference_p"`
	Holm *float64 `csv:"difference_p_holm"`
}

// Accuracies holds the accuracies of groups and their differences.
type Accuracies struct {
	dataset     Dataset
	groups      []*Group
	comparisons []comparison // of each group
	versus      Versus
}

// Accuracies compares the groups, pairing runs with the same seed.
func (o *Outcome) Accuracies(groups []*Group, versus Versus) Accuracies {
	a := Accuracies{dataset: o.Dataset, groups: groups, versus: versus, comparisons: make([]comparison, len(groups))}
	for i := range groups {
		a.comparisons[i].accuracy, a.comparisons[i].loss = stats.PairedT(nil), stats.PairedT(nil)
	}
	first := 0
	for i, g := range groups {
		other := groups[first]
		switch {
		case o.variants[g.Runs[0].Run] == o.variants[groups[0].Runs[0].Run]:
			first = i // the variants start over, at another rate
			continue
		case versus == Nothing:
			continue
		case versus == Before:
			other = groups[i-1]
		}
		if other.Done() && g.Done() {
			a.comparisons[i] = o.compare(other, g)
		}
	}
	correct(a.comparisons)
	return a
}

func (a Accuracies) row(i int) AccuracyRow {
	g := a.groups[i]
	c := g.Runs[0].Config
	low, high := stats.Wilson(stats.Mean(g.Test), a.dataset.TestImages)
	row := AccuracyRow{
		Variant: g.Name, Dataset: c.Dataset, LR: c.LR, Dropout: c.Dropout, ConvDropout: c.ConvDropout,
		WeightDecay: c.WeightDecay, Augment: c.Augment, TTA: c.TTA, Epochs: c.Epochs, Runs: len(g.Runs),
		TestAccuracy: runs.Finite(stats.Mean(g.Test)), TestSD: runs.Finite(stats.SD(g.Test)),
		TestLow: runs.Finite(low), TestHigh: runs.Finite(high),
		TrainAccuracy: runs.Finite(stats.Mean(g.Train)), ValAccuracy: runs.Finite(stats.Mean(g.Val)),
		Gap:      runs.Finite(stats.Mean(g.Gap)),
		TestLoss: runs.Finite(stats.Mean(g.TestLoss)), TestLossSD: runs.Finite(stats.SD(g.TestLoss)),
		Confidence: runs.Finite(stats.Mean(g.Confidence)), ECE: runs.Finite(stats.Mean(g.ECE)),
	}
	a.comparisons[i].write(&row)
	return row
}

// Files returns test-accuracy.csv and differences.csv.
func (a Accuracies) Files() []File {
	var rows []AccuracyRow
	var differences []DifferenceRow
	for i := range a.groups {
		rows, differences = append(rows, a.row(i)), append(differences, a.comparisons[i].rows...)
	}
	return []File{CSV("test-accuracy.csv", rows), CSV("differences.csv", differences)}
}

// seeds returns how many seeds are compared, and in how many comparisons.
func (a Accuracies) seeds() (seeds, comparisons int) {
	for _, c := range a.comparisons {
		if c.rows != nil {
			seeds, comparisons = len(c.rows), comparisons+1
		}
	}
	return seeds, comparisons
}

// Meaning explains the table.
func (a Accuracies) Meaning() string {
	seeds, comparisons := a.seeds()
	explanation := ""
	switch {
	case seeds == 1:
		explanation = "One seed cannot show which recipe is better: the result would change with the seed, too. There is no verdict; train with -seeds 3 or more to compare recipes."
	case seeds > 1:
		explanation = fmt.Sprintf("Differences are means over %d seeds with their 95 %% interval and p by a paired t-test. They hold for these training and test images.", seeds)
		if comparisons > 1 {
			explanation += " p is corrected by Holm's method for the comparisons of this table, separately for accuracy and loss; the intervals are not, so one can exclude 0 although p is above 0.05."
		}
		explanation += " Where p is at least 0.05, the seeds do not show a difference: it may be chance. differences.csv has each seed."
	}
	spread := ""
	if slices.ContainsFunc(a.groups, func(g *Group) bool { return len(g.Runs) > 1 }) {
		spread = "Values are means ± standard deviations over the seeds. "
	}
	return Paragraphs(explanation, spread+"The 95 % interval of the test accuracy is Wilson's. It estimates the accuracy on all images like these: it allows for the choice of the "+
		text.Grouped(a.dataset.TestImages)+" test images, not for the choice of seeds. "+
		"The expected calibration error (ECE) sorts the test images by confidence into 15 bins. In each bin it takes the distance between mean confidence and accuracy, then averages these distances, weighted by the number of images.")
}

// Answer says what the groups reach on test, and which of them the seeds show to differ.
func (a Accuracies) Answer() string {
	var reached, differ, others []string
	same := make(map[string][]string) // names that the seeds do not tell from one of the others
	seeds := 0
	for i, g := range a.groups {
		if !g.Done() {
			continue
		}
		seeds = max(seeds, len(g.Runs))
		reached = append(reached, meanSD(g.Test)+" for "+g.Name)
		c := a.comparisons[i]
		if len(c.rows) < 2 || math.IsNaN(c.accuracyHolm) {
			continue // nothing was tested
		}
		against := c.rows[0].Against
		if c.accuracyHolm < 0.05 {
			differ = append(differ, fmt.Sprintf("between %s and %s (%s)", g.Name, against, c.accuracyText()))
			continue
		}
		if same[against] == nil {
			others = append(others, against)
		}
		same[against] = append(same[against], g.Name)
	}
	if reached == nil {
		return ""
	}
	over := "one seed"
	if seeds > 1 {
		over = fmt.Sprintf("mean ± standard deviation of %d seeds", seeds)
	}
	if len(a.groups) == 1 {
		return fmt.Sprintf("The test accuracy is %s (%s).", meanSD(a.groups[0].Test), over)
	}
	answer := fmt.Sprintf("The test accuracy is %s (%s).", text.List(reached), over)
	if differ != nil {
		answer += " The seeds show a difference " + strings.Join(differ, "; ") + "."
	}
	for _, against := range others {
		answer += fmt.Sprintf(" The seeds do not tell %s from %s.", text.Either(same[against]), against)
	}
	if compared, _ := a.seeds(); compared == 1 {
		answer += " One seed cannot show which is better."
	}
	return answer
}

// Table returns a table with a line for each group.
func (a Accuracies) Table() table.Table {
	t := table.Table{Columns: []table.Column{
		{Name: "variant"}, {Name: "data set"}, {Name: "runs", Right: true}, {Name: "train accuracy", Right: true}, {Name: "val accuracy", Right: true},
		{Name: "gap", Right: true}, {Name: "test accuracy", Right: true}, {Name: "95 % interval of test accuracy", Right: true}, {Name: "test loss", Right: true},
		{Name: "confidence", Right: true}, {Name: "ECE", Right: true}, {Name: "status"},
	}}
	compared := a.versus != Nothing && len(a.groups) > 1
	if compared {
		against := a.groups[0].Name
		if a.versus == Before {
			against = "previous"
		}
		t.Columns = append(t.Columns, table.Column{Name: "accuracy − " + against}, table.Column{Name: "loss − " + against})
	}
	for i, g := range a.groups {
		interval := "–"
		if row := a.row(i); row.TestLow != nil {
			interval = fmt.Sprintf("%.2f to %.2f %%", 100**row.TestLow, 100**row.TestHigh)
		}
		cells := []string{g.Name, a.dataset.Name, fmt.Sprint(len(g.Runs)), meanSD(g.Train), meanSD(g.Val), points(g.Gap), meanSD(g.Test), interval,
			meanSDNats(g.TestLoss), meanSD(g.Confidence), meanSD(g.ECE), g.State()}
		if compared {
			cells = append(cells, a.comparisons[i].accuracyText(), a.comparisons[i].lossText())
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}
