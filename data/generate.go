package data

import (
	"runtime"
	"sync"
)

// generate makes a split of n images of size bytes each, on all cores. Draw
// fills image i and returns its label; it must depend on i alone.
func generate(n, size int, draw func(i int, image []byte) (label byte)) Split {
	s := Split{Pixels: make([]byte, n*size), Labels: make([]byte, n)}
	workers := runtime.GOMAXPROCS(0)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := w * n / workers; i < (w+1)*n/workers; i++ {
				s.Labels[i] = draw(i, s.Pixels[i*size:(i+1)*size])
			}
		})
	}
	group.Wait()
	return s
}
