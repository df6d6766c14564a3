package chart

import (
	"bytes"
	"encoding/xml"
	"image"
	_ "image/png"
	"io"
	"math"
	"strings"
	"sync"
	"testing"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// must fails the test on an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// near fails unless got is within 1e-4 of want, or both are NaN.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-4) && !(math.IsNaN(got) && math.IsNaN(want)) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// checkPicture renders d and checks that both files are whole pictures.
func checkPicture(t *testing.T, name string, d Drawing) (svgText string) {
	t.Helper()
	pixels, err := PNG(d)
	must(t, err)
	decoded, _, err := image.Decode(bytes.NewReader(pixels))
	must(t, err)
	if size := decoded.Bounds().Size(); size.X != 1100 || size.Y != 700 {
		t.Errorf("%s: size %v, want 1100 × 700", name, size)
	}
	content, err := SVG(d)
	must(t, err)
	checkSVG(t, name, string(content))
	return string(content)
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
		"smooth":        {X: count, Y: []float64{1, 2, nan, 4}, Smooth: 3},
		"broken":        {X: count, Y: []float64{1, nan, 3, nan}},
		"hostile names": {Name: "<script>alert(1)</script>\n\x00\x1b[2J\xff", X: count, Y: count, EndMark: strings.Repeat("long ", 100)},
	} {
		for _, log := range []bool{false, true} {
			f := Figure{Title: name + " & \x01<b>", XLabel: "x", YLabel: strings.Repeat("y", 300), LogX: log, LogY: log,
				Percent: log, Series: []Series{s}, Notes: []Note{{X: 2, Y: nan, Text: name}, {X: -1, Y: -1, Ring: true}, {X: nan}}}
			content, err := SVG(f)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			text := string(content)
			checkSVG(t, name, text)
			if log && !testing.Short() { // the race detector makes drawing slow
				checkPicture(t, f.Title, f)
			}
			if strings.Contains(text, "<script") || strings.Contains(text, "<b>") {
				t.Errorf("%s: markup from a name got into the picture", name)
			}
			if empty := name == "none" || name == "no number"; empty && !strings.Contains(text, ">no data<") {
				t.Errorf("%s: the picture does not say that there is no data", name)
			}
		}
	}
	checkPicture(t, "figure", Figure{})
	checkPicture(t, "figure", Figure{Series: make([]Series, 60), Ordered: true, YMin: new(2.0), YMax: new(1.0)})
	checkPicture(t, "figure", Figure{LogY: true, YMin: new(0.0), YMax: &nan, Series: []Series{{X: count, Y: count}}})
}

func TestZerosOnALogAxisAreSaid(t *testing.T) {
	t.Parallel()
	f := Figure{LogY: true, Percent: true, YMin: new(0.005), Series: []Series{
		{X: []float64{1, 2, 3}, Y: []float64{0.5, 0, 0.1}}}}
	if text := checkPicture(t, f.Title, f); !strings.Contains(text, "values of 0 are drawn at the lower edge (0.5 %)") {
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
	text := checkPicture(t, "figure", Figure{Series: []Series{s}})
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

func TestEqualFiguresGiveEqualBytes(t *testing.T) {
	t.Parallel()
	wantEqualBytes(t, func() Drawing { return sweepFigure(false, 100, 20) })
}

// wantEqualBytes renders a drawing twice at once and compares.
func wantEqualBytes(t *testing.T, drawing func() Drawing) {
	t.Helper()
	for name, render := range map[string]func(Drawing) ([]byte, error){"PNG": PNG, "SVG": SVG} {
		var files [2][]byte
		var group sync.WaitGroup
		for i := range files {
			group.Go(func() {
				var err error
				if files[i], err = render(drawing()); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if !bytes.Equal(files[0], files[1]) || len(files[0]) == 0 {
			t.Errorf("two %s files of one drawing differ", name)
		}
	}
}

// broken is a drawing that the plotting library cannot take.
type broken struct{}

func (broken) draw(draw.Canvas) { panic("no such font") }

func TestAPanicOfThePlottingLibraryIsAnError(t *testing.T) {
	for _, render := range []func(Drawing) ([]byte, error){PNG, SVG} {
		if _, err := render(broken{}); err == nil || !strings.Contains(err.Error(), "cannot draw: no such font") {
			t.Errorf("error %v, want one with the reason", err)
		}
	}
}
