package data

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
)

// heldOut is the number of training images that become val: the last 5,000, in
// file order. A smaller generated set holds out a tenth of its training images.
const heldOut = 5000

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
	if n > 0 && n < d.Train.Len() {
		d.Train, _ = d.Train.cut(n)
	}
}

// divide fills the splits and the moments from all training images, val among
// them, and the test images. Val is the last min(5000, n/10) of n.
func (d *Dataset) divide(train, test Split) {
	n := train.Len()
	d.Train, d.Val = train.cut(n - min(heldOut, n/10))
	d.Test = test
	d.Mean, d.Std = moments(d.Train.Pixels, d.Channels, d.Height*d.Width)
}

// moments returns mean and standard deviation of pixel/255 for each channel of
// N×C×plane pixels. The sums are integers, hence exact in any order.
func moments(pixels []byte, channels, plane int) (mean, std []float32) {
	counts := make([][256]uint64, channels)
	for i := 0; i < len(pixels); i += plane {
		count := &counts[i/plane%channels]
		for _, p := range pixels[i : i+plane] {
			count[p]++
		}
	}
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

// digest is the hex SHA-256 over the parts one after another.
func digest(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p) // never fails, says hash.Hash
	}
	return hex.EncodeToString(h.Sum(nil))
}
