package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// body is a loop over some arrays of one length, which it may change; its
// result counts as one more.
type body struct {
	name   string
	arrays int
	f      func(a [][]float32) float32
}

var bodies = []body{
	{"rectify", 2, func(a [][]float32) float32 { rectify(a[0], a[1]); return 0 }},
	{"rectify in place", 1, func(a [][]float32) float32 { rectify(a[0], a[0]); return 0 }},
	{"rectifyGrad", 3, func(a [][]float32) float32 { rectifyGrad(a[0], a[1], a[2]); return 0 }},
	{"dropout", 2, func(a [][]float32) float32 { dropout(a[0], a[1], 16, 1<<31, 2, Key(1, 2)); return 0 }},
	{"dropout rarely", 2, func(a [][]float32) float32 { dropout(a[0], a[1], 0, 1<<29, 1.5, Key(3)); return 0 }},
	{"sgd", 3, func(a [][]float32) float32 { return sgd(a[0], a[1], a[2], 0.1, 0.9, 0.01) }},
	{"adam", 4, func(a [][]float32) float32 {
		for i, v := range a[3] {
			a[3][i] = float32(math.Abs(float64(v)))
		}
		return adam(a[0], a[1], a[2], a[3], 0.9, 0.1, 0.999, 0.001, 0.01, 0.1, 1.5, 1e-8)
	}},
	{"average", 2, func(a [][]float32) float32 { average(a[0], a[1], 0.1); return 0 }},
	{"add", 2, func(a [][]float32) float32 { add(a[0], a[1]); return 0 }},
}

func TestAssemblyEqualsGoForEveryLength(t *testing.T) {
	if fastest() == purego {
		t.Skip("no assembly can run here")
	}
	for _, b := range bodies {
		t.Run(b.name, func(t *testing.T) {
			for _, place := range rooms(t) {
				for n := range 41 {
					for _, odd := range []bool{false, true} {
						compareBodies(t, b, place, n, odd)
					}
				}
			}
		})
	}
}

func compareBodies(t *testing.T, b body, place room, n int, odd bool) {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(n), 1))
	var got, want [][]float32
	for range b.arrays {
		x := special(r, place.slice(n), odd)
		got, want = append(got, x), append(want, append([]float32{}, x...))
	}
	var gotResult, wantResult float32
	with(min(fastest(), avx2), func() { gotResult = b.f(got) })
	with(purego, func() { wantResult = b.f(want) })
	for i := range got {
		sameBits(t, place.name, got[i], want[i])
	}
	if diff := gotResult - wantResult; !(math.Abs(float64(diff)) < 1e-5) && gotResult != wantResult && (gotResult == gotResult || wantResult == wantResult) {
		t.Fatalf("%s: length %d gives %v, want %v", place.name, n, gotResult, wantResult)
	}
	if err := place.intact(); err != nil {
		t.Fatalf("%s: length %d: %v", place.name, n, err)
	}
}

func TestChunksGiveTheSameBitsAsOne(t *testing.T) {
	eachBody(t, func(t *testing.T) {
		const n = 2*chunk + 5
		r := rand.New(rand.NewPCG(5, 5))
		x := special(r, make([]float32, n), true)
		got, want := make([]float32, n), make([]float32, n)
		Dropout(got, x, 0.25, Key(9))
		dropout(want, x, 0, 1<<30, float32(1/0.75), Key(9))
		sameBits(t, "dropout", got, want)
		Rectify(got, x)
		rectify(want, x)
		sameBits(t, "rectify", got, want)
		Average(got, x, 0.1)
		average(want, x, 0.1)
		sameBits(t, "average", got, want)
	})
}

func TestSolversSeeOneEntryThatIsNotFinite(t *testing.T) {
	eachBody(t, func(t *testing.T) {
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			for _, at := range []int{-1, 0, 13, 4999, chunk + 17} {
				const n = chunk + 18
				w, g, m, v := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
				if at >= 0 {
					w[at] = float32(bad)
				}
				if got := SGD(w, g, v, 0.1, 0.9, 0); got != (at < 0) {
					t.Errorf("SGD with %v at %d: finite = %v", bad, at, got)
				}
				if got := (AdamConstants{0.9, 0.999, 1e-8, 0}).Adam(w, g, m, v, 0.1, 1); got != (at < 0) {
					t.Errorf("Adam with %v at %d: finite = %v", bad, at, got)
				}
			}
		}
	})
}
