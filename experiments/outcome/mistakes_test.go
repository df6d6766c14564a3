package outcome

import (
	"image"
	"slices"
	"testing"

	"cnnlab/experiments/report/chart"
	"cnnlab/experiments/report/runs"
)

// TestTheMostConfidentMistakesComeFirst: image 0 is wrong in both seeds, with 0.6 and 0.7;
// image 1 in one with 0.9; image 2 in none.
func TestTheMostConfidentMistakesComeFirst(t *testing.T) {
	o := &Outcome{Dataset: Dataset{Name: "tiny", Classes: []string{"a", "b", "c"}, TestImage: func(int) image.Image { return image.NewGray(image.Rect(0, 0, 1, 1)) }},
		predictions: map[string]predictions{}}
	seedsWith(o, runs.StatusDone, runs.StatusDone)
	o.predictions[o.Runs[0].Run] = predictions{[]int{0, 1, 2}, []int{1, 1, 2}, []float64{0.6, 0.99, 0.8}}
	o.predictions[o.Runs[1].Run] = predictions{[]int{0, 1, 2}, []int{2, 0, 2}, []float64{0.7, 0.9, 0.8}}
	groups := o.Groups(o.ByVariant)
	images := o.Mistakes(groups).Drawing.(chart.Gallery).Groups[0].Images
	want := [][]string{{"a", "predicted b", "65.00 %, 2 of 2"}, {"b", "predicted a", "90.00 %, 1 of 2"}}
	if len(images) != 2 || !slices.Equal(images[0].Caption, want[0]) || !slices.Equal(images[1].Caption, want[1]) {
		t.Errorf("%+v, want captions %q", images, want)
	}
	o.Runs[0].Status = runs.StatusDiverged
	if g := o.Mistakes(o.Groups(o.ByVariant)).Drawing.(chart.Gallery); g.Groups != nil {
		t.Errorf("%+v though no variant is done", g)
	}
}
