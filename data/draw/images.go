// Package draw generates images to learn from where no data set is at hand: digits
// like MNIST's and shapes on textured backgrounds like CIFAR-10's photographs. Image i
// depends on (seed, split, i) alone, so a smaller set is the beginning of a larger one.
// The same seed gives the same bytes on every architecture, on any number of cores. The
// package knows pixels and labels, but no files and no training.
package draw

import (
	"runtime"
	"sync"

	"cnnlab/data/internal/exact"
)

// images paints n images of size bytes on all cores. Image i is of class i mod classes
// and has a stream of its own; all but the class is random.
func images(seed uint64, purpose string, n, classes, size int, paint func(image []byte, class int, random *exact.Stream)) (pixels, labels []byte) {
	pixels, labels = make([]byte, n*size), make([]byte, n)
	workers := runtime.GOMAXPROCS(0)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := w * n / workers; i < (w+1)*n/workers; i++ {
				labels[i] = byte(i % classes)
				paint(pixels[i*size:(i+1)*size], i%classes, exact.NewStream(seed, purpose, uint64(i)))
			}
		})
	}
	group.Wait()
	return pixels, labels
}

// quantized returns the byte of a level between black, 0, and white, 1. It clamps what
// noise has driven beyond without a branch to mispredict; the 256 keeps negative numbers
// out of the conversion.
func quantized(level float32) byte {
	return byte(min(max(int32(float32(255*level)+256.5)-256, 0), 255))
}

// clamp returns x limited to 0 … 1. It is faster than min and max, which must handle
// NaN.
func clamp(x float32) float32 {
	if x < 0 {
		return 0
	}
	if x > 1 {
		return 1
	}
	return x
}

// bell turns random bits into a nearly normal number with mean 0 and standard deviation
// 1: the sum of their four bytes.
func bell(bits uint32) float32 {
	sum := bits&255 + bits>>8&255 + bits>>16&255 + bits>>24
	return (float32(sum) - 510) * (1 / 147.799) // 510 is 4×127.5, 147.799² is 4×(256²-1)/12
}
