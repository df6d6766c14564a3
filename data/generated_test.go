package data

import (
	"fmt"
	"reflect"
	"runtime"
	"testing"
)

// generators are the generated sets, with the checksum of 200 and 50 images of seed 1.
// These must never change: results are compared by them. They are the same on every
// architecture.
var generators = []struct {
	draw    func(seed uint64, train, test int) *Dataset
	name    string
	classes []string
	shape   [3]int
	sha256  string
}{
	{Digits, "digits", []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}, [3]int{1, 28, 28},
		"10fa62c4b150f6623596c35411ae1dd10ce3aa53226eeb0453e8060b92357058"},
	{Shapes, "shapes", []string{"disc", "ring", "crescent", "heart", "triangle", "square", "bar", "cross", "star", "arrow"}, [3]int{3, 32, 32},
		"461f68efba3100c400571c6ce3d6ebb59c22941b80031fb3d63a5c8647d34270"},
}

func TestGeneratedSetsAreFixedForever(t *testing.T) {
	for _, g := range generators {
		if d := g.draw(1, 200, 50); d.SHA256 != g.sha256 {
			t.Errorf("%s: SHA-256 %s, want %s", g.name, d.SHA256, g.sha256)
		}
	}
}

func TestGeneratedSetsAreTheSameOnAnyNumberOfCores(t *testing.T) {
	for _, g := range generators {
		want := g.draw(7, 333, 77).SHA256
		for _, n := range []int{1, 2, 5} {
			before := runtime.GOMAXPROCS(n)
			got := g.draw(7, 333, 77).SHA256
			runtime.GOMAXPROCS(before)
			if got != want {
				t.Errorf("%s, GOMAXPROCS %d: SHA-256 %s, want %s", g.name, n, got, want)
			}
		}
	}
}

func TestASmallerGeneratedSetIsTheBeginningOfALargerOne(t *testing.T) {
	for _, g := range generators {
		few, more := g.draw(3, 60, 15), g.draw(3, 100, 30)
		for few, more := range map[*Split]*Split{&few.Train: &more.Train, &few.Test: &more.Test} {
			if first := more.Head(few.Len()); few.Len() < 15 || !reflect.DeepEqual(*few, first) {
				t.Errorf("%s: the first %d of %d images differ from %d images", g.name, few.Len(), more.Len(), few.Len())
			}
		}
	}
}

func TestGeneratedSplitsAndSeedsShareNoImage(t *testing.T) {
	for _, g := range generators {
		image := g.shape[0] * g.shape[1] * g.shape[2]
		seen := map[string]bool{}
		one, two := g.draw(1, 500, 500), g.draw(2, 500, 500)
		for _, s := range []Split{one.Train, one.Val, one.Test, two.Train, two.Val, two.Test} {
			for i := range s.Len() {
				pixels := string(s.Pixels[i*image : (i+1)*image])
				if seen[pixels] {
					t.Fatalf("%s: an image appears twice", g.name)
				}
				seen[pixels] = true
			}
		}
	}
}

func TestGeneratedSetsAreBalanced(t *testing.T) {
	for _, g := range generators {
		d := g.draw(1, 1000, 100)
		if d.Name != g.name || !reflect.DeepEqual(d.Classes, g.classes) || [3]int{d.Channels, d.Height, d.Width} != g.shape {
			t.Errorf("%s: %q of %d×%d×%d", d.Name, d.Classes, d.Channels, d.Height, d.Width)
		}
		for s, n := range map[*Split]int{&d.Train: 900, &d.Val: 100, &d.Test: 100} {
			for class, got := range counts(s.Labels) {
				if got != n/10 || s.Len() != n || len(s.Pixels) != n*g.shape[0]*g.shape[1]*g.shape[2] {
					t.Errorf("%s: %d of %d images show %s, want %d", g.name, got, s.Len(), d.Classes[class], n/10)
				}
			}
		}
	}
}

// TestGeneratedSetsAreHardForALinearModel: they should show what convolution adds.
func TestGeneratedSetsAreHardForALinearModel(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector makes it slow, and it runs nothing concurrently")
	}
	digits := Digits(1, 11_000, 2000)
	digits.Limit(9999)
	for _, c := range []struct {
		set       *Dataset
		epochs    int
		low, high float64
	}{{digits, 3, 0.3, 0.9}, {Shapes(1, 5500, 1000), 2, 0.1, 0.5}} {
		accuracy := linear(c.set, c.epochs)
		t.Logf("%s, softmax regression: test accuracy %.3f", c.set.Name, accuracy)
		if accuracy <= c.low || accuracy >= c.high {
			t.Errorf("%s, softmax regression: test accuracy %.3f, want %v to %v", c.set.Name, accuracy, c.low, c.high)
		}
	}
}

// BenchmarkGenerate reports 10,000 images of each set.
func BenchmarkGenerate(b *testing.B) {
	for _, g := range generators {
		b.Run(fmt.Sprint(g.name), func(b *testing.B) {
			for b.Loop() {
				g.draw(1, 10_000, 0)
			}
		})
	}
}
