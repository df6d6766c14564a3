package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"unsafe"
)

func TestPoolAssemblyEqualsGo(t *testing.T) {
	if fastest() == purego {
		t.Skip("no assembly can run here")
	}
	r := rand.New(rand.NewPCG(8, 8))
	for _, place := range rooms(t) {
		for h := 2; h < 8; h++ {
			for w := 2; w < 40; w++ {
				for _, n := range []int{1, 3, 9} {
					comparePool(t, r, place, MaxPool{N: n, C: 2, H: h, W: w, Size: both(2), Stride: both(2)})
				}
			}
		}
	}
}

// words sees float32s as int32s.
func words(x []float32) []int32 {
	return unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}

func comparePool(t *testing.T, r *rand.Rand, place room, p MaxPool) {
	t.Helper()
	size, q := p.N*p.C*p.H*p.W, p.N*p.C*p.OutH()*p.OutW()
	x, dy := special(r, place.slice(size), true), special(r, place.slice(q), true)
	y, from, dx := place.slice(q), words(place.slice(q)), place.slice(size)
	for i := range dx {
		dx[i] = 77 // has to be set
	}
	with(min(fastest(), avx2), func() { p.Forward(y, from, x); p.GradX(dx, dy, from) })
	wantY, wantFrom, wantDX := make([]float32, q), make([]int32, q), make([]float32, size)
	with(purego, func() { p.Forward(wantY, wantFrom, x); p.GradX(wantDX, dy, wantFrom) })
	what := fmt.Sprintf("%s %+v ", place.name, p)
	sameBits(t, what+"y", y, wantY)
	for i := range from {
		if from[i] != wantFrom[i] {
			t.Fatalf("%sargmax[%d] = %d, want %d", what, i, from[i], wantFrom[i])
		}
	}
	for i := range dx {
		wantDX[i] += 0 // 0 + -0 in Go, a copy in assembly
		dx[i] += 0
	}
	sameBits(t, what+"dx", dx, wantDX)
	if err := place.intact(); err != nil {
		t.Fatal(what, err)
	}
}
