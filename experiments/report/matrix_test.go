package report

import (
	"image/color"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
)

var (
	digitNames  = []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
	objectNames = []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}
)

// testConfusion has n images a class, of which the fraction wrong is confused,
// most with the neighbouring classes.
func testConfusion(t *testing.T, classes []string, n int, wrong float64) Confusion {
	t.Helper()
	rng := rand.New(rand.NewPCG(3, 4))
	var rows []PredictionRow
	k := len(classes)
	for label := range k {
		for range n {
			predicted := label
			if rng.Float64() < wrong*(0.4+float64(label*7%k)/float64(k)*1.2) {
				predicted = (label + 1 + int(float64(k-1)*rng.Float64()*rng.Float64())) % k
			}
			rows = append(rows, PredictionRow{Label: label, Predicted: predicted})
		}
	}
	c, err := NewConfusion(classes, rows)
	must(t, err)
	return c
}

func TestConfusionOfRealisticSizes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		c    Confusion
		want []string
	}{
		"digits":     {testConfusion(t, digitNames, 1000, 0.01), []string{"predicted class", "actual class", "10,000 images"}},
		"objects":    {testConfusion(t, objectNames, 1000, 0.3), []string{">automobile<", "rotate(45)", "95 % interval"}},
		"many seeds": {testConfusion(t, objectNames, 11000, 0), []string{">11,000<", ">100.0 %<", ">100.0–100.0<"}},
	} {
		content, err := svg(matrix{"Confusion of " + name, test.c})
		must(t, err)
		text := string(content)
		checkSVG(t, name, text)
		for _, want := range test.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in the picture", name, want)
			}
		}
	}
}

func TestConfusionOfAwkwardCounts(t *testing.T) {
	t.Parallel()
	hundred := make([]string, 100)
	for i := range hundred {
		hundred[i] = "class " + strings.Repeat("x", i)
	}
	for name, test := range map[string]struct {
		c    Confusion
		want string
	}{
		"none":          {Confusion{}, ">no data<"},
		"no counts":     {Confusion{Classes: digitNames}, ">no data<"},
		"zeros":         {Confusion{[]string{"a", "b"}, [][]int{{0, 0}, {0, 0}}, 1}, ">no data<"},
		"one":           {Confusion{[]string{"a"}, [][]int{{3}}, 1}, ">100.0 %<"},
		"zero row":      {Confusion{[]string{"a", "b"}, [][]int{{0, 0}, {1, 1}}, 1}, ">–<"},
		"ragged":        {Confusion{[]string{"a", "b"}, [][]int{{5}}, 1}, ">5<"},
		"beyond":        {Confusion{[]string{"a"}, [][]int{{5, 6}, {7, 8}}, 1}, ">5<"},
		"negative":      {Confusion{[]string{"a", "b"}, [][]int{{-5, 3}, {1, 9000}}, 1}, ">9,000<"},
		"huge":          {Confusion{[]string{"a", "b"}, [][]int{{math.MaxInt / 8, 1}, {1, 1}}, 1}, ">1<"},
		"many":          {testConfusion(t, hundred, 20, 0.5), "predicted class"},
		"hostile names": {Confusion{[]string{"<script>\n\x1b\xff", strings.Repeat("long ", 99)}, [][]int{{1, 2}, {3, 4}}, 1}, ">4<"},
	} {
		content, err := svg(matrix{name + " <b>\x00", test.c})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		text := string(content)
		checkSVG(t, name, text)
		if !strings.Contains(text, test.want) || strings.Contains(text, "<script") || strings.Contains(text, "<b>") {
			t.Errorf("%s: want %q, and no markup from a name, in the picture", name, test.want)
		}
	}
}

func TestEqualConfusionsGiveEqualBytes(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("draws pixels, which the race detector makes slow")
	}
	c := testConfusion(t, objectNames, 100, 0.3)
	checkDrawing(t, "objects", matrix{"title", c})
	dir := t.TempDir()
	for _, suffix := range []string{".png", ".svg"} {
		for _, name := range []string{"a", "b"} {
			must(t, PlotConfusion(filepath.Join(dir, name+suffix), "title", c))
		}
		if read(t, dir, "a"+suffix) != read(t, dir, "b"+suffix) {
			t.Errorf("two %s of one matrix differ", suffix)
		}
	}
}

// The contrast wanted is that of WCAG 2.1 for large text, 3 to 1.
func TestCountsAreReadableOnEveryColour(t *testing.T) {
	for _, right := range []bool{true, false} {
		last := 2.0
		for share := 0.0001; share <= 1; share *= 1.05 {
			fill := cellColour(share, right)
			on, ink := luminance(fill), 0.0
			if inkOn(fill, 1) == color.White {
				ink = 1
			}
			if contrast := (max(on, ink) + 0.05) / (min(on, ink) + 0.05); contrast < 3 {
				t.Errorf("share %.4f right %t: contrast %.2f, want 3", share, right, contrast)
			}
			if on > last {
				t.Errorf("share %.4f right %t: lighter than a smaller share", share, right)
			}
			last = on
		}
	}
	if cellColour(0, true) != emptyColour || cellColour(math.NaN(), false) != emptyColour {
		t.Error("a share of 0 has a colour")
	}
}

func TestThousandsAreGrouped(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 10000: "10,000", 1234567: "1,234,567", -100: "-100", -1000: "-1,000"} {
		if got := grouped(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
