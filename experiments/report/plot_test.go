package report

import (
	"encoding/xml"
	"image"
	_ "image/png"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"gonum.org/v1/plot/vg"
)

// sweepFigure is a learning-rate sweep as training gives it: seven rates, the
// last diverging at step 40, the one before stuck at chance.
func sweepFigure(loss bool, steps, window int) Figure {
	rng := rand.New(rand.NewPCG(1, 2))
	f := Figure{Title: "Training error at seven learning rates (mnist, batch 100)", XLabel: "iteration (batches)",
		YLabel: "training error of the batch", LogY: true, Percent: true, Ordered: true, Legend: "learning rate",
		YMin: new(0.005), YMax: new(1.0)}
	if loss {
		f.Title, f.YLabel, f.Percent, f.YMin, f.YMax = "Training loss at seven learning rates (mnist, batch 100)",
			"training loss (cross-entropy, nats)", false, new(0.01), new(5.0)
	}
	final := []float64{0.09, 0.055, 0.03, 0.018, 0.011, 0.9, 0.9}
	speed := []float64{300, 140, 60, 30, 18, 1e9, 1e9}
	for i, lr := range []float64{0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3} {
		s := Series{Name: strconv.FormatFloat(lr, 'g', -1, 64), Smooth: window, Raw: true}
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

// checkPicture plots f and holds that both files are whole pictures.
func checkPicture(t *testing.T, f Figure) (svgText string) {
	t.Helper()
	base := filepath.Join(t.TempDir(), "figure")
	if err := Plot(base, f); err != nil {
		t.Error(err)
		return ""
	}
	picture, err := os.Open(base + ".png")
	must(t, err)
	defer picture.Close()
	decoded, _, err := image.Decode(picture)
	if err != nil {
		t.Error(err)
	} else if size := decoded.Bounds().Size(); size.X != 1100 || size.Y != 700 {
		t.Errorf("size %v, want 1100 × 700", size)
	}
	svgText = read(t, base+".svg")
	checkSVG(t, f.Title, svgText)
	return svgText
}

func checkSVG(t *testing.T, name, text string) {
	t.Helper()
	elements := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := elements.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Errorf("%s: svg: %v", name, err)
			break
		}
	}
	for _, number := range []string{"NaN", "Inf"} {
		if _, after, found := strings.Cut(text, number); found {
			t.Errorf("%s: svg: a coordinate is no number: %s%.40s", name, number, after)
		}
	}
}

func TestFiguresOfASweep(t *testing.T) {
	t.Parallel()
	for _, f := range []Figure{sweepFigure(false, 200, 20), sweepFigure(true, 200, 20)} {
		text := checkPicture(t, f)
		for _, want := range []string{"diverged at step 40", "Gorgonia&#39;s default", "0.0003", "moving average"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in the picture", f.Title, want)
			}
		}
	}
	text := checkPicture(t, rateFigure())
	for _, want := range []string{"chosen: 0.03", ">diverged<", "98 %", ">0.0003<"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the picture", want)
		}
	}
}

func TestPlotOfAwkwardData(t *testing.T) {
	t.Parallel()
	nan, inf := math.NaN(), math.Inf(1)
	count := []float64{1, 2, 3, 4}
	for name, s := range map[string]Series{
		"none":          {},
		"one":           {X: []float64{1}, Y: []float64{0.5}},
		"no number":     {X: count, Y: []float64{nan, nan, nan, nan}, EndMark: "diverged at step 1"},
		"equal":         {X: count, Y: []float64{0.5, 0.5, 0.5, 0.5}, Points: true},
		"one x":         {X: []float64{2, 2, 2}, Y: []float64{1, 2, 3}},
		"zeros":         {X: []float64{0, 0, 0, 0}, Y: []float64{0, 0, 0, 0}},
		"negative":      {X: []float64{-3, -2, -1}, Y: []float64{-1, -2, -3}},
		"infinite":      {X: []float64{1, 2, inf, 4}, Y: []float64{1, inf, 3, -inf}},
		"huge":          {X: count, Y: []float64{2.3, 1e30, math.MaxFloat64, -math.MaxFloat64}, EndMark: "x"},
		"tiny":          {X: count, Y: []float64{5e-324, 1e-320, 0, 1e-310}},
		"wide":          {X: count, Y: []float64{1e-290, 1, 1e290, 2}},
		"nearly equal":  {X: count, Y: []float64{1, 1 + 1e-15, 1, 1}},
		"unequal":       {X: []float64{1, 2}, Y: count, ErrorBars: []float64{nan, inf, 3}},
		"bars":          {X: count, Y: count, ErrorBars: []float64{9, -9, 1e305, 0}, Points: true},
		"smooth":        {X: count, Y: []float64{1, 2, nan, 4}, Smooth: 3, Raw: true},
		"broken":        {X: count, Y: []float64{1, nan, 3, nan}},
		"hostile names": {Name: "<script>alert(1)</script>\n\x00\x1b[2J\xff", X: count, Y: count, EndMark: strings.Repeat("long ", 100)},
	} {
		for _, log := range []bool{false, true} {
			f := Figure{Title: name + " & \x01<b>", XLabel: "x", YLabel: strings.Repeat("y", 300), LogX: log, LogY: log,
				Percent: log, Series: []Series{s}, Notes: []Note{{X: 2, Y: nan, Text: name}, {X: -1, Y: -1, Ring: true}, {X: nan}}}
			content, err := svg(f)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			text := string(content)
			checkSVG(t, name, text)
			if log && !testing.Short() { // the race detector makes drawing slow
				checkPicture(t, f)
			}
			if strings.Contains(text, "<script") || strings.Contains(text, "<b>") {
				t.Errorf("%s: markup from a name got into the picture", name)
			}
			if empty := name == "none" || name == "no number"; empty && !strings.Contains(text, ">no data<") {
				t.Errorf("%s: the picture does not say that there is no data", name)
			}
		}
	}
	checkPicture(t, Figure{})
	checkPicture(t, Figure{Series: make([]Series, 60), Ordered: true, YMin: new(2.0), YMax: new(1.0)})
	checkPicture(t, Figure{LogY: true, YMin: new(0.0), YMax: &nan, Series: []Series{{X: count, Y: count}}})
}

func TestZerosOnALogAxisAreSaid(t *testing.T) {
	t.Parallel()
	f := Figure{LogY: true, Percent: true, YMin: new(0.005), Series: []Series{
		{X: []float64{1, 2, 3}, Y: []float64{0.5, 0, 0.1}}}}
	if text := checkPicture(t, f); !strings.Contains(text, "values of 0 are drawn at the lower edge (0.5 %)") {
		t.Error("the picture does not say where its zeros are")
	}
}

func TestAMillionPointsKeepTheirSpikes(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("draws a million points")
	}
	const n = 1_000_000
	s := Series{X: make([]float64, n), Y: make([]float64, n)}
	line := make([]vg.Point, n)
	for i := range n {
		s.X[i], s.Y[i] = float64(i+1), 0.5+0.1*math.Sin(float64(i)/5e4)
		if i == 654_321 {
			s.Y[i] = 40
		}
		line[i] = vg.Point{X: vg.Length(s.X[i]) / n * 400, Y: vg.Length(s.Y[i])}
	}
	text := checkPicture(t, Figure{Series: []Series{s}})
	if len(text) > 300_000 {
		t.Errorf("svg of %d bytes, want it thinned", len(text))
	}
	highest := vg.Length(0)
	thinned := thin(line)
	for _, p := range thinned {
		highest = max(highest, p.Y)
	}
	if highest != 40 || len(thinned) > 4*1000 || thinned[0] != line[0] || thinned[len(thinned)-1] != line[n-1] {
		t.Errorf("%d points up to %v, want at most 4 a column, both ends and the spike of 40", len(thinned), highest)
	}
}

func TestDivergedRunDoesNotFlattenTheOthers(t *testing.T) {
	good := Series{X: []float64{1, 2, 3}, Y: []float64{2.3, 1, 0.2}}
	wild := Series{X: []float64{1, 2, 3}, Y: []float64{2.3, 80, 1e20}, EndMark: "diverged at step 3"}
	if y := (Figure{Series: []Series{good, wild}}).yScale(); y.max > 3 {
		t.Errorf("axis up to %v, want it by the curve that learns", y.max)
	}
	if y := (Figure{Series: []Series{wild}}).yScale(); y.max > 1000 || y.max < 80 {
		t.Errorf("axis up to %v, want it by the middle of the curve", y.max)
	}
}

func TestPercentAxisEndsAtHundred(t *testing.T) {
	s := Series{X: []float64{1, 2, 3}, Y: []float64{0.9, 0.99, 1}}
	for _, log := range []bool{false, true} {
		y := Figure{Percent: true, LogY: log, Series: []Series{s}}.yScale()
		if top := y.value(y.max); math.Abs(top-1) > 1e-9 {
			t.Errorf("axis up to %v, want 1", top)
		}
	}
}

func TestEqualFiguresGiveEqualBytes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var group sync.WaitGroup
	for _, name := range []string{"a", "b"} {
		group.Go(func() {
			if err := Plot(filepath.Join(dir, name), sweepFigure(false, 100, 20)); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for _, suffix := range []string{".png", ".svg"} {
		if read(t, dir, "a"+suffix) != read(t, dir, "b"+suffix) {
			t.Errorf("two %s of one figure differ", suffix)
		}
	}
}

func TestPlotIntoNoDirectoryIsReported(t *testing.T) {
	base := filepath.Join(t.TempDir(), "absent", "figure")
	if err := Plot(base, Figure{}); err == nil || !strings.Contains(err.Error(), base+".png") {
		t.Errorf("error %v, want one that names the picture", err)
	}
}

func TestTicksAreRoundNumbers(t *testing.T) {
	for _, test := range []struct {
		values  []float64
		log     bool
		percent bool
		want    string
	}{
		{[]float64{0, 1100}, false, false, "0 200 400 600 800 1000"},
		{[]float64{0.95, 0.99}, false, true, "95.0 % 95.5 % 96.0 % 96.5 % 97.0 % 97.5 % 98.0 % 98.5 % 99.0 %"},
		{[]float64{0.91, 0.987}, false, true, "91 % 92 % 93 % 94 % 95 % 96 % 97 % 98 %"},
		{[]float64{0.0003, 0.3}, true, false, "0.001 0.01 0.1"},
		{[]float64{0.005, 1}, true, true, "0.5 % 1 % 2 % 5 % 10 % 20 % 50 % 100 %"},
		{[]float64{1e-7, 1e3}, true, false, "1e-06 0.0001 0.01 1 100"},
		{[]float64{0.3, 0.4}, true, false, "0.30 0.32 0.34 0.36 0.38 0.40"},
		{[]float64{-1, 1}, false, false, "-1.0 -0.5 0.0 0.5 1.0"},
	} {
		var labels []string
		for _, tick := range newScale(test.values, test.log, 0).ticks(test.percent) {
			if tick.Label != "" {
				labels = append(labels, tick.Label)
			}
		}
		if got := strings.Join(labels, " "); got != test.want {
			t.Errorf("%v log %t: ticks %s, want %s", test.values, test.log, got, test.want)
		}
	}
}
