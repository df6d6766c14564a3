package theory

import (
	"fmt"

	"cnnlab/experiments/outcome"
	"cnnlab/experiments/report/chart"
	"cnnlab/experiments/report/table"

	"github.com/pkg/errors"
)

// sharingRow is one line of weight-sharing.csv: one step of one way, with the loss of
// the batch as trained and the differences after the update.
type sharingRow struct {
	Way    string  `csv:"way"`
	Step   int     `csv:"step"` // counts from 1
	Loss   float64 `csv:"loss"` // mean cross-entropy of the batch, nats, without the L2 penalty
	Copies float64 `csv:"difference_between_copies"`
	Tied   float64 `csv:"difference_to_tied"`
}

// weightSharingVerdict returns an error if the numbers contradict the theory.
func weightSharingVerdict(rows []sharingRow, convolutions []denseRow) error {
	for _, r := range rows {
		switch {
		case r.Way != "unsummed" && r.Copies != 0:
			return errors.Errorf("%s, step %d: the copies differ by %.2g, want 0", r.Way, r.Step, r.Copies)
		case r.Way == "unsummed" && r.Step == 1 && !(r.Copies > 0):
			return errors.Errorf("%s, step %d: the copies are equal, want the constraint broken", r.Way, r.Step)
		case r.Way == "summed" && r.Tied != 0:
			return errors.Errorf("%s, step %d: the weights are %.2g off the tied ones, want the same bits", r.Way, r.Step, r.Tied)
		}
	}
	for _, r := range convolutions {
		if !(r.Error <= tolerance32) {
			return errors.Errorf("d=%d k=%d: %s of the dense layer is %.2g off that of the convolution, want at most %g", r.D, r.K, r.Quantity, r.Error, tolerance32)
		}
	}
	return nil
}

func weightSharingPage(ways []Sharing, rows []sharingRow, convolutions []denseRow) outcome.Page {
	difference, loss := weightSharingFigures(ways, rows)
	answer := "The gradient of a shared weight is the sum of the gradients at all the places where it is used. Copies that are updated by this sum stay equal to the tied weights."
	verdict, result := "", "within tolerance"
	if err := weightSharingVerdict(rows, convolutions); err != nil {
		answer = "The runs contradict the rule: " + err.Error() + "."
		verdict, result = "CONTRADICTED: "+err.Error()+".", "contradicted"
	}
	return outcome.Page{
		Answer: answer,
		Title:  "One network with shared weights, trained in four ways",
		Table:  weightSharingTable(ways, rows),
		Text: outcome.Paragraphs(verdict,
			"The tied network and the copies with summed gradients have the same bits: every copy gets the same number, added in the order\n"+
				"in which back-propagation adds, the last place first. Added in the opposite order, the sum is rounded differently: the copies stay\n"+
				"equal to one another but drift from the tied weights by rounding errors. Without the sum, the first step breaks the constraint.\n"+
				"The derivation is in experiments/theory/theory.md.",
			"A convolution and the dense layer with shared weights that it is, largest relative difference:", denseText(convolutions)),
		Figures: []outcome.Figure{{Name: "difference-to-tied", Drawing: difference}, {Name: "loss", Drawing: loss}},
		Files:   []outcome.File{outcome.CSV("weight-sharing.csv", rows), outcome.CSV("convolution.csv", convolutions)},
		Result:  result,
	}
}

func denseText(rows []denseRow) (text string) {
	for i, r := range rows {
		if i%3 == 0 {
			text += fmt.Sprintf("- d=%d k=%d padding=%d stride=%d, %d → %d maps: %d weights at %d places among %d:", r.D, r.K, r.Padding, r.Stride, r.Channels, r.Maps,
				r.Weights, r.Places, r.DenseWeights)
		}
		text += fmt.Sprintf(" %s %.1e", r.Quantity, r.Error)
		if i%3 == 2 {
			text += "\n"
		} else {
			text += ","
		}
	}
	return text
}

func weightSharingTable(ways []Sharing, rows []sharingRow) table.Table {
	t := table.Table{Columns: []table.Column{
		{Name: "way"}, {Name: "steps", Right: true}, {Name: "first loss", Right: true}, {Name: "last loss", Right: true},
		{Name: "between copies, step 1", Right: true}, {Name: "at the end", Right: true}, {Name: "to the tied weights", Right: true}, {Name: "same bits"},
	}}
	for _, way := range ways {
		first, last, worst := sharingRow{}, sharingRow{}, 0.0
		for _, r := range rows {
			if r.Way != way.Name {
				continue
			}
			if r.Step == 1 {
				first = r
			}
			last, worst = r, max(worst, r.Tied)
		}
		same := "yes"
		if worst != 0 {
			same = "no"
		}
		t.Rows = append(t.Rows, []string{way.Name, fmt.Sprint(last.Step), fmt.Sprintf("%.4f", first.Loss), fmt.Sprintf("%.4f", last.Loss),
			fmt.Sprintf("%.2g", first.Copies), fmt.Sprintf("%.2g", last.Copies), fmt.Sprintf("%.2g", last.Tied), same})
	}
	return t
}

// weightSharingFigures plots the distance from the tied weights, and the loss, over the
// steps.
func weightSharingFigures(ways []Sharing, rows []sharingRow) (difference, loss chart.Figure) {
	difference = chart.Figure{Title: "How far the copies are from the tied weights", YLabel: "largest difference of a weight",
		LogY: true, YMin: new(1e-10)}
	loss = chart.Figure{Title: "Training loss with tied and with untied weights", YLabel: "loss of the batch (cross-entropy, nats)"}
	for i, way := range ways {
		var step, losses, tied, copies []float64
		for _, r := range rows {
			if r.Way == way.Name {
				step, losses = append(step, float64(r.Step)), append(losses, r.Loss)
				tied, copies = append(tied, r.Tied), append(copies, r.Copies)
			}
		}
		if i != 2 { // the loss of "summed otherwise" lies on that of "summed"
			loss.Series = append(loss.Series, chart.Series{Name: way.Name, X: step, Y: losses, Dashed: i == 1})
		}
		if !way.Tied {
			difference.Series = append(difference.Series, chart.Series{Name: way.Name, X: step, Y: tied})
		}
		if way.Name == "unsummed" {
			difference.Series = append(difference.Series, chart.Series{Name: "unsummed, from each other", X: step, Y: copies, Dashed: true})
		}
	}
	top := 1.0 // a labelled tick above the curves
	for _, r := range rows {
		top = max(top, r.Tied, r.Copies)
	}
	difference.YMax = &top
	difference.XLabel, loss.XLabel = "step", "step"
	difference.Legend, loss.Legend = "gradients of the copies", "weights"
	return difference, loss
}
