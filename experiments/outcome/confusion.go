package outcome

import (
	"fmt"
	"slices"

	"cnnlab/experiments/report/chart"
	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/stats"
	"cnnlab/experiments/report/text"
)

// Confusion holds which classes each group confuses, over all its seeds. It omits
// groups that are not done.
type Confusion struct {
	dataset Dataset
	groups  []*Group
	counts  []stats.Confusion // of each group
	best    int               // the group that is best on val; -1: none is done
	choice  bool              // there were several groups to draw
}

// ConfusionRow is one line of confusion.csv: one cell of a matrix.
type ConfusionRow struct {
	Variant   string `csv:"variant"`
	Actual    string `csv:"actual"`    // name of a class
	Predicted string `csv:"predicted"` // name of a class
	Count     int    `csv:"count"`     // images, each once for every run
}

// ClassRow is one line of classes.csv: how one class was recognized.
type ClassRow struct {
	Variant  string   `csv:"variant"`
	Class    string   `csv:"class"`
	Images   int      `csv:"images"`   // of the class, each once for every run
	Correct  int      `csv:"correct"`  // of Images
	Accuracy *float64 `csv:"accuracy"` // fraction, 0..1; an empty cell for no images
	Low      *float64 `csv:"low"`      // lower end of Wilson's 95 % interval for the images of one test set
	High     *float64 `csv:"high"`     // upper end
}

// Confusion counts the predictions of the groups.
func (o *Outcome) Confusion(groups []*Group) Confusion {
	c := Confusion{dataset: o.Dataset, choice: len(groups) > 1}
	for _, g := range groups {
		if !g.Done() {
			continue
		}
		counts := stats.NewConfusion(len(o.Dataset.Classes))
		for _, row := range g.Runs {
			p := o.predictions[row.Run]
			counts.Add(p.labels, p.classes)
		}
		c.groups, c.counts = append(c.groups, g), append(c.counts, counts)
	}
	c.best = slices.Index(c.groups, best(groups))
	return c
}

// Files returns confusion.csv and classes.csv.
func (c Confusion) Files() []File {
	var cells []ConfusionRow
	var classes []ClassRow
	for i, g := range c.groups {
		counts := c.counts[i]
		for a, actual := range c.dataset.Classes {
			for p, predicted := range c.dataset.Classes {
				cells = append(cells, ConfusionRow{g.Name, actual, predicted, counts.Counts[a][p]})
			}
			images, correct := counts.Class(a)
			accuracy, low, high := counts.Accuracy(a)
			classes = append(classes, ClassRow{g.Name, actual, images, correct, runs.Finite(accuracy), runs.Finite(low), runs.Finite(high)})
		}
	}
	return []File{CSV("confusion.csv", cells), CSV("classes.csv", classes)}
}

// Figure returns the matrix of the group that is best on val.
func (c Confusion) Figure() Figure {
	title := fmt.Sprintf("Confusion on the %s test set: ", c.dataset.Name)
	if c.best < 0 {
		return Figure{"confusion", chart.Matrix{Title: title + "no run is done"}}
	}
	g, counts := c.groups[c.best], c.counts[c.best]
	m := chart.Matrix{Title: title + g.Name + ", " + text.Count(len(g.Runs), "seed"), Classes: c.dataset.Classes, Counts: counts.Counts}
	for class := range c.dataset.Classes {
		accuracy, low, high := counts.Accuracy(class)
		m.Accuracies = append(m.Accuracies, chart.Interval{Value: accuracy, Low: low, High: high})
	}
	images, correct := counts.Total()
	seeds := ""
	if counts.Runs > 1 {
		seeds = fmt.Sprintf(", each counted once for each of %d seeds", counts.Runs)
	}
	m.Footnote = []string{fmt.Sprintf("accuracy %.2f %% of %s images%s", 100*float64(correct)/float64(images), text.Grouped(counts.PerRun(images)), seeds)}
	return Figure{"confusion", m}
}

// Text says which group the matrix shows, if there was a choice.
func (c Confusion) Text() string {
	if c.best < 0 || !c.choice {
		return ""
	}
	return fmt.Sprintf("The confusion matrix and the mistakes show %s, which has the highest mean val accuracy; the filters and feature maps come from its first seed.", c.groups[c.best].Name)
}
