package kernel

import "unsafe"

// rounded returns a partial sum, which plain Go keeps in float32 as it always has: so its
// bits stay those of earlier revisions.
func rounded(sum float64) float64 {
	if using < neon {
		return float64(float32(sum))
	}
	return sum
}

// add adds src to dst.
func add(dst, src []float32) {
	dst = dst[:len(src)]
	if n := len(src) &^ 7; using >= avx2 && n > 0 {
		addAVX2(&dst[0], &src[0], n)
		dst, src = dst[n:], src[n:]
	} else if using == neon && n > 0 {
		addNEON(&dst[0], &src[0], n)
		dst, src = dst[n:], src[n:]
	}
	for i, v := range src {
		dst[i] += v
	}
}

// reduce sets dst to the sum of the parts, added in their order. dst may be the
// first of them.
func reduce(dst []float32, parts [][]float32) {
	eachChunk(len(parts[0]), func(lo, hi int) {
		copy(dst[lo:hi], parts[0][lo:hi])
		for _, part := range parts[1:] {
			add(dst[lo:hi], part[lo:hi])
		}
	})
}

// clearParts sets each of the parts to n zeros, for a sum that reduce completes.
func clearParts(parts *[blocks][]float32, n int) {
	for b := range parts {
		parts[b] = resize(parts[b], n)
		clear(parts[b])
	}
}

// transpose computes dst[j*ldd+i] = src[i*lds+j] for i < rows and j < cols.
func transpose(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	if rows < 8 || cols < 8 || using < avx2 {
		for i := range rows {
			for j, v := range src[i*lds:][:cols] {
				dst[j*ldd+i] = v
			}
		}
		return
	}
	_, _ = dst[(cols-1)*ldd+rows-1], src[(rows-1)*lds+cols-1]
	// rows and columns that 8×8 tiles leave over are covered by overlapping tiles
	for _, i := range [2]int{0, rows - 8} {
		h := rows &^ 7
		if i > 0 {
			h = 8
		}
		for _, j := range [2]int{0, cols - 8} {
			w := cols &^ 7
			if j > 0 {
				w = 8
			}
			transposeAVX2(&dst[j*ldd+i], ldd, &src[i*lds+j], lds, h, w)
			if cols%8 == 0 {
				break
			}
		}
		if rows%8 == 0 {
			break
		}
	}
}

// copyRows computes copy(dst[i*ldd:][:n], src[i*lds:][:n]) for i < rows.
func copyRows(dst []float32, ldd int, src []float32, lds, rows, n int) {
	if rows <= 0 || n <= 0 {
		return
	}
	_, _ = dst[(rows-1)*ldd+n-1], src[(rows-1)*lds+n-1]
	if using >= avx2 && n >= 8 {
		copyRowsAVX2(&dst[0], ldd, &src[0], lds, rows, n)
		return
	}
	for i := range rows {
		copy(dst[i*ldd:][:n], src[i*lds:])
	}
}

// resize returns a slice of length n: x itself if it is large enough, else a new, zeroed
// slice aligned to a cache line.
func resize(x []float32, n int) []float32 {
	if n > 0 && cap(x) < n {
		const line = 64 / 4
		x = make([]float32, n+line)
		skip := -int(uintptr(unsafe.Pointer(&x[0]))/4) & (line - 1)
		x = x[skip : skip+n]
	}
	return x[:n]
}
