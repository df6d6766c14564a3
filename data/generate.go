package data

import (
	"runtime"
	"sync"
)

// painter paints an image of a class, all else at random.
type painter func(image []byte, class int, random *stream)

// generate fills the splits, moments and checksum of d, of which all else is
// known, with images that are painted.
func (d *Dataset) generate(seed uint64, train, test int, paint painter) {
	all := d.paint(seed, "train", train, paint)
	held := d.paint(seed, "test", test, paint)
	d.SHA256 = digest(all.Pixels, all.Labels, held.Pixels, held.Labels)
	d.divide(all, held)
}

// paint paints n images on all cores. Image i is of class i mod len(d.Classes) and
// has a stream of its own, which depends on (seed, name, split, i) alone.
func (d *Dataset) paint(seed uint64, split string, n int, paint painter) Split {
	size := d.Channels * d.Height * d.Width
	s := Split{Pixels: make([]byte, n*size), Labels: make([]byte, n)}
	workers := runtime.GOMAXPROCS(0)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := w * n / workers; i < (w+1)*n/workers; i++ {
				class := i % len(d.Classes)
				s.Labels[i] = byte(class)
				paint(s.Pixels[i*size:(i+1)*size], class, newStream(seed, d.Name+" "+split, uint64(i)))
			}
		})
	}
	group.Wait()
	return s
}

// quantised is the byte of a level between black, 0, and white, 1; what noise has
// driven beyond is clamped without a branch to mispredict. The 256 keeps the
// conversion off negative numbers.
func quantised(level float32) byte {
	return byte(min(max(int32(float32(255*level)+256.5)-256, 0), 255))
}
