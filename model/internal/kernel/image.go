package kernel

// image is the geometry of one sample's channels with a border of zeros.
type image struct {
	c, h, w int // channels and the size with the border
	plane   int // from one channel to the next
}

// newImage keeps the planes an odd number of cache lines apart, so that the same
// pixel of many channels does not fall into few sets of the cache.
func newImage(c, h, w int) image {
	return image{c, h, w, spaced(h * w)}
}

// spaced rounds n floats up to an odd number of cache lines.
func spaced(n int) int {
	const line = 64 / 4
	return ((n+line-1)/line | 1) * line
}

func (m image) size() int { return m.c * m.plane }

// window returns the offsets of kh×kw pixels of every channel, by rows and columns apart,
// seen from any pixel, in the order c, r, s; rotated by half a turn if flip is set.
func (m image) window(kh, kw int, by [2]int, flip bool) []int32 {
	off := make([]int32, 0, m.c*kh*kw)
	for c := range m.c {
		for r := range kh {
			for s := range kw {
				row, col := r, s
				if flip {
					row, col = kh-1-r, kw-1-s
				}
				off = append(off, int32(c*m.plane+row*by[0]*m.w+col*by[1]))
			}
		}
	}
	return off
}

// grid returns the offsets of oh×ow pixels of a channel, stride rows and columns apart.
func (m image) grid(oh, ow int, stride [2]int) []int32 {
	off := make([]int32, 0, oh*ow)
	for i := range oh {
		for j := range ow {
			off = append(off, int32(i*stride[0]*m.w+j*stride[1]))
		}
	}
	return off
}

// fill copies planes of h×w pixels from src to dst: pixel i, j to row top+step[0]·i,
// column left+step[1]·j, unless that lies outside. The other pixels stay.
func (m image) fill(dst, src []float32, h, w, top, left int, step [2]int) {
	i0, i1 := inside(h, m.h, top, step[0])
	j0, j1 := inside(w, m.w, left, step[1])
	if i0 == i1 || j0 == j1 {
		return
	}
	for c := range m.c {
		to, from := dst[c*m.plane+(top+i0*step[0])*m.w+left+j0*step[1]:], src[(c*h+i0)*w+j0:]
		if step[1] == 1 {
			copyRows(to, step[0]*m.w, from, w, i1-i0, j1-j0)
			continue
		}
		for i := range i1 - i0 {
			for j, v := range from[i*w:][:j1-j0] {
				to[i*step[0]*m.w+j*step[1]] = v
			}
		}
	}
}

// inside returns the range of i < n for which 0 ≤ first+step·i < size.
func inside(n, size, first, step int) (lo, hi int) {
	if first < 0 {
		lo = min(n, (-first+step-1)/step)
	}
	return lo, max(lo, min(n, (size-first+step-1)/step))
}
