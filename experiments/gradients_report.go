package experiments

import (
	"fmt"
	"strings"

	"github.com/pkg/errors"
)

// gradientRow is one line of gradients.csv: one quantity by one method.
type gradientRow struct {
	Shape     int     `csv:"shape"`   // line of gradientShapes, from 1
	Reading   string  `csv:"reading"` // of ∗: correlation or convolution
	D         int     `csv:"d"`
	K         int     `csv:"k"`
	Padding   int     `csv:"padding"`
	Stride    int     `csv:"stride"`
	Channels  int     `csv:"channels"`
	Maps      int     `csv:"maps"`
	Batch     int     `csv:"batch"`
	Quantity  string  `csv:"quantity"` // dy/dw or dy/dx
	Upstream  string  `csv:"upstream"` // random: the product; one-hot: every entry of the Jacobian
	Method    string  `csv:"method"`
	Precision string  `csv:"precision"`
	Entries   int     `csv:"entries"` // compared
	Error     float64 `csv:"max_relative_error"`
	Tolerance float64 `csv:"tolerance"`

	shape conv
}

func newRow(c conv, m method, quantity, upstream string, got, want []float64) gradientRow {
	r := gradientRow{0, c.reading(), c.d, c.k, c.pad, c.stride, c.channels, c.maps, c.batch,
		quantity, upstream, m.name, m.precision, len(want), relativeError(got, want), tolerance64, c}
	if m.precision == "float32" {
		r.Tolerance = tolerance32
	}
	return r
}

// within is whether the error is in its tolerance; NaN is not.
func (r gradientRow) within() bool { return r.Error <= r.Tolerance }

// gradientsVerdict is the error for the rows beyond their tolerance; it names
// the worst.
func gradientsVerdict(rows []gradientRow) error {
	var worst *gradientRow
	beyond := 0
	for i, r := range rows {
		if r.within() {
			continue
		}
		beyond++
		if worst == nil || !(r.Error/r.Tolerance <= worst.Error/worst.Tolerance) {
			worst = &rows[i]
		}
	}
	if worst == nil {
		return nil
	}
	return errors.Errorf("%d of %d comparisons are beyond their tolerance; the worst is %s at %v by %s in %s, off by %.2g of its largest entry, want at most %g",
		beyond, len(rows), worst.Quantity, worst.shape, worst.Method, worst.Precision, worst.Error, worst.Tolerance)
}

// gradientsReport writes gradients.csv, the picture and the summary.
func gradientsReport(out *Outcome, rows []gradientRow) error {
	if err := writeRows(out, "gradients.csv", rows); err != nil {
		return err
	}
	if err := out.plot("errors", gradientsFigure(rows)); err != nil {
		return err
	}
	var shapes []string
	for _, r := range rows {
		if len(shapes) < r.Shape {
			shapes = append(shapes, fmt.Sprintf("%d: %d %d %d %d %d %d %d", r.Shape, r.D, r.K, r.Padding, r.Stride, r.Channels, r.Maps, r.Batch))
		}
	}
	text := "Each error is the largest difference over the largest magnitude of the quantity. With a random upstream gradient the reference " +
		"is the formula as convolutions; with one-hot ones it is the four-index formula, entry by entry. The derivation is in experiments/theory.md.\n\n" +
		"Shapes (d, k, padding, stride, channels, maps, batch), each with ∗ as correlation and as convolution: " + strings.Join(shapes, "; ") + "."
	if err := gradientsVerdict(rows); err != nil {
		text += "\n\nBEYOND TOLERANCE: " + err.Error() + "."
	}
	out.brief = new(gradientsBrief(rows))
	return out.finish("The gradients of y = x ∗ w: "+gradientsInShort(rows), text, gradientsTable(rows), "errors")
}

// gradientsInShort is the verdict in some words.
func gradientsInShort(rows []gradientRow) string {
	beyond := 0
	for _, r := range rows {
		if !r.within() {
			beyond++
		}
	}
	if beyond > 0 {
		return fmt.Sprintf("%d of %d comparisons BEYOND TOLERANCE", beyond, len(rows))
	}
	return fmt.Sprintf("all %d comparisons within tolerance", len(rows))
}
