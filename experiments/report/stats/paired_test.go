package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The expected values are those of SciPy 1.17.1: ttest_rel(b, a) and its
// confidence_interval(0.95).
func TestPairedTIsSciPys(t *testing.T) {
	for _, test := range []struct {
		a, b []float64
		want Difference
	}{
		{[]float64{.9912, .9905, .9921}, []float64{.9899, .9903, .9909},
			Difference{-0.0009000000000000119, -0.002411041979313412, 0.0006110419793133883, 0.12446501258052074}},
		{[]float64{.72, .731, .718, .725, .722}, []float64{.758, .757, .761, .763, .755},
			Difference{0.035600000000000034, 0.027620436872410885, 0.043579563127589184, 0.00024415919206374434}},
		{[]float64{.5, .6}, []float64{.4, .45},
			Difference{-0.12499999999999997, -0.4426551184043672, 0.1926551184043673, 0.1256659163780024}},
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, []float64{2, 1, 4, 3, 6, 5, 8, 7, 10, 9.5},
			Difference{0.05, -0.6742436678997756, 0.7742436678997757, 0.879343032025608}},
	} {
		var differences []float64
		for i := range test.a {
			differences = append(differences, test.b[i]-test.a[i])
		}
		got := PairedT(differences)
		for _, v := range []struct {
			what      string
			got, want float64
		}{{"mean", got.Mean, test.want.Mean}, {"low", got.Low, test.want.Low}, {"high", got.High, test.want.High}, {"p", got.P, test.want.P}} {
			if !(math.Abs(v.got-v.want) <= 1e-9*math.Abs(v.want)) {
				t.Errorf("%v against %v: %s = %v, want %v", test.b, test.a, v.what, v.got, v.want)
			}
		}
	}
}

// TestPairedTWithoutASpreadHasNoInterval: one seed, or several whose differences are
// equal up to rounding, say nothing about the spread.
func TestPairedTWithoutASpreadHasNoInterval(t *testing.T) {
	for _, differences := range [][]float64{nil, {0.01}, {0, 0, 0}, {0.3 - 0.2, 0.9 - 0.8, 0.1}} {
		d := PairedT(differences)
		if !math.IsNaN(d.Low) || !math.IsNaN(d.High) || !math.IsNaN(d.P) {
			t.Errorf("%v: %+v, want no interval and no p", differences, d)
		}
		if got := Mean(differences); d.Mean != got && !math.IsNaN(got) {
			t.Errorf("%v: mean %v, want %v", differences, d.Mean, got)
		}
	}
}

// TestPairedTRejectsFivePercentUnderNoDifference: accuracies of two recipes that are the
// same, on 10,000 test images that all share. The margin is four standard errors of the
// simulation.
func TestPairedTRejectsFivePercentUnderNoDifference(t *testing.T) {
	const tables = 20_000
	r := rand.New(rand.NewPCG(5, 9))
	accuracy := func() float64 { return math.Round(1e4*(0.75+0.004*r.NormFloat64())) / 1e4 }
	for _, seeds := range []int{3, 5, 10} {
		rejected := 0
		for range tables {
			differences := make([]float64, seeds)
			for i := range differences {
				differences[i] = accuracy() - accuracy()
			}
			if PairedT(differences).P < 0.05 {
				rejected++
			}
		}
		share := float64(rejected) / tables
		if margin := 4 * math.Sqrt(0.05*0.95/tables); math.Abs(share-0.05) > margin {
			t.Errorf("%d seeds: rejected in %.2f %% of tables, want 5 ± %.2f %%", seeds, 100*share, 100*margin)
		}
	}
}

// TestAPlaceboTableIsRarelyCalledADifference: three variants that are the first one over
// again, each compared with it. After Holm's correction at most 5 % of tables show any
// difference.
func TestAPlaceboTableIsRarelyCalledADifference(t *testing.T) {
	const tables, seeds, variants = 20_000, 5, 3
	r := rand.New(rand.NewPCG(2, 7))
	called := 0
	for range tables {
		var first, p []float64
		for range seeds {
			first = append(first, r.NormFloat64())
		}
		for range variants {
			var differences []float64
			for i := range seeds {
				differences = append(differences, r.NormFloat64()-first[i])
			}
			p = append(p, PairedT(differences).P)
		}
		for _, v := range Holm(p) {
			if v < 0.05 {
				called++
				break
			}
		}
	}
	if share := float64(called) / tables; share > 0.05+4*math.Sqrt(0.05*0.95/tables) || share < 0.02 {
		t.Errorf("a difference in %.2f %% of tables, want at most 5 %% and not next to none", 100*share)
	}
}

func TestHolmOfAHandWorkedCase(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct{ p, want []float64 }{
		{nil, nil},
		{[]float64{0.04}, []float64{0.04}},
		{[]float64{0.01, 0.04, 0.03}, []float64{0.03, 0.06, 0.06}}, // 3·0.01, 1·0.04 raised to 2·0.03
		{[]float64{0.5, 0.9}, []float64{1, 1}},
		{[]float64{nan, 0.02, nan, 0.03}, []float64{nan, 0.04, nan, 0.04}},
	} {
		got := Holm(test.p)
		for i, want := range test.want {
			if math.Abs(got[i]-want) > 1e-15 || math.IsNaN(got[i]) != math.IsNaN(want) {
				t.Errorf("%v: %v, want %v", test.p, got, test.want)
				break
			}
		}
	}
}

// TestSeedsNeededFindTheDifference as often as promised, in a simulation.
func TestSeedsNeededFindTheDifference(t *testing.T) {
	const tables = 4000
	r := rand.New(rand.NewPCG(3, 1))
	for _, effect := range []float64{0.5, 1, 2} { // the mean in standard deviations
		n := SeedsNeeded([]float64{effect - 1/math.Sqrt2, effect + 1/math.Sqrt2}, 0.05)
		power := func(seeds int) float64 {
			found := 0
			for range tables {
				differences := make([]float64, seeds)
				for i := range differences {
					differences[i] = effect + r.NormFloat64()
				}
				if PairedT(differences).P < 0.05 {
					found++
				}
			}
			return float64(found) / tables
		}
		if enough, few := power(n), power(n-1); enough < 0.77 || few > 0.82 {
			t.Errorf("effect %v: %d seeds find it in %.0f %% of cases, %d in %.0f %%; want 80 %% between them", effect, n, 100*enough, n-1, 100*few)
		}
	}
	if n := SeedsNeeded([]float64{-1, 1}, 0.05); n != 1001 {
		t.Errorf("no difference: %d seeds", n)
	}
}
