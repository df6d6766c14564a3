package data

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"runtime"
	"slices"
	"sync"
)

// Dataset is one data set, split; pixels are bytes, N×C×H×W.
type Dataset struct {
	// Name is the name given to Load, such as "mnist".
	Name string
	// SHA256 is hex, over the uncompressed members one after another: training
	// images, training labels, test images, test labels; of CIFAR-10 the training
	// batches and the test batch. The members of a generated set are its bare
	// pixels and labels, val within train.
	SHA256 string
	// Classes are the names of the classes; the index is the label.
	Classes []string
	// Channels, Height and Width are the shape of one image.
	Channels, Height, Width int
	// Train, Val and Test are the splits: choices are made on Val, Test is for
	// the end.
	Train, Val, Test Split
	// Mean and Std are per channel, of pixel/255, over all training images but
	// val, whatever Limit is. Std is 1 for a channel that never varies.
	Mean, Std []float32

	varied variation // of a training image, in AugmentedBatches
}

// Split is a part of a data set.
type Split struct {
	Pixels []byte // N×C×H×W
	Labels []byte // N
}

// Len is the number of images.
func (s Split) Len() int { return len(s.Labels) }

// Head is the first n images of s, or all if it has fewer.
func (s Split) Head(n int) Split {
	head, _ := s.cut(min(n, s.Len()))
	return head
}

// cut splits s into its first n images and the rest.
func (s Split) cut(n int) (head, tail Split) {
	if s.Len() == 0 {
		return s, s
	}
	size := len(s.Pixels) / s.Len()
	head = Split{s.Pixels[: n*size : n*size], s.Labels[:n:n]}
	tail = Split{s.Pixels[n*size:], s.Labels[n:]}
	return head, tail
}

// Limit keeps only the first n training images; n <= 0 or n >= all changes
// nothing. Val, Test, Mean and Std stay as they are.
func (d *Dataset) Limit(n int) {
	if n > 0 {
		d.Train = d.Train.Head(n)
	}
}

// divide fills the splits and the moments from all training images, val among
// them, and the test images. Val is the last heldOut of them, in file order.
func (d *Dataset) divide(train, test Split) {
	n := train.Len()
	d.Train, d.Val = train.cut(n - heldOut(n))
	d.Test = test
	d.Mean, d.Std = moments(d.Train.Pixels, d.Channels, d.Height*d.Width)
}

// heldOut is how many of n training images become val: 5,000, and of a smaller
// set a tenth.
func heldOut(n int) int { return min(5_000, n/10) }

// moments returns mean and standard deviation of pixel/255 for each channel of
// N×C×plane pixels. The sums are integers, hence exact in any order.
func moments(pixels []byte, channels, plane int) (mean, std []float32) {
	counts := frequencies(pixels, channels, plane)
	for _, count := range counts {
		var n, sum, squares uint64
		for v, k := range count {
			n += k
			sum += k * uint64(v)
			squares += k * uint64(v*v)
		}
		m, s := 0.0, 1.0
		if n > 0 {
			// The conversions keep the compiler from fusing, on any architecture.
			m = float64(sum) / float64(n)
			if v := float64(squares)/float64(n) - float64(m*m); v > 0 {
				s = math.Sqrt(v) / 255
			}
		}
		mean, std = append(mean, float32(m/255)), append(std, float32(s))
	}
	return mean, std
}

// frequencies counts for each channel how often each byte occurs, on all cores.
func frequencies(pixels []byte, channels, plane int) [][256]uint64 {
	counts := make([][256]uint64, channels)
	image := channels * plane
	if image == 0 {
		return counts
	}
	n := len(pixels) / image
	share := max(1, (n+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	var mu sync.Mutex
	var group sync.WaitGroup
	for part := range slices.Chunk(pixels, share*image) {
		group.Go(func() {
			own := count(part, channels, plane)
			mu.Lock()
			defer mu.Unlock()
			for c := range counts {
				for v := range counts[c] {
					counts[c][v] += own[0][c][v] + own[1][c][v]
				}
			}
		})
	}
	group.Wait()
	return counts
}

// count counts into two tables by turns: a byte that follows its like, as black
// does in MNIST, has not to wait for it.
func count(pixels []byte, channels, plane int) (counts [2][][256]uint64) {
	counts[0], counts[1] = make([][256]uint64, channels), make([][256]uint64, channels)
	for c := 0; len(pixels) > 0; c = (c + 1) % channels {
		even, odd, row := &counts[0][c], &counts[1][c], pixels[:plane]
		for ; len(row) >= 2; row = row[2:] {
			even[row[0]]++
			odd[row[1]]++
		}
		for _, p := range row {
			even[p]++
		}
		pixels = pixels[plane:]
	}
	return counts
}

// digest is the hex SHA-256 over the parts one after another.
func digest(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p) // never fails, says hash.Hash
	}
	return hex.EncodeToString(h.Sum(nil))
}
