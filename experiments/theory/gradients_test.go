package theory

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"cnnlab/experiments/outcome"
)

// wrong are formulas with one mistake each, and the quantity that shows it.
var wrong = map[string]struct {
	quantity string
	spoil    func(f *formulas)
}{
	"the kernel is not flipped": {"dy/dx", func(f *formulas) {
		f.gradX = func(c conv, w, g array) array { c.flipped = !c.flipped; return gradX(c, w, g) }
	}},
	"the gradient by w is flipped": {"dy/dw", func(f *formulas) {
		f.gradW = func(c conv, x, g array) array { c.flipped = !c.flipped; return gradW(c, x, g) }
	}},
	"the gradient is the mean over the batch": {"dy/dw", func(f *formulas) {
		f.gradW = func(c conv, x, g array) array {
			dw := gradW(c, x, g)
			for i := range dw.v {
				dw.v[i] /= float64(c.batch)
			}
			return dw
		}
	}},
	"the Jacobian forgets the stride": {"dy/dw", func(f *formulas) {
		f.yByW = func(c conv, x array, y, w [4]int) float64 {
			return derived.yByW(conv{stride: 1, pad: c.pad, k: c.k, flipped: c.flipped}, x, y, w)
		}
	}},
	"the Jacobian forgets the padding": {"dy/dx", func(f *formulas) {
		f.yByX = func(c conv, w array, y, x [4]int) float64 { c.pad = 0; return derived.yByX(c, w, y, x) }
	}},
	"maps are mixed up": {"dy/dw", func(f *formulas) {
		f.yByW = func(c conv, x array, y, w [4]int) float64 { y[1] = w[0]; return derived.yByW(c, x, y, w) }
	}},
	"not a number": {"dy/dx", func(f *formulas) {
		f.gradX = func(c conv, w, g array) array {
			dx := gradX(c, w, g)
			dx.v[len(dx.v)-1] = math.NaN()
			return dx
		}
	}},
}

func TestAWrongFormulaIsFound(t *testing.T) {
	shape := conv{5, 3, 1, 2, 2, 2, 2, false}
	for name, mistake := range wrong {
		for _, shape.flipped = range []bool{false, true} {
			f := derived
			mistake.spoil(&f)
			rows, err := compareGradients(shape, f, rand.New(rand.NewPCG(1, 1)))
			if err != nil {
				t.Fatal(err)
			}
			err = gradientsVerdict(rows)
			if err == nil || !strings.Contains(err.Error(), mistake.quantity) || !strings.Contains(err.Error(), shape.String()) {
				t.Errorf("%s: %v", name, err)
			}
			for _, r := range rows {
				if r.Quantity != mistake.quantity && !r.within() {
					t.Errorf("%s: %s is off too, by %.2g", name, r.Quantity, r.Error)
				}
			}
		}
	}
}

// firstShapes are a few of the shapes that the experiment compares.
var firstShapes = []Shape{{3, 2, 0, 1, 1, 1, 1}, {4, 1, 0, 1, 2, 2, 1}, {3, 3, 0, 1, 1, 2, 2}, {5, 3, 1, 1, 2, 2, 2}, {5, 2, 0, 2, 1, 2, 2}, {6, 3, 1, 2, 2, 1, 2}, {4, 3, 2, 3, 1, 2, 1}, {5, 1, 0, 3, 1, 1, 2}}

func TestAWrongFormulaIsOnThePageAndInTheVerdict(t *testing.T) {
	f := derived
	wrong["the kernel is not flipped"].spoil(&f)
	rows, err := compareAll(t.Context(), firstShapes, f, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := gradientsVerdict(rows); err == nil || !strings.Contains(err.Error(), "the worst is dy/dx at ") {
		t.Errorf("error %v", err)
	}
	page := gradientsPage(rows)
	if !strings.Contains(page.Title, "BEYOND TOLERANCE") || !strings.Contains(page.Text, "BEYOND TOLERANCE: ") || page.Result != "beyond tolerance" {
		t.Errorf("title %q, text %q", page.Title, page.Text)
	}
}

// csvOf is a file of a page.
func csvOf(t *testing.T, page outcome.Page, name string) string {
	t.Helper()
	var b strings.Builder
	for _, f := range page.Files {
		if f.Name == name {
			if err := f.Write(&b); err != nil {
				t.Fatal(err)
			}
		}
	}
	if b.Len() == 0 {
		t.Fatalf("no %s on the page", name)
	}
	return b.String()
}

func TestTheSeedRulesTheGradientsToTheByte(t *testing.T) {
	var tables []string
	for _, seed := range []uint64{1, 1, 2} {
		page, err := Gradients(t.Context(), firstShapes, seed)
		if err != nil {
			t.Fatal(err)
		}
		tables = append(tables, csvOf(t, page, "gradients.csv"))
	}
	if tables[0] != tables[1] || tables[0] == tables[2] {
		t.Error("want the same bytes for the same seed only")
	}
}

// TestTheGradientsInShort: the title has the verdict, the brief table fits any
// terminal and leaves out no comparison.
func TestTheGradientsInShort(t *testing.T) {
	rows := []gradientRow{
		{Method: "formula as convolutions", Precision: "float64", Error: 1e-16, Tolerance: tolerance64},
		{Method: "formula as convolutions", Precision: "float64", Quantity: "dy/dx", Error: 2e-16, Tolerance: tolerance64},
		{Method: "ops.Conv2d", Precision: "float32", Error: math.NaN(), Tolerance: tolerance32},
		{Method: "ops.Conv2d", Precision: "float32", Error: 1e-7, Tolerance: tolerance32}, // does not hide the NaN
	}
	if got := gradientsInShort(rows[:2]); got != "all 2 comparisons within tolerance" {
		t.Error(got)
	}
	if got := gradientsInShort(rows); got != "1 of 4 comparisons BEYOND TOLERANCE" {
		t.Error(got)
	}
	brief := gradientsBrief(rows)
	if !brief.Fits(80) || len(brief.Rows) != 2 || brief.Rows[0][2] != "2" || brief.Rows[0][3] != "2.0e-16" || brief.Rows[1][3] != "NaN" {
		t.Errorf("%v", brief.Rows)
	}
}

func TestAnInterruptedComparisonSaysWhy(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(io.ErrUnexpectedEOF)
	if _, err := Gradients(ctx, firstShapes, 1); err != io.ErrUnexpectedEOF {
		t.Errorf("gradients: error %v", err)
	}
	if _, err := WeightSharing(ctx, shortTraining(), sharings, nil); err != io.ErrUnexpectedEOF {
		t.Errorf("weight sharing: error %v", err)
	}
}

func TestRelativeErrorsAreAgainstTheLargestMagnitude(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		got, want []float64
		error     float64
	}{
		{[]float64{1, -8}, []float64{1, -10}, 0.2},
		{[]float64{0.5, 10}, []float64{0, 10}, 0.05},
		{[]float64{0, 0}, []float64{0, 0}, 0},
		{[]float64{1}, []float64{0}, math.Inf(1)},
		{[]float64{nan, 1}, []float64{1, 1}, nan},
		{[]float64{1, 1}, []float64{nan, 1}, nan},
		{[]float64{1}, []float64{1, 1}, math.Inf(1)},
	} {
		got := relativeError(c.got, c.want)
		if got != c.error && !(math.IsNaN(got) && math.IsNaN(c.error)) && math.Abs(got-c.error) > 1e-15 {
			t.Errorf("%v for %v: %v, want %v", c.got, c.want, got, c.error)
		}
		if row := (gradientRow{Error: got, Tolerance: 1e-3}); row.within() != (got <= 1e-3) || math.IsNaN(got) && row.within() {
			t.Errorf("%v is within its tolerance: %v", got, row.within())
		}
	}
}

func TestTheTheoryQuotesItsQuestionsAndCommands(t *testing.T) {
	text, err := os.ReadFile("theory.md")
	if err != nil {
		t.Fatal(err)
	}
	oneLine := strings.Join(strings.Fields(strings.ReplaceAll(string(text), "\n>", "\n")), " ")
	for _, want := range []string{
		"Derive the quantities δy/δw and δy/δx",
		"Discuss how the standard back-propagation algorithm must be modified in order to ensure that the constraints are satisfied when evaluating the derivatives of the error function",
		"go run . -exp gradients", "go run . -exp weight-sharing", "(../gradients.go)", "(../weight_sharing.go)",
	} {
		if !strings.Contains(oneLine, want) {
			t.Errorf("theory.md lacks %q", want)
		}
	}
}

// TestTheTheoryTellsTheTolerances by their powers of ten.
func TestTheTheoryTellsTheTolerances(t *testing.T) {
	text, err := os.ReadFile("theory.md")
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("the command fails if one exceeds $10^{%.0f}$ in float32 or $10^{%.0f}$ in float64", math.Log10(tolerance32), math.Log10(tolerance64))
	if !strings.Contains(string(text), want) {
		t.Errorf("no %q", want)
	}
}

// TestGradientsAreToldApart: no mark hides another, and no tolerance looks like a
// method.
func TestGradientsAreToldApart(t *testing.T) {
	var rows []gradientRow
	for shape := 1; shape <= 3; shape++ {
		for _, m := range methods {
			rows = append(rows, gradientRow{Shape: shape, Method: m.name, Precision: m.precision, Error: 1e-9})
		}
	}
	f := gradientsFigure(rows)
	taken := make(map[float64]bool)
	for _, s := range f.Series {
		if s.Reference {
			continue
		}
		for i, x := range s.X {
			if taken[x] || math.Abs(x-float64(i+1)) > 0.4 || !s.NoLine {
				t.Errorf("%s: shape %d at %v, want a mark of its own near %d, and no line", s.Name, i+1, x, i+1)
			}
			taken[x] = true
		}
	}
	if len(taken) != len(rows) || len(f.Notes) != 2 {
		t.Errorf("%d marks and %d named tolerances, want %d and 2", len(taken), len(f.Notes), len(rows))
	}
}
