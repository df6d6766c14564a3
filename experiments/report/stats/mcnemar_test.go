package stats

import (
	"math"
	"math/big"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

func TestMcNemarPOfHandWorkedCounts(t *testing.T) {
	for _, test := range []struct {
		onlyA, onlyB int
		want         float64
	}{
		{0, 0, 1}, {7, 7, 1}, {0, 1, 1}, {1, 2, 1},
		{0, 5, 2.0 / 32},              // 2·C(5,0)/2⁵
		{1, 9, 2.0 * (1 + 10) / 1024}, // 0.021484375
		{2, 8, 2.0 * (1 + 10 + 45) / 1024},
		{0, 60, math.Pow(2, -59)},
	} {
		for _, got := range []float64{mcnemarP(test.onlyA, test.onlyB), mcnemarP(test.onlyB, test.onlyA)} {
			if math.Abs(got-test.want) > 1e-12*test.want {
				t.Errorf("%d against %d: p = %v, want %v", test.onlyA, test.onlyB, got, test.want)
			}
		}
	}
	if p := mcnemarP(-1, 3); !math.IsNaN(p) {
		t.Errorf("negative counts: p = %v, want NaN", p)
	}
}

// The tail is summed in whole numbers of any size.
func TestMcNemarPIsExact(t *testing.T) {
	for _, test := range [][2]int{{40, 60}, {130, 210}, {400, 600}, {990, 1010}, {100, 900}} {
		n := int64(test[0] + test[1])
		tail := new(big.Int)
		for k := range int64(test[0]) + 1 {
			tail.Add(tail, new(big.Int).Binomial(n, k))
		}
		tail.Lsh(tail, 1)
		want, _ := new(big.Rat).SetFrac(tail, new(big.Int).Lsh(big.NewInt(1), uint(n))).Float64()
		if got := mcnemarP(test[0], test[1]); math.Abs(got-want) > 1e-9*want {
			t.Errorf("%v: p = %v, want %v", test, got, want)
		}
	}
}

// With its correction for continuity the normal form comes close to the exact.
func TestMcNemarPOfLargeCountsIsThatOfTheNormalForm(t *testing.T) {
	for _, test := range [][2]int{{5000, 5200}, {20000, 20300}, {30000, 30001}} {
		b, c := float64(test[0]), float64(test[1])
		z := (math.Abs(b-c) - 1) / math.Sqrt(b+c)
		want := 2 * distuv.UnitNormal.Survival(z)
		if got := mcnemarP(test[0], test[1]); math.Abs(got-want) > 1e-3*want {
			t.Errorf("%v: p = %v, want about %v", test, got, want)
		}
	}
	if p := mcnemarP(0, 60000); !(p >= 0 && p < 1e-300) {
		t.Errorf("p = %v, want next to nothing", p)
	}
}

func TestMcNemarCountsTheImagesThatOneAloneGotRight(t *testing.T) {
	var labels, a, b []int
	for i, right := range [][2]bool{{true, true}, {true, false}, {false, true}, {false, true}, {false, false}, {false, true}} {
		predicted := map[bool]int{true: i % 3, false: i%3 + 1}
		labels, a, b = append(labels, i%3), append(a, predicted[right[0]]), append(b, predicted[right[1]])
	}
	onlyA, onlyB, p := McNemar(labels, a, b) // 1 and 3: p = 2·(1+4)/16
	if onlyA != 1 || onlyB != 3 || math.Abs(p-0.625) > 1e-12 {
		t.Errorf("%d, %d, p = %v, want 1, 3, 0.625", onlyA, onlyB, p)
	}
}

// TestSeedsThatShareTheirImagesAreNoNewEvidence: the same p any number of times
// must not become smaller.
func TestSeedsThatShareTheirImagesAreNoNewEvidence(t *testing.T) {
	for _, test := range []struct {
		p    []float64
		want float64
	}{
		{[]float64{0.04}, 0.04},
		{[]float64{0.04, 0.04, 0.04}, 0.08},
		{[]float64{0.9, 1e-9, 0.01}, 0.02}, // in any order
		{[]float64{0.01, 0.03}, 0.04},
		{[]float64{0.3, 0.01, 0.02, 0.04}, 0.06},
		{[]float64{0.7, 0.6, 0.8}, 1},
		{nil, math.NaN()},
	} {
		if got := CombineP(test.p); math.Abs(got-test.want) > 1e-15 || math.IsNaN(got) != math.IsNaN(test.want) {
			t.Errorf("%v: p = %v, want %v", test.p, got, test.want)
		}
	}
}
