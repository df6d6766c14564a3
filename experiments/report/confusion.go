package report

import (
	"slices"

	"github.com/pkg/errors"
)

// Confusion counts how the images of each class were classified.
type Confusion struct {
	Classes []string // names, in the order of the labels
	Counts  [][]int  // images, [actual][predicted], each once for every run
	Runs    int      // that classified the same images
}

// ConfusionRow is one line of confusion.csv: one cell of a matrix.
type ConfusionRow struct {
	Variant   string `csv:"variant"`   // what the experiment compares
	Actual    string `csv:"actual"`    // name of a class
	Predicted string `csv:"predicted"` // name of a class
	Count     int    `csv:"count"`     // images
}

// ClassRow is one line of classes.csv: how one class was recognised.
type ClassRow struct {
	Variant  string   `csv:"variant"` // what the experiment compares
	Class    string   `csv:"class"`
	Images   int      `csv:"images"`   // of the class, each once for every run
	Correct  int      `csv:"correct"`  // of Images
	Accuracy *float64 `csv:"accuracy"` // fraction, 0..1; nil, an empty cell, of no images
	Low      *float64 `csv:"low"`      // lower end of Wilson's 95 % interval for the images of one test set
	High     *float64 `csv:"high"`     // upper end, likewise
}

// NewConfusion counts rows under classes, whose order is that of the labels.
func NewConfusion(classes []string, rows []PredictionRow) (Confusion, error) {
	c := Confusion{Classes: slices.Clone(classes), Counts: make([][]int, len(classes)), Runs: 1}
	for i := range c.Counts {
		c.Counts[i] = make([]int, len(classes))
	}
	for i, row := range rows {
		for _, found := range []struct {
			name  string
			class int
		}{{"label", row.Label}, {"prediction", row.Predicted}} {
			if found.class < 0 || found.class >= len(classes) {
				return Confusion{}, errors.Errorf("confusion: row %d (image %d): %s %d, want 0..%d for %d classes",
					i+1, row.Index, found.name, found.class, len(classes)-1, len(classes))
			}
		}
		c.Counts[row.Label][row.Predicted]++
	}
	return c, nil
}

// Add adds the counts of other, such as those of another seed. A Confusion
// without classes becomes a copy of other.
func (c *Confusion) Add(other Confusion) error {
	if len(c.Classes) == 0 {
		c.Classes = slices.Clone(other.Classes)
		c.Counts = make([][]int, len(c.Classes))
	}
	if !slices.Equal(c.Classes, other.Classes) {
		return errors.Errorf("confusion: add the classes %q to %q, want the same in the same order",
			other.Classes, c.Classes)
	}
	sum := make([][]int, len(c.Classes))
	for actual := range sum {
		sum[actual] = make([]int, len(c.Classes))
		for predicted := range sum[actual] {
			sum[actual][predicted] = c.count(actual, predicted) + other.count(actual, predicted)
		}
	}
	c.Counts, c.Runs = sum, c.Runs+other.Runs
	return nil
}

// count is a cell of the matrix, 0 where Counts is too small to hold it.
func (c Confusion) count(actual, predicted int) int {
	if actual >= len(c.Counts) || predicted >= len(c.Counts[actual]) {
		return 0
	}
	return c.Counts[actual][predicted]
}

// class is how many images of a class there are, and how many are right.
func (c Confusion) class(actual int) (images, correct int) {
	for predicted := range c.Classes {
		images += c.count(actual, predicted)
	}
	return images, c.count(actual, actual)
}

// total is how many images were classified, and how many of them rightly.
func (c Confusion) total() (images, correct int) {
	for actual := range c.Classes {
		n, right := c.class(actual)
		images, correct = images+n, correct+right
	}
	return images, correct
}

// Rows are the cells of c row by row, zeros too.
func (c Confusion) Rows(variant string) []ConfusionRow {
	var rows []ConfusionRow
	for i, actual := range c.Classes {
		for j, predicted := range c.Classes {
			rows = append(rows, ConfusionRow{variant, actual, predicted, c.count(i, j)})
		}
	}
	return rows
}

// once is n, counted over all runs, of one run.
func (c Confusion) once(n int) int { return n / max(1, c.Runs) }

// ClassRows are the accuracies of the classes, the means over the runs. Their
// intervals are those of one test set: more runs are no more images.
func (c Confusion) ClassRows(variant string) []ClassRow {
	rows := make([]ClassRow, len(c.Classes))
	for i, class := range c.Classes {
		images, correct := c.class(i)
		accuracy := float64(correct) / float64(images) // NaN of no images
		low, high := Wilson(accuracy, c.once(images))
		rows[i] = ClassRow{Variant: variant, Class: class, Images: images, Correct: correct,
			Accuracy: Number(accuracy), Low: Number(low), High: Number(high)}
	}
	return rows
}
