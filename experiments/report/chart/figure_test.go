package chart

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// sweepFigure is a learning-rate sweep as training gives it: seven rates, the
// last diverging at step 40, the one before stuck at chance.
func sweepFigure(loss bool, steps, window int) Figure {
	rng := rand.New(rand.NewPCG(1, 2))
	f := Figure{Title: "Training error at seven learning rates (mnist, batch 100)", XLabel: "iteration (batches)",
		YLabel: "training batch error", LogY: true, Percent: true, Ordered: true, Legend: "learning rate",
		YMin: new(0.005), YMax: new(1.0)}
	if loss {
		f.Title, f.YLabel, f.Percent, f.YMin, f.YMax = "Training loss at seven learning rates (mnist, batch 100)",
			"training loss (cross-entropy, nats)", false, new(0.01), new(5.0)
	}
	final := []float64{0.09, 0.055, 0.03, 0.018, 0.011, 0.9, 0.9}
	speed := []float64{300, 140, 60, 30, 18, 1e9, 1e9}
	for i, lr := range []float64{0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3} {
		s := Series{Name: strconv.FormatFloat(lr, 'g', -1, 64), Smooth: window}
		for step := 1; step <= steps; step++ {
			t := float64(step)
			p := final[i] + (0.9-final[i])*math.Exp(-t/speed[i]) + final[i]*0.5*math.Exp(-t/400)
			p = math.Min(p, 0.9)
			errs := 0
			for range 100 {
				if rng.Float64() < p {
					errs++
				}
			}
			y := float64(errs) / 100
			if loss {
				y = 2.56 * p * math.Exp(rng.NormFloat64()*0.35)
				if i == 6 {
					y = 2.3 * math.Exp(t/6)
				}
			}
			if i == 6 && step > 40 {
				break
			}
			s.X, s.Y = append(s.X, t), append(s.Y, y)
		}
		if i == 6 {
			s.EndMark = "diverged at step 40"
		}
		if i == 1 {
			s.Remark = "Gorgonia's default"
		}
		f.Series = append(f.Series, s)
	}
	return f
}

// rateFigure is what a sweep ends with: accuracies over rates, the last of
// which there is not.
func rateFigure() Figure {
	x := []float64{0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3}
	val := []float64{0.915, 0.948, 0.972, 0.983, 0.9868, 0.9842, math.NaN()}
	test := []float64{0.912, 0.945, 0.970, 0.982, 0.9861, 0.9850, math.NaN()}
	return Figure{Title: "Accuracy by learning rate (mnist, 2 epochs)", XLabel: "learning rate",
		YLabel: "accuracy", LogX: true, XTicks: x, Percent: true,
		Series: []Series{
			{Name: "validation", X: x, Y: val, Points: true, ErrorBars: []float64{.003, .003, .002, .001, .001, .001}},
			{Name: "test", X: x, Y: test, Points: true, Dashed: true},
		},
		Notes: []Note{
			{X: 0.03, Y: 0.9868, Ring: true, Text: "chosen: 0.03"},
			{X: 0.001, Y: 0.948, Text: "Gorgonia's default"},
			{X: 0.3, Y: math.NaN(), Text: "diverged"},
		}}
}

func TestFiguresOfASweep(t *testing.T) {
	t.Parallel()
	for _, f := range []Figure{sweepFigure(false, 200, 20), sweepFigure(true, 200, 20)} {
		text := checkPicture(t, f.Title, f)
		for _, want := range []string{"diverged at step 40", "Gorgonia&#39;s default", "0.0003", "moving average"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in the picture", f.Title, want)
			}
		}
	}
	text := checkPicture(t, "rates", rateFigure())
	for _, want := range []string{"chosen: 0.03", ">diverged<", "98 %", ">0.0003<"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the picture", want)
		}
	}
}

func TestRepeatedSeriesShareTheirColour(t *testing.T) {
	f := Figure{Series: make([]Series, 4), Repeat: 2}
	if f.colour(0) != f.colour(2) || f.colour(1) != f.colour(3) || f.colour(0) == f.colour(1) {
		t.Error("with Repeat 2 the first and third series do not share a colour, or the first and second do")
	}
	f.Repeat = 0
	if f.colour(0) == f.colour(2) {
		t.Error("without Repeat the first and third series share a colour")
	}
}

// TestManySeriesLookDifferent: no two share colour and mark, unless by Repeat.
func TestManySeriesLookDifferent(t *testing.T) {
	type look struct{ colour, shape any }
	f := Figure{Series: make([]Series, 30)}
	seen := map[look]int{}
	for i, c := range f.curves(f.xScale(), f.yScale()) {
		of := look{c.colour, fmt.Sprintf("%T%v", c.shape, c.shape)}
		if j, ok := seen[of]; ok {
			t.Errorf("series %d looks like series %d", i, j)
		}
		seen[of] = i
	}
	f = Figure{Series: make([]Series, 6), Repeat: 3}
	for i := range 3 {
		if fmt.Sprint(f.shape(i)) != fmt.Sprint(f.shape(i+3)) {
			t.Errorf("with Repeat 3 series %d and %d have other marks", i, i+3)
		}
	}
}

func TestLineStylesHaveOneEntryEachAndReferencesNone(t *testing.T) {
	x := []float64{1, 2}
	f := Figure{Solid: "val", Dashes: "train", Footnote: "mean of 3 seeds", Repeat: 2, Series: []Series{
		{Name: "plain", X: x, Y: x, Points: true, Band: []float64{0.1, 0.2}}, {Name: "other", X: x, Y: x},
		{X: x, Y: x, Dashed: true}, {X: x, Y: x, Dashed: true}, {Name: "tolerance", X: x, Y: x, Reference: true},
	}}
	var names []string
	for _, c := range newLegend(f, f.curves(f.xScale(), f.yScale())).curves {
		names = append(names, c.series.Name)
	}
	if got := strings.Join(names, " "); got != "plain other val train" {
		t.Errorf("entries %q, want each variant, one for the solid and one for the dashed", got)
	}
	f.Footnote += strings.Repeat(", and so on", 14)
	f.Notes = []Note{{X: 1, Y: 1, Text: "1"}}
	f.Series[0].Smooth = 5
	text := checkPicture(t, f.Title, f)
	for _, want := range []string{"mean of 3 seeds", "over 5 points, fewer at the ends<"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not below the picture", want)
		}
	}
}

// TestAValueThatThereIsNotStandsAtTheBottom: at the top it would read as the best.
func TestAValueThatThereIsNotStandsAtTheBottom(t *testing.T) {
	x := []float64{1, 2, 3}
	f := Figure{Series: []Series{{X: x, Y: []float64{0.5, 0.9, math.NaN()}}}, Notes: []Note{{X: 3, Y: math.NaN(), Text: "diverged"}}}
	content, err := SVG(f)
	must(t, err)
	at := regexp.MustCompile(`<text x="([\d.]+)" y="-?([\d.]+)"[^>]*>diverged<`).FindStringSubmatch(string(content))
	if at == nil {
		t.Fatal("no note in the picture")
	}
	y, err := strconv.ParseFloat(at[2], 64)
	must(t, err)
	if y > float64(figureHeight)/4 {
		t.Errorf("the note stands %.0f of %.0f pt above the lower edge", y, float64(figureHeight))
	}
}

// TestMarksDoNotTouch: of 300 points only as many marks are drawn as have room, the last
// among them; of 10 points all.
func TestMarksDoNotTouch(t *testing.T) {
	marks := func(n int, dashed bool) int {
		s := Series{Name: "a", Points: true, Dashed: dashed}
		for i := range n {
			s.X, s.Y = append(s.X, float64(i+1)), append(s.Y, 1)
		}
		text := checkPicture(t, "marks", Figure{Series: []Series{s, {Name: "b", X: []float64{1}, Y: []float64{2}, NoLine: true}}})
		return strings.Count(text, "fill:#0072B2")
	}
	few, many := marks(10, false), marks(300, false)
	if few < 10 || many > 80 || many < 20 {
		t.Errorf("%d shapes in the colour of the curve for 10 points, %d for 300", few, many)
	}
}

// TestAStrongSeriesStandsOut: it is wider than all others and drawn last.
func TestAStrongSeriesStandsOut(t *testing.T) {
	x := []float64{1, 2}
	f := Figure{Series: []Series{{Name: "chosen", X: x, Y: x, Strong: true}, {Name: "other", X: x, Y: []float64{2, 1}}}}
	curves := f.curves(f.xScale(), f.yScale())
	if curves[0].width <= 2*curves[1].width {
		t.Errorf("widths %v and %v", curves[0].width, curves[1].width)
	}
	text := checkPicture(t, "strong", f)
	legend := strings.Index(text, ">chosen<")
	if chosen, other := strings.LastIndex(text[:legend], "stroke-width:3\""), strings.LastIndex(text[:legend], "stroke-width:1.2\""); chosen < other || other < 0 {
		t.Errorf("the other series is drawn after the chosen one")
	}
}
