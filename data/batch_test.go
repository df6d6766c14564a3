package data

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// colours is n images of 2 channels of 1×2 pixels.
func colours(n int) *Dataset {
	d := &Dataset{Channels: 2, Height: 1, Width: 2, Mean: []float32{0.25, 0.5}, Std: []float32{0.5, 2}}
	for i := range n {
		d.Train.Pixels = append(d.Train.Pixels, byte(i), byte(2*i), byte(3*i), 255)
		d.Train.Labels = append(d.Train.Labels, byte(i%10))
	}
	return d
}

func TestBatchesNormalizeEachChannel(t *testing.T) {
	d := colours(50)
	for b, batch := range d.Batches(d.Train, 7, nil) {
		for k := range batch.Y {
			i := b*7 + k
			for j, pixel := range d.Train.Pixels[4*i : 4*i+4] {
				mean, std := float64(d.Mean[j/2]), float64(d.Std[j/2])
				want := (float64(pixel)/255 - mean) / std
				if got := float64(batch.X[4*k+j]); math.Abs(got-want) > 1e-6 {
					t.Fatalf("image %d, byte %d: %v, want %v", i, j, got, want)
				}
			}
		}
	}
}

func TestBatchesTakeEveryImageOnce(t *testing.T) {
	for _, n := range []int{0, 1, 6, 7, 8, 50} {
		for _, order := range [][]int{nil, Shuffle(n, 1, 1)} {
			d := colours(n)
			var labels []byte
			next := 0
			for b, batch := range d.Batches(d.Train, 7, order) {
				if b != next || len(batch.X) != 4*len(batch.Y) || len(batch.Y) != min(7, n-7*b) {
					t.Errorf("%d images: batch %d has index %d, %d labels, %d values", n, next, b, len(batch.Y), len(batch.X))
				}
				for _, y := range batch.Y {
					labels = append(labels, byte(y))
				}
				next++
			}
			want := slices.Clone(d.Train.Labels)
			for k, i := range order {
				want[k] = d.Train.Labels[i]
			}
			if !slices.Equal(labels, want) {
				t.Errorf("%d images, order %v: labels %v, want %v", n, order, labels, want)
			}
		}
	}
}

func TestBatchesOfPartOfAnOrderAndUntilTheLoopBreaks(t *testing.T) {
	d := colours(50)
	for _, c := range []struct {
		size  int
		order []int
		last  int     // the batch at which the loop breaks
		want  [][]int // labels
	}{
		{100, []int{42, 7}, -1, [][]int{{2, 7}}},
		{2, []int{42, 7, 9}, -1, [][]int{{2, 7}, {9}}},
		{1, nil, 3, [][]int{{0}, {1}, {2}, {3}}},
	} {
		var got [][]int
		for b, batch := range d.Batches(d.Train, c.size, c.order) {
			got = append(got, slices.Clone(batch.Y))
			if b == c.last {
				break
			}
		}
		if !slices.EqualFunc(got, c.want, slices.Equal) {
			t.Errorf("size %d, order %v, up to batch %d: labels %v, want %v", c.size, c.order, c.last, got, c.want)
		}
	}
}

func TestBatchesReuseTheirBuffers(t *testing.T) {
	d := colours(100)
	run := func(size int) float64 {
		return testing.AllocsPerRun(5, func() {
			for range d.Batches(d.Train, size, nil) {
			}
		})
	}
	if one, many := run(100), run(1); many > one {
		t.Errorf("%v allocations for 100 batches, %v for one", many, one)
	}
}

func TestBatchesOfNothingPanic(t *testing.T) {
	defer func() {
		if got := fmt.Sprint(recover()); got != "data: batches of 0 images, want at least 1" {
			t.Errorf("panic %q", got)
		}
	}()
	colours(1).Batches(Split{}, 0, nil)
}

func BenchmarkBatches(b *testing.B) {
	d := &Dataset{Channels: 1, Height: 28, Width: 28, Mean: []float32{0.1}, Std: []float32{0.3}}
	d.Train = Split{make([]byte, 5000*28*28), make([]byte, 5000)}
	order := Shuffle(5000, 1, 1)
	b.SetBytes(int64(len(d.Train.Pixels)))
	for b.Loop() {
		for range d.Batches(d.Train, 50, order) {
		}
	}
}
