package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"slices"
	"testing"

	"cnnlab/data/internal/exact"
)

// By 90° every pixel goes to the place of another.
func TestTurnIsClockwise(t *testing.T) {
	a := &augmenter{height: 3, width: 3}
	out := make([]float32, 9)
	a.rotate(out, []float32{1, 2, 3, 4, 5, 6, 7, 8, 9}, 0, change{sin: 1})
	if want := []float32{7, 4, 1, 8, 5, 2, 9, 6, 3}; !slices.Equal(out, want) {
		t.Errorf("%v, want %v", out, want)
	}
	a.rotate(out, []float32{1, 2, 3, 4, 5, 6, 7, 8, 9}, 0, change{sin: 1, x: 1, y: -1})
	if want := []float32{0, 8, 5, 0, 9, 6, 0, 0, 0}; !slices.Equal(out, want) {
		t.Errorf("then to the right and up: %v, want %v", out, want)
	}
}

// Against the definition, in float64, with the sine and cosine of math.
func TestTurnIsBilinear(t *testing.T) {
	d := noisy(&mnist, 3)
	a := d.newAugmenter()
	out := make([]float32, 28*28)
	for _, degrees := range []float64{-10, -3, 0.5, 10} {
		sin, cos := math.Sincos(degrees * math.Pi / 180)
		c := change{cos: float32(cos), sin: float32(sin), x: 2, y: -1}
		a.write(out, d.Train.Pixels[784:2*784], c)
		at := func(x, y int) float64 {
			value := 0.0
			if x >= 0 && y >= 0 && x < 28 && y < 28 {
				value = float64(d.Train.Pixels[784+28*y+x])
			}
			return (value/255 - float64(d.Mean[0])) / float64(d.Std[0])
		}
		for i, got := range out {
			x, y := float64(i%28-2)-13.5, float64(i/28+1)-13.5
			u, v := cos*x+sin*y+13.5, cos*y-sin*x+13.5
			left, top := int(math.Floor(u)), int(math.Floor(v))
			u, v = u-math.Floor(u), v-math.Floor(v)
			want := (1-v)*((1-u)*at(left, top)+u*at(left+1, top)) + v*((1-u)*at(left, top+1)+u*at(left+1, top+1))
			if math.Abs(float64(got)-want) > 1e-4 {
				t.Fatalf("%v°: pixel %d is %v, want %v", degrees, i, got, want)
			}
		}
	}
}

// The turns that are drawn reach 10° both ways and no further.
func TestTurnsReachTenDegrees(t *testing.T) {
	var least, most float64
	for i := range 2000 {
		c := mnist.augmentation.draw(exact.NewStream(1, "augment", uint64(i)))
		degrees := math.Atan2(float64(c.sin), float64(c.cos)) * 180 / math.Pi
		least, most = min(least, degrees), max(most, degrees)
		if max(c.x, c.y) > 2 || min(c.x, c.y) < -2 || c.flip {
			t.Fatalf("change %+v", c)
		}
	}
	if least < -10.001 || least > -9.8 || most > 10.001 || most < 9.8 {
		t.Errorf("turns from %v° to %v°, want -10° to 10°", least, most)
	}
}

// The values must never change, on any architecture: results repeat by them.
func TestTurnedBatchesAreFixedForever(t *testing.T) {
	const want = "0e5dfaa514e55771c0bcbc0333096e72f6de485ec6ac01c44b6e2fa5f83bc7c6"
	h := sha256.New()
	d := noisy(&mnist, 20)
	for _, x := range augmented(d, 7, nil, 1, 1) {
		for _, v := range x {
			h.Write(binary.BigEndian.AppendUint32(nil, math.Float32bits(v)))
		}
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("SHA-256 %s, want %s", got, want)
	}
}
