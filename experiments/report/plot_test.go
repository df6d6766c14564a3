package report

import (
	"encoding/xml"
	"image"
	_ "image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// checkPicture plots f and holds that both files are whole pictures.
func checkPicture(t *testing.T, f Figure) (svgText string) {
	t.Helper()
	return checkDrawing(t, f.Title, f)
}

func checkDrawing(t *testing.T, name string, d drawing) (svgText string) {
	t.Helper()
	base := filepath.Join(t.TempDir(), "figure")
	for _, suffix := range []string{".png", ".svg"} {
		if err := writePicture(base+suffix, d); err != nil {
			t.Error(err)
			return ""
		}
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
	checkSVG(t, name, svgText)
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

func TestEqualFiguresGiveEqualBytes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var group sync.WaitGroup
	for _, name := range []string{"a", "b"} {
		group.Go(func() {
			for _, suffix := range []string{".png", ".svg"} {
				if err := Plot(filepath.Join(dir, name+suffix), sweepFigure(false, 100, 20)); err != nil {
					t.Error(err)
				}
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

// broken is a drawing that the plotting library cannot take.
type broken struct{}

func (broken) draw(draw.Canvas) { panic("no such font") }

func TestPanicOfThePlottingLibraryIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "figure.png")
	err := writePicture(path, broken{})
	if err == nil || !strings.Contains(err.Error(), path+": cannot draw: no such font") {
		t.Errorf("error %v, want one that names picture and reason", err)
	}
}

func TestAPictureThatCannotBeWrittenIsReported(t *testing.T) {
	for _, name := range []string{"absent/figure.png", "absent/figure.svg", "figure.gif", "figure"} {
		path := filepath.Join(t.TempDir(), filepath.FromSlash(name))
		if err := Plot(path, Figure{}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("error %v, want one that names %s", err, path)
		}
	}
}
