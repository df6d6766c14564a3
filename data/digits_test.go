package data

import (
	"reflect"
	"runtime"
	"testing"
)

// The set of a seed must never change: results are compared by its checksum. It
// is the same on every architecture, as no product is fused with a sum.
func TestDigitsAreFixedForever(t *testing.T) {
	const want = "10fa62c4b150f6623596c35411ae1dd10ce3aa53226eeb0453e8060b92357058"
	if d := Digits(1, 200, 50); d.SHA256 != want {
		t.Errorf("SHA-256 %s, want %s", d.SHA256, want)
	}
}

func TestDigitsAreTheSameOnAnyNumberOfCores(t *testing.T) {
	want := Digits(7, 333, 77).SHA256
	for _, n := range []int{1, 2, 5} {
		before := runtime.GOMAXPROCS(n)
		got := Digits(7, 333, 77).SHA256
		runtime.GOMAXPROCS(before)
		if got != want {
			t.Errorf("GOMAXPROCS %d: SHA-256 %s, want %s", n, got, want)
		}
	}
}

func TestFewerDigitsAreTheBeginningOfMore(t *testing.T) {
	few, more := Digits(3, 60, 15), Digits(3, 100, 30)
	for few, more := range map[*Split]*Split{&few.Train: &more.Train, &few.Test: &more.Test} {
		if first := more.Head(few.Len()); few.Len() < 15 || !reflect.DeepEqual(*few, first) {
			t.Errorf("the first %d of %d images differ from %d images", few.Len(), more.Len(), few.Len())
		}
	}
}

func TestDigitsOfTrainTestAndOtherSeedsShareNoImage(t *testing.T) {
	const image = 28 * 28
	seen := map[string]bool{}
	one, two := Digits(1, 500, 500), Digits(2, 500, 500)
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

func TestDigitsAreBalancedAndWhole(t *testing.T) {
	d := Digits(1, 1000, 100)
	if d.Name != "digits" || len(d.Classes) != 10 || d.Channels != 1 || d.Height != 28 || d.Width != 28 {
		t.Errorf("%s: %d classes of %d×%d×%d", d.Name, len(d.Classes), d.Channels, d.Height, d.Width)
	}
	for s, n := range map[*Split]int{&d.Train: 900, &d.Val: 100, &d.Test: 100} {
		var counts [10]int
		for _, label := range s.Labels {
			counts[label]++
		}
		for digit, got := range counts {
			if got != n/10 || s.Len() != n || len(s.Pixels) != n*28*28 {
				t.Errorf("%d of %d images show %d, want %d", got, s.Len(), digit, n/10)
			}
		}
	}
}

// A linear model must not do: the set is there to show what convolution adds.
func TestDigitsAreHardForALinearModel(t *testing.T) {
	d := Digits(1, 11000, 2000)
	d.Limit(10000 - 1)
	accuracy := linear(d, 3)
	t.Logf("softmax regression: test accuracy %.3f", accuracy)
	if accuracy <= 0.3 || accuracy >= 0.9 {
		t.Errorf("softmax regression: test accuracy %.3f, want 0.3 to 0.9", accuracy)
	}
}

func BenchmarkDigits(b *testing.B) {
	for b.Loop() {
		Digits(1, 10000, 0)
	}
}
