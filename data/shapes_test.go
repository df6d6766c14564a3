package data

import (
	"reflect"
	"runtime"
	"slices"
	"testing"
)

// The set of a seed must never change: results are compared by its checksum. It
// is the same on every architecture, as no product is fused with a sum.
func TestShapesAreFixedForever(t *testing.T) {
	const want = "461f68efba3100c400571c6ce3d6ebb59c22941b80031fb3d63a5c8647d34270"
	if d := Shapes(1, 200, 50); d.SHA256 != want {
		t.Errorf("SHA-256 %s, want %s", d.SHA256, want)
	}
}

func TestShapesAreTheSameOnAnyNumberOfCores(t *testing.T) {
	want := Shapes(7, 333, 77).SHA256
	for _, n := range []int{1, 2, 5} {
		before := runtime.GOMAXPROCS(n)
		got := Shapes(7, 333, 77).SHA256
		runtime.GOMAXPROCS(before)
		if got != want {
			t.Errorf("GOMAXPROCS %d: SHA-256 %s, want %s", n, got, want)
		}
	}
}

func TestFewerShapesAreTheBeginningOfMore(t *testing.T) {
	few, more := Shapes(3, 60, 15), Shapes(3, 100, 30)
	for few, more := range map[*Split]*Split{&few.Train: &more.Train, &few.Test: &more.Test} {
		if first := more.Head(few.Len()); few.Len() < 15 || !reflect.DeepEqual(*few, first) {
			t.Errorf("the first %d of %d images differ from %d images", few.Len(), more.Len(), few.Len())
		}
	}
}

func TestShapesOfTrainTestAndOtherSeedsShareNoImage(t *testing.T) {
	const image = 3 * 32 * 32
	seen := map[string]bool{}
	one, two := Shapes(1, 300, 300), Shapes(2, 300, 300)
	for _, s := range []Split{one.Train, one.Val, one.Test, two.Train, two.Val, two.Test} {
		for i := range s.Len() {
			pixels := string(s.Pixels[i*image : (i+1)*image])
			if seen[pixels] {
				t.Fatal("an image appears twice")
			}
			seen[pixels] = true
		}
	}
}

func TestShapesAreBalancedAndWhole(t *testing.T) {
	d := Shapes(1, 1000, 100)
	classes := []string{"disc", "ring", "crescent", "heart", "triangle", "square", "bar", "cross", "star", "arrow"}
	if d.Name != "shapes" || !slices.Equal(d.Classes, classes) || d.Channels != 3 || d.Height != 32 || d.Width != 32 {
		t.Errorf("%s: %q of %d×%d×%d", d.Name, d.Classes, d.Channels, d.Height, d.Width)
	}
	for s, n := range map[*Split]int{&d.Train: 900, &d.Val: 100, &d.Test: 100} {
		for class, got := range counts(s.Labels) {
			if got != n/10 || s.Len() != n || len(s.Pixels) != n*3*32*32 {
				t.Errorf("%d of %d images show %s, want %d", got, s.Len(), d.Classes[class], n/10)
			}
		}
	}
}

// A linear model must not do: the set is there to show what convolution adds.
func TestShapesAreHardForALinearModel(t *testing.T) {
	accuracy := linear(Shapes(1, 5500, 1000), 2)
	t.Logf("softmax regression: test accuracy %.3f", accuracy)
	if accuracy >= 0.5 {
		t.Errorf("softmax regression: test accuracy %.3f, want below 0.5", accuracy)
	}
}

// Areas by hand, that of the heart counted on a fine grid in Python, against the
// points of the grid inside, those at the outline taken in part: a form that is
// cut off, turned inside out or another's twin would show.
func TestFormsCoverTheirArea(t *testing.T) {
	areas := map[string]float64{
		"disc":     0.7854, // π/4
		"ring":     0.6676, // π·(0.55² - 0.3²)
		"crescent": 0.4253, // π·0.55² less the lens of radii 0.55 and 0.45, 0.25 apart
		"heart":    0.6277,
		"triangle": 0.63,   // 1.2 · 1.05 / 2
		"square":   0.81,   // 0.9²
		"bar":      0.56,   // 1.4 · 0.4
		"cross":    0.7004, // 2 · 1.2 · 0.34 - 0.34²
		"star":     0.5158, // 5 · 0.65 · 0.27 · sin 36°
		"arrow":    0.466,  // 0.7 · 0.28 + 0.9 · 0.6 / 2
	}
	if len(areas) != len(forms) {
		t.Errorf("%d areas, want one for each of %d forms", len(areas), len(forms))
	}
	for i, g := range figures() {
		want, known := areas[forms[i].name]
		inside := 0.0
		for _, d := range g {
			inside += float64(clamp(d/glyphStep + 0.5))
		}
		if got := inside * glyphStep * glyphStep; !known || got < want-0.02 || got > want+0.02 {
			t.Errorf("%s covers %.3f, want %.3f", forms[i].name, got, want)
		}
	}
}

func BenchmarkShapes(b *testing.B) {
	for b.Loop() {
		Shapes(1, 10000, 0)
	}
}
