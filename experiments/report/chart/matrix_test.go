package chart

import (
	"image/color"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

var (
	digitNames  = []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
	objectNames = []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}
)

// testConfusion has n images a class, of which the fraction wrong is confused,
// most with the neighbouring classes.
func testConfusion(classes []string, n int, wrong float64) Matrix {
	rng := rand.New(rand.NewPCG(3, 4))
	k := len(classes)
	m := Matrix{Classes: classes, Counts: make([][]int, k)}
	for label := range k {
		m.Counts[label] = make([]int, k)
		for range n {
			predicted := label
			if rng.Float64() < wrong*(0.4+float64(label*7%k)/float64(k)*1.2) {
				predicted = (label + 1 + int(float64(k-1)*rng.Float64()*rng.Float64())) % k
			}
			m.Counts[label][predicted]++
		}
		right := float64(m.Counts[label][label]) / float64(n)
		m.Accuracies = append(m.Accuracies, Interval{right, right, min(1, right+0.01)})
	}
	return m
}

func TestConfusionOfRealisticSizes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		m    Matrix
		want []string
	}{
		"digits":     {testConfusion(digitNames, 1000, 0.01), []string{"predicted class", "actual class", "blue: correct"}},
		"objects":    {testConfusion(objectNames, 1000, 0.3), []string{">automobile<", "rotate(45)", "95 % interval"}},
		"many seeds": {testConfusion(objectNames, 11000, 0), []string{">11,000<", ">100.0 %<", ">100.0–100.0<"}},
	} {
		content, err := SVG(test.m)
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
		m    Matrix
		want string
	}{
		"none":          {Matrix{}, ">no data<"},
		"no counts":     {Matrix{Classes: digitNames}, ">no data<"},
		"zeros":         {Matrix{Classes: []string{"a", "b"}, Counts: [][]int{{0, 0}, {0, 0}}}, ">no data<"},
		"one":           {Matrix{Classes: []string{"a"}, Counts: [][]int{{3}}, Accuracies: []Interval{{1, 0.4, 1}}}, ">100.0 %<"},
		"zero row":      {Matrix{Classes: []string{"a", "b"}, Counts: [][]int{{0, 0}, {1, 1}}, Accuracies: []Interval{{math.NaN(), math.NaN(), math.NaN()}}}, ">–<"},
		"ragged":        {Matrix{Classes: []string{"a", "b"}, Counts: [][]int{{5}}}, ">5<"},
		"beyond":        {Matrix{Classes: []string{"a"}, Counts: [][]int{{5, 6}, {7, 8}}}, ">5<"},
		"negative":      {Matrix{Classes: []string{"a", "b"}, Counts: [][]int{{-5, 3}, {1, 9000}}}, ">9,000<"},
		"huge":          {Matrix{Classes: []string{"a", "b"}, Counts: [][]int{{math.MaxInt / 8, 1}, {1, 1}}}, ">1<"},
		"many":          {testConfusion(hundred, 20, 0.5), "predicted class"},
		"hostile names": {Matrix{Classes: []string{"<script>\n\x1b\xff", strings.Repeat("long ", 99)}, Counts: [][]int{{1, 2}, {3, 4}}}, ">4<"},
	} {
		test.m.Title = name + " <b>\x00"
		content, err := SVG(test.m)
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
	checkPicture(t, "objects", testConfusion(objectNames, 100, 0.3))
	wantEqualBytes(t, func() Drawing { return testConfusion(objectNames, 100, 0.3) })
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
