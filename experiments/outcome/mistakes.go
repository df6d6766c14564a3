package outcome

import (
	"cmp"
	"fmt"
	"slices"

	"cnnlab/experiments/report/chart"
	"cnnlab/experiments/report/stats"
)

// mistakesShown is the number of images in the picture of mistakes.
const mistakesShown = 24

// mistake is a test image that networks of one variant get wrong.
type mistake struct {
	image, label int
	predicted    []int // the wrong classes, one for each network that is wrong
	confidence   float64
}

// Mistakes shows the test images with the largest sum of confidences in wrong classes,
// over the networks of the group that is best on val.
func (o *Outcome) Mistakes(groups []*Group) Figure {
	g := best(groups)
	if g == nil {
		return Figure{"mistakes", chart.Gallery{Title: fmt.Sprintf("Mistakes on the %s test set: no run is done", o.Dataset.Name)}}
	}
	var all []mistake
	for i := range o.predictions[g.Runs[0].Run].labels {
		m := mistake{image: i}
		for _, row := range g.Runs {
			p := o.predictions[row.Run]
			m.label = p.labels[i]
			if p.classes[i] != m.label {
				m.predicted = append(m.predicted, p.classes[i])
				m.confidence += p.confidences[i]
			}
		}
		if m.predicted != nil {
			all = append(all, m)
		}
	}
	slices.SortStableFunc(all, func(a, b mistake) int { return cmp.Compare(b.confidence, a.confidence) })
	var images []chart.CaptionedImage
	for _, m := range all[:min(len(all), mistakesShown)] {
		images = append(images, chart.CaptionedImage{Image: o.Dataset.TestImage(m.image), Caption: o.caption(m, len(g.Runs))})
	}
	title := fmt.Sprintf("Most confident mistakes on the %s test set: %s", o.Dataset.Name, g.Name)
	footnote := "line 1: actual class; line 2: predicted class; line 3: confidence"
	if len(g.Runs) > 1 {
		title = fmt.Sprintf("Mistakes on the %s test set, by confidence summed over %d seeds: %s", o.Dataset.Name, len(g.Runs), g.Name)
		footnote = "line 1: actual class; line 2: class predicted by the first seed that is wrong; line 3: mean confidence of the seeds that are wrong, and how many are"
	}
	return Figure{"mistakes", chart.Gallery{Title: title, Groups: []chart.ImageGroup{{Images: images}}, Footnote: []string{footnote}}}
}

func (o *Outcome) caption(m mistake, seeds int) []string {
	wrong := len(m.predicted)
	confidence := fmt.Sprintf("%.2f %%", 100*m.confidence/float64(wrong))
	if seeds > 1 {
		confidence += fmt.Sprintf(", %d of %d", wrong, seeds)
	}
	return []string{o.Dataset.Classes[m.label], "predicted " + o.Dataset.Classes[m.predicted[0]], confidence}
}

// best returns the group with the highest val accuracy, averaged over its seeds, the
// first of equals; nil if none is done.
func best(groups []*Group) (best *Group) {
	for _, g := range groups {
		if g.Done() && (best == nil || stats.Mean(g.Val) > stats.Mean(best.Val)) {
			best = g
		}
	}
	return best
}
