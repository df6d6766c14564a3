package data

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
)

// These moves must never change: runs continue, and results repeat, by them. The
// values come from another implementation, in Python, of SHA-256 and PCG-DXSM.
func TestAugmentationIsFixedForever(t *testing.T) {
	type move struct {
		x, y int
		flip bool
	}
	d := noisy(&cifar10, 6)
	for _, c := range []struct {
		seed  uint64
		epoch int
		want  []move
	}{
		{1, 1, []move{{-3, -4, false}, {2, 4, false}, {-2, -2, false}, {0, 3, true}, {3, 0, true}}},
		{1, 2, []move{{-2, -1, true}, {-1, -1, false}, {2, -4, false}, {2, 4, true}, {-4, 4, true}}},
		{2, 1, []move{{-1, -1, false}, {-4, -1, true}, {1, 1, false}, {-1, -1, true}, {3, 1, true}}},
	} {
		all := augmented(d, 4, nil, c.seed, c.epoch)
		for i, m := range c.want {
			if !same(all[i], moved(d, i, m.x, m.y, m.flip)) {
				t.Errorf("seed %d, epoch %d: image %d is not moved by %v", c.seed, c.epoch, i, m)
			}
		}
	}
}

// Every augmented image is a moved or mirrored original, and each such move is
// as frequent as any other, within 5 standard deviations.
func TestAugmentationShowsEveryMove(t *testing.T) {
	for _, c := range []struct {
		source *set
		reach  int
	}{{&cifar10, 4}, {&fashionMNIST, 2}} {
		d := noisy(c.source, 1)
		seen, epochs := map[string]int{}, 60*2*(2*c.reach+1)*(2*c.reach+1)
		wanted := map[string]string{}
		for x := -c.reach; x <= c.reach; x++ {
			for y := -c.reach; y <= c.reach; y++ {
				for _, flip := range []bool{false, true} {
					wanted[key(moved(d, 0, x, y, flip))] = fmt.Sprint(x, y, flip)
				}
			}
		}
		for epoch := range epochs {
			move, ok := wanted[key(augmented(d, 1, nil, 9, epoch)[0])]
			if !ok {
				t.Fatalf("%s, epoch %d: no move of the original", c.source.Name, epoch)
			}
			seen[move]++
		}
		for _, move := range wanted {
			if n := seen[move]; n < 60-39 || n > 60+39 {
				t.Errorf("%s: moved by %s %d times, want about 60", c.source.Name, move, n)
			}
		}
	}
}

func TestAugmentationDependsOnSeedEpochAndImageAlone(t *testing.T) {
	for _, s := range []*set{&cifar10, &mnist, &fashionMNIST} {
		d := noisy(s, 50)
		want := augmented(d, 50, nil, 3, 4)
		for _, got := range [][][]float32{
			augmented(d, 7, nil, 3, 4), augmented(d, 16, Shuffle(d.Train.Len(), 1, 1), 3, 4),
		} {
			for i := range want {
				if !slices.Equal(got[i], want[i]) {
					t.Fatalf("%s: image %d depends on batch size or order", s.Name, i)
				}
			}
		}
		for name, got := range map[string][][]float32{
			"seed": augmented(d, 50, nil, 4, 4), "epoch": augmented(d, 50, nil, 3, 5),
		} {
			equal := 0
			for i := range want {
				if slices.Equal(got[i], want[i]) {
					equal++
				}
			}
			if equal > 5 {
				t.Errorf("%s: %d of %d images are the same under another %s", s.Name, equal, len(want), name)
			}
		}
	}
}

func TestAugmentationLeavesTheSetAsItIs(t *testing.T) {
	d := noisy(&cifar10, 50)
	train, val := bytes.Clone(d.Train.Pixels), bytes.Clone(d.Val.Pixels)
	plain := func() (x []float32) {
		for _, b := range d.Batches(d.Val, 5, nil) {
			x = append(x, b.X...)
		}
		return x
	}
	before := plain()
	augmented(d, 10, nil, 1, 1)
	if !bytes.Equal(d.Train.Pixels, train) || !bytes.Equal(d.Val.Pixels, val) || !slices.Equal(plain(), before) {
		t.Error("pixels or plain batches have changed")
	}
}

func TestAugmentationInWords(t *testing.T) {
	for _, c := range []struct {
		set  *Dataset
		want string
	}{
		{noisy(&cifar10, 1), "random shift by up to 4 pixels each way, filled with the mean; horizontal flip with probability 1/2"},
		{Shapes(1, 1, 1), "random shift by up to 4 pixels each way, filled with the mean; horizontal flip with probability 1/2"},
		{noisy(&fashionMNIST, 1), "random shift by up to 2 pixels each way, filled with black; horizontal flip with probability 1/2"},
		{noisy(&mnist, 1), "random shift by up to 2 pixels each way, filled with black; rotation by up to 10°, bilinear"},
		{Digits(1, 1, 1), "random shift by up to 2 pixels each way, filled with black; rotation by up to 10°, bilinear"},
		{new(Dataset), "none"},
	} {
		if got := c.set.Augmentation(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func BenchmarkAugmentedBatches(b *testing.B) {
	for _, s := range []*set{&cifar10, &mnist, &fashionMNIST} {
		b.Run(s.Name, func(b *testing.B) {
			d := noisy(s, 1000)
			for b.Loop() {
				for range d.AugmentedBatches(d.Train, 50, nil, 1, 1) {
				}
			}
			b.ReportMetric(float64(b.N*d.Train.Len())/b.Elapsed().Seconds(), "images/s")
		})
	}
}
