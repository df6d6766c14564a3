package theory

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"cnnlab/experiments/outcome"
	"cnnlab/experiments/report/chart"
	"cnnlab/experiments/report/table"

	"github.com/pkg/errors"
)

// gradientRow is one line of gradients.csv: one quantity by one method.
type gradientRow struct {
	Shape     int     `csv:"shape"`   // counts from 1
	Reading   string  `csv:"reading"` // of ∗: correlation or convolution
	D         int     `csv:"d"`
	K         int     `csv:"k"`
	Padding   int     `csv:"padding"`
	Stride    int     `csv:"stride"`
	Channels  int     `csv:"channels"`
	Maps      int     `csv:"maps"`
	Batch     int     `csv:"batch"`
	Quantity  string  `csv:"quantity"` // dy/dw or dy/dx
	Upstream  string  `csv:"upstream"` // random: a product is compared; one-hot: every entry of the Jacobian
	Method    string  `csv:"method"`
	Precision string  `csv:"precision"`
	Entries   int     `csv:"entries"` // compared entries
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

// within reports whether the error is within its tolerance; NaN is not.
func (r gradientRow) within() bool { return r.Error <= r.Tolerance }

// worse reports whether error a is larger than b. Nothing is larger than NaN.
func worse(a, b float64) bool { return !math.IsNaN(b) && !(a <= b) }

// beyond counts the rows beyond their tolerance and returns the worst of them.
func beyond(rows []gradientRow) (n int, worst gradientRow) {
	for _, r := range rows {
		if r.within() {
			continue
		}
		if n++; n == 1 || worse(r.Error/r.Tolerance, worst.Error/worst.Tolerance) {
			worst = r
		}
	}
	return n, worst
}

func gradientsVerdict(rows []gradientRow) error {
	n, worst := beyond(rows)
	if n == 0 {
		return nil
	}
	return errors.Errorf("%d of %d comparisons are beyond their tolerance; the worst is %s at %v by %s in %s, off by %.2g of its largest entry, want at most %g",
		n, len(rows), worst.Quantity, worst.shape, worst.Method, worst.Precision, worst.Error, worst.Tolerance)
}

// gradientsPage shows the largest errors by quantity and method, and a picture by
// shape.
func gradientsPage(rows []gradientRow) outcome.Page {
	var shapes []string
	for _, r := range rows {
		if len(shapes) < r.Shape {
			shapes = append(shapes, fmt.Sprintf("%d: %d %d %d %d %d %d %d", r.Shape, r.D, r.K, r.Padding, r.Stride, r.Channels, r.Maps, r.Batch))
		}
	}
	answer := fmt.Sprintf("Yes: the formulas agree with automatic differentiation and with central differences, %s.", gradientsInShort(rows))
	verdict, result := "", "within tolerance"
	if err := gradientsVerdict(rows); err != nil {
		answer = "No: " + err.Error() + "."
		verdict, result = "BEYOND TOLERANCE: "+err.Error()+".", "beyond tolerance"
	}
	return outcome.Page{
		Title:  "The gradients of y = x ∗ w: " + gradientsInShort(rows),
		Answer: answer,
		Table:  gradientsTable(rows),
		Brief:  new(gradientsBrief(rows)),
		Text: outcome.Paragraphs("Each error is the largest difference divided by the largest magnitude of the quantity. With a random upstream gradient "+
			"the reference is the formula as convolutions; with one-hot ones it is the four-index formula, entry by entry. "+
			"The derivation is in experiments/theory/theory.md.",
			"Shapes (d, k, padding, stride, channels, maps, batch), each with ∗ as correlation and as convolution: "+strings.Join(shapes, "; ")+".",
			verdict),
		Figures: []outcome.Figure{{Name: "errors", Drawing: gradientsFigure(rows)}},
		Files:   []outcome.File{outcome.CSV("gradients.csv", rows)},
		Result:  result,
	}
}

func gradientsInShort(rows []gradientRow) string {
	if n, _ := beyond(rows); n > 0 {
		return fmt.Sprintf("%d of %d comparisons BEYOND TOLERANCE", n, len(rows))
	}
	return fmt.Sprintf("all %d comparisons within tolerance", len(rows))
}

type gradientsLine struct {
	kind                 []string
	comparisons, entries int
	worst                gradientRow
}

// gradientsLines groups the rows by kind, in the order in which kinds first appear.
func gradientsLines(rows []gradientRow, kind func(r gradientRow) []string) []*gradientsLine {
	var lines []*gradientsLine
	for _, r := range rows {
		at := slices.IndexFunc(lines, func(l *gradientsLine) bool { return slices.Equal(l.kind, kind(r)) })
		if at < 0 {
			at = len(lines)
			lines = append(lines, &gradientsLine{kind: kind(r), worst: r})
		}
		l := lines[at]
		l.comparisons++
		l.entries += r.Entries
		if worse(r.Error, l.worst.Error) {
			l.worst = r
		}
	}
	return lines
}

func gradientsTable(rows []gradientRow) table.Table {
	t := table.Table{Columns: []table.Column{
		{Name: "quantity"}, {Name: "upstream"}, {Name: "method"}, {Name: "precision"}, {Name: "comparisons", Right: true},
		{Name: "entries", Right: true}, {Name: "largest relative error", Right: true}, {Name: "tolerance", Right: true}, {Name: "worst shape"},
	}}
	for _, l := range gradientsLines(rows, func(r gradientRow) []string { return []string{r.Quantity, r.Upstream, r.Method, r.Precision} }) {
		worst := l.worst.shape.String()
		if l.worst.Error == 0 {
			worst = "none: all equal"
		}
		t.Rows = append(t.Rows, append(l.kind, fmt.Sprint(l.comparisons), fmt.Sprint(l.entries),
			fmt.Sprintf("%.1e", l.worst.Error), fmt.Sprintf("%g", l.worst.Tolerance), worst))
	}
	return t
}

func gradientsBrief(rows []gradientRow) table.Table {
	t := table.Table{Columns: []table.Column{{Name: "method"}, {Name: "precision"}, {Name: "comparisons", Right: true},
		{Name: "relative error", Right: true}, {Name: "tolerance", Right: true}}}
	for _, l := range gradientsLines(rows, func(r gradientRow) []string { return []string{r.Method, r.Precision} }) {
		t.Rows = append(t.Rows, append(l.kind, fmt.Sprint(l.comparisons), fmt.Sprintf("%.1e", l.worst.Error), fmt.Sprintf("%g", l.worst.Tolerance)))
	}
	return t
}

// gradientsFigure shows, for each method, the largest error at each shape over both
// quantities, both readings and both kinds of upstream gradient. The methods of a
// shape are drawn side by side.
func gradientsFigure(rows []gradientRow) chart.Figure {
	f := chart.Figure{Title: "Largest relative error of the gradients, by shape and method", XLabel: "shape, numbered as in summary.md",
		YLabel: "largest relative error", LogY: true, YMin: new(1e-17), YMax: new(1e-2), Legend: "method"}
	for _, r := range rows {
		name := r.Method + ", " + r.Precision
		at := slices.IndexFunc(f.Series, func(s chart.Series) bool { return s.Name == name })
		if at < 0 {
			at = len(f.Series)
			f.Series = append(f.Series, chart.Series{Name: name, Points: true, NoLine: true})
		}
		s := &f.Series[at]
		for len(s.Y) < r.Shape {
			s.X, s.Y = append(s.X, float64(len(s.X)+1)), append(s.Y, 0)
		}
		s.Y[r.Shape-1] = max(s.Y[r.Shape-1], r.Error)
		for len(f.XTicks) < r.Shape {
			f.XTicks = append(f.XTicks, float64(len(f.XTicks)+1))
		}
	}
	const width = 0.66 // of a shape
	for i, s := range f.Series {
		for j := range s.X {
			s.X[j] += width * (float64(i) + 0.5 - float64(len(f.Series))/2) / float64(len(f.Series))
		}
	}
	n := float64(len(f.XTicks))
	for _, t := range []struct {
		name  string
		value float64
	}{{"tolerance in float32", tolerance32}, {"tolerance in float64", tolerance64}} {
		f.Series = append(f.Series, chart.Series{X: []float64{0.5, n + 0.5}, Y: []float64{t.value, t.value}, Dashed: true, Reference: true})
		f.Notes = append(f.Notes, chart.Note{X: (n + 1) / 2, Y: t.value, Text: t.name})
	}
	return f
}
