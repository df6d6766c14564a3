package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// predictions are rows of label and predicted class.
func predictions(pairs ...[2]int) []PredictionRow {
	var rows []PredictionRow
	for i, pair := range pairs {
		rows = append(rows, PredictionRow{Index: i, Label: pair[0], Predicted: pair[1]})
	}
	return rows
}

func TestConfusionCountsActualByPredicted(t *testing.T) {
	c, err := NewConfusion([]string{"cat", "dog", "emu"}, predictions(
		[2]int{0, 0}, [2]int{0, 1}, [2]int{0, 0}, [2]int{1, 0}, [2]int{1, 1}))
	must(t, err)
	if diff := cmp.Diff([][]int{{2, 1, 0}, {1, 1, 0}, {0, 0, 0}}, c.Counts); diff != "" {
		t.Error(diff)
	}
	if images, correct := c.total(); images != 5 || correct != 3 {
		t.Errorf("%d of %d right, want 3 of 5", correct, images)
	}
}

func TestConfusionRefusesClassesOutOfRange(t *testing.T) {
	for _, test := range []struct {
		pair [2]int
		want string
	}{
		{[2]int{2, 0}, "row 2 (image 1): label 2, want 0..1 for 2 classes"},
		{[2]int{1, -1}, "row 2 (image 1): prediction -1, want 0..1"},
	} {
		_, err := NewConfusion([]string{"a", "b"}, predictions([2]int{0, 0}, test.pair))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want %q", err, test.want)
		}
	}
}

func TestConfusionsOfSeedsAdd(t *testing.T) {
	classes := []string{"a", "b"}
	one, err := NewConfusion(classes, predictions([2]int{0, 1}, [2]int{1, 1}))
	must(t, err)
	two, err := NewConfusion(classes, predictions([2]int{0, 0}, [2]int{1, 1}))
	must(t, err)
	var sum Confusion
	must(t, sum.Add(one))
	must(t, sum.Add(two))
	if diff := cmp.Diff(Confusion{classes, [][]int{{1, 1}, {0, 2}}, 2}, sum); diff != "" {
		t.Error(diff)
	}
	if one.Counts[1][1] != 1 {
		t.Error("adding changed what was added")
	}
	if err := sum.Add(Confusion{Classes: []string{"b", "a"}}); err == nil || !strings.Contains(err.Error(), `["b" "a"]`) {
		t.Errorf("error %v, want one that names the other classes", err)
	}
	must(t, sum.Add(Confusion{Classes: classes})) // without counts: nothing to add
	if images, _ := sum.total(); images != 4 {
		t.Errorf("%d images, want 4", images)
	}
}

func TestConfusionAsCSV(t *testing.T) {
	c := Confusion{Classes: []string{"a", "b,c"}, Counts: [][]int{{9, 1}, {0, 0}}, Runs: 1}
	var cells, classes strings.Builder
	must(t, WriteRows(&cells, c.Rows("plain")))
	want := "variant,actual,predicted,count\nplain,a,a,9\nplain,a,\"b,c\",1\nplain,\"b,c\",a,0\nplain,\"b,c\",\"b,c\",0\n"
	if diff := cmp.Diff(want, cells.String()); diff != "" {
		t.Error(diff)
	}
	must(t, WriteRows(&classes, c.ClassRows("plain")))
	if text := classes.String(); !strings.HasPrefix(text, "variant,class,images,correct,accuracy,low,high\nplain,a,10,9,0.9,0.59") ||
		!strings.HasSuffix(text, "plain,\"b,c\",0,0,,,\n") {
		t.Errorf("%s: want the columns, and empty cells for a class of no images", text)
	}
}

// TestIntervalsAreThoseOfOneTestSet has the images of one test set three times.
func TestIntervalsAreThoseOfOneTestSet(t *testing.T) {
	for _, runs := range []int{1, 3} {
		c := Confusion{Classes: []string{"a", "b"}, Counts: [][]int{{9 * runs, runs}, {0, 0}}, Runs: runs}
		row := c.ClassRows("plain")[0]
		if row.Images != 10*runs || row.Correct != 9*runs || *row.Accuracy != 0.9 {
			t.Errorf("%d runs: %+v, want 9 in 10", runs, row)
		}
		near(t, "low", *row.Low, 0.595850) // Wilson's interval of 9 in 10, worked by hand
		near(t, "high", *row.High, 0.982124)
		if note := (matrix{"", c}).footnote()[0]; !strings.Contains(note, "90.00 % of 10 images") {
			t.Errorf("%d runs: %s, want 10 images", runs, note)
		}
	}
}
