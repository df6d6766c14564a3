// Package data holds image sets to learn from: it splits each into train, val and test,
// and yields shuffled, normalized batches in N,C,H,W order, augmented if asked to.
// Package fetch finds the files, package draw generates images. Everything random is a
// function of (seed, purpose, number), so no generator's state has to be saved. The
// package knows nothing of networks, tensors or results.
package data

import (
	"image"
	"image/color"
	"math"
	"runtime"
	"slices"
	"sync"
)

// Dataset is a data set with its splits.
type Dataset struct {
	// Name is the name given to Load, such as "mnist".
	Name string
	// SHA256 is hexadecimal, over the unpacked files one after another: training images,
	// training labels, test images, test labels; for CIFAR-10 the training batches and the
	// test batch. For a generated set it is over the bare pixels and labels, with val
	// within train.
	SHA256 string
	// Classes are the names of the classes; the index is the label.
	Classes []string
	// Channels, Height and Width are the shape of an image.
	Channels, Height, Width int
	// Train, Val and Test are the splits: choices are made on Val, Test is for the end.
	Train, Val, Test Split
	// Mean and Std are those of pixel/255 per channel, over all training images without
	// val, whatever the limit. Std is 1 for a channel that never varies.
	Mean, Std []float32
	// LeftOut says what was left out of the user's own images; "" for nothing.
	LeftOut string
	// Centred says that images are digits or letters, light on black, with their centre of
	// mass in the middle, as MNIST's are.
	Centred bool

	augmentation augmentation // of a training image, in AugmentedBatches
}

// Split is a part of a data set.
type Split struct {
	Pixels []byte // N×C×H×W
	Labels []byte // N
}

// Len returns the number of images.
func (s Split) Len() int { return len(s.Labels) }

// Head returns the first n images of s, or all if it has fewer.
func (s Split) Head(n int) Split {
	head, _ := s.cut(min(n, s.Len()))
	return head
}

func (s Split) cut(n int) (head, tail Split) {
	if s.Len() == 0 {
		return s, s
	}
	size := len(s.Pixels) / s.Len()
	head = Split{s.Pixels[: n*size : n*size], s.Labels[:n:n]}
	tail = Split{s.Pixels[n*size:], s.Labels[n:]}
	return head, tail
}

// Limit keeps only the first n training images; n <= 0 or n >= all changes nothing. Val,
// Test, Mean and Std stay as they are.
func (d *Dataset) Limit(n int) {
	if n > 0 {
		d.Train = d.Train.Head(n)
	}
}

// Image returns image i of s as it is in the files: grey from one channel, else red,
// green and blue.
func (d *Dataset) Image(s Split, i int) image.Image {
	plane := d.Height * d.Width
	pixels := s.Pixels[i*d.Channels*plane:]
	img := image.NewNRGBA(image.Rect(0, 0, d.Width, d.Height))
	for p := range plane {
		of := func(channel int) byte { return pixels[min(channel, d.Channels-1)*plane+p] }
		img.SetNRGBA(p%d.Width, p/d.Width, color.NRGBA{of(0), of(1), of(2), 0xFF})
	}
	return img
}

// divide sets the splits and the moments, from all training images and the test images.
// Val is the last of the training images, in file order.
func (d *Dataset) divide(train, test Split) {
	n := train.Len()
	d.Train, d.Val = train.cut(n - heldOut(n))
	d.Test = test
	d.Mean, d.Std = moments(d.Train.Pixels, d.Channels, d.Height*d.Width)
}

// heldOut returns how many of n training images become val: 5,000, or a tenth of a
// smaller set.
func heldOut(n int) int { return min(5_000, n/10) }

// moments returns the mean and the standard deviation of pixel/255 for each channel of
// N×C×plane pixels.
func moments(pixels []byte, channels, plane int) (mean, std []float32) {
	n := float64(len(pixels) / max(1, channels))
	for _, of := range sums(pixels, channels, plane) {
		m, s := 0.0, 1.0
		if n > 0 {
			// the conversion keeps compilers from fusing the product and the difference
			m = float64(of.pixels) / n
			if v := float64(of.squares)/n - float64(m*m); v > 0 {
				s = math.Sqrt(v) / 255
			}
		}
		mean, std = append(mean, float32(m/255)), append(std, float32(s))
	}
	return mean, std
}

// channelSums are sums over a channel. They are integers, so they are exact in any order.
type channelSums struct{ pixels, squares uint64 }

// sums adds up each channel, on all cores.
func sums(pixels []byte, channels, plane int) []channelSums {
	total := make([]channelSums, channels)
	image := channels * plane
	if image == 0 {
		return total
	}
	n := len(pixels) / image
	share := max(1, (n+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	var mu sync.Mutex
	var group sync.WaitGroup
	for part := range slices.Chunk(pixels, share*image) {
		group.Go(func() {
			own, c := make([]channelSums, channels), 0
			for row := range slices.Chunk(part, plane) {
				var of channelSums
				for _, p := range row {
					of.pixels += uint64(p)
					of.squares += uint64(p) * uint64(p)
				}
				own[c].pixels += of.pixels
				own[c].squares += of.squares
				c = (c + 1) % channels
			}
			mu.Lock()
			defer mu.Unlock()
			for c, of := range own {
				total[c].pixels += of.pixels
				total[c].squares += of.squares
			}
		})
	}
	group.Wait()
	return total
}
