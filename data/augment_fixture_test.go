package data

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// noisy is n images of random pixels, as varied as the set of that source.
func noisy(s *set, n int) *Dataset {
	random := rand.New(rand.NewPCG(5, 6))
	d := &Dataset{Channels: s.channels, Height: s.height, Width: s.width, augmentation: s.augmentation}
	all := Split{make([]byte, n*s.channels*s.height*s.width), make([]byte, n)}
	for i := range all.Pixels {
		all.Pixels[i] = byte(random.Uint32())
	}
	for i := range all.Labels {
		all.Labels[i] = byte(i % 10)
	}
	d.divide(all, Split{})
	return d
}

// augmented is every image of one epoch over the training images, by its index.
func augmented(d *Dataset, size int, order []int, seed uint64, epoch int) [][]float32 {
	all := make([][]float32, d.Train.Len())
	image := d.Channels * d.Height * d.Width
	for b, batch := range d.AugmentedBatches(d.Train, size, order, seed, epoch) {
		for k := range batch.Y {
			i := b*size + k
			if order != nil {
				i = order[i]
			}
			all[i] = slices.Clone(batch.X[k*image : (k+1)*image])
			if batch.Y[k] != int(d.Train.Labels[i]) {
				panic(fmt.Sprintf("image %d has label %d", i, batch.Y[k]))
			}
		}
	}
	return all
}

// moved is image i flipped, then moved by x and y, normalized in float64.
func moved(d *Dataset, i, x, y int, flip bool) []float32 {
	h, w := d.Height, d.Width
	out := make([]float32, d.Channels*h*w)
	for c := range d.Channels {
		for r := range h {
			for k := range w {
				fromX, fromY := k-x, r-y
				if flip {
					fromX = w - 1 - fromX
				}
				value := float64(d.Mean[c]) * 255
				if d.Channels == 1 {
					value = 0
				}
				if fromX >= 0 && fromX < w && fromY >= 0 && fromY < h {
					value = float64(d.Train.Pixels[((i*d.Channels+c)*h+fromY)*w+fromX])
				}
				out[(c*h+r)*w+k] = float32((value/255 - float64(d.Mean[c])) / float64(d.Std[c]))
			}
		}
	}
	return out
}

func same(a, b []float32) bool {
	for i := range a {
		if math.Abs(float64(a[i]-b[i])) > 1e-5 {
			return false
		}
	}
	return len(a) == len(b)
}

// key tells images apart, whatever the last bits of their values.
func key(x []float32) string {
	b := make([]byte, len(x))
	for i, v := range x {
		b[i] = byte(int(math.Round(float64(v) * 30)))
	}
	return string(b)
}
