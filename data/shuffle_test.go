package data

import (
	"slices"
	"testing"
)

// These orders must never change: runs continue, and results repeat, by them. The
// values come from another implementation, in Python, of SHA-256, PCG-DXSM and
// the exchange of each place with one before it.
func TestShuffleIsFixedForever(t *testing.T) {
	for _, c := range []struct {
		seed  uint64
		epoch int
		want  []int
	}{
		{1, 1, []int{6, 9, 8, 1, 5, 0, 4, 7, 2, 3}},
		{1, 2, []int{3, 6, 8, 7, 9, 1, 0, 5, 2, 4}},
		{2, 1, []int{9, 4, 2, 7, 1, 3, 0, 8, 6, 5}},
	} {
		if got := Shuffle(10, c.seed, c.epoch); !slices.Equal(got, c.want) {
			t.Errorf("Shuffle(10, %d, %d) = %#v, want %#v", c.seed, c.epoch, got, c.want)
		}
	}
}

func TestShuffleIsAPermutation(t *testing.T) {
	for n := range 50 {
		order := Shuffle(n, 3, n)
		slices.Sort(order)
		for i, got := range order {
			if got != i {
				t.Fatalf("Shuffle(%d) lacks %d", n, i)
			}
		}
	}
}

// Every image is as likely in every place: 6,000 orders of 4, all 16 counts
// within 5 standard deviations of 1,500.
func TestShuffleFavoursNoPlace(t *testing.T) {
	var counts [4][4]int
	for epoch := range 6000 {
		for place, image := range Shuffle(4, 9, epoch) {
			counts[place][image]++
		}
	}
	for place, row := range counts {
		for image, n := range row {
			if n < 1500-168 || n > 1500+168 {
				t.Errorf("image %d came to place %d %d times, want about 1500", image, place, n)
			}
		}
	}
}
