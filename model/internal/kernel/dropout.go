package kernel

// Dropout zeroes each entry with probability p and multiplies the others by 1/(1-p),
// which preserves the expectation (Srivastava et al. 2014, section 10, in the inverted
// form). The same key drops the same entries, so Dropout is its own gradient.
//
//	y[i] = 0            if uniform(key, i)/2³² < p
//	y[i] = x[i]/(1-p)   otherwise
func Dropout(y, x []float32, p float64, key uint64) {
	limit := uint32(p * (1 << 32))
	scale := float32(1 / (1 - p))
	eachChunk(len(x), func(lo, hi int) { dropout(y[lo:hi], x[lo:hi], uint32(lo), limit, scale, key) })
}

// dropout is Dropout of entries whose indices start at first.
func dropout(y, x []float32, first, limit uint32, scale float32, key uint64) {
	if n := len(x) &^ 7; using >= avx2 && n > 0 {
		dropoutAVX2(&y[0], &x[0], n, first, limit, scale, uint32(key), uint32(key>>32))
		y, x, first = y[n:], x[n:], first+uint32(n)
	}
	for i, v := range x {
		if uniform(key, first+uint32(i)) < limit {
			y[i] = 0
		} else {
			y[i] = v * scale
		}
	}
}

// Key derives the key of one stream of random numbers from the counters that
// name it, such as seed, layer and step.
func Key(counters ...uint64) uint64 {
	var key uint64
	for _, c := range counters {
		key = mix64(key + c + 0x9e3779b97f4a7c15)
	}
	return key
}

// uniform returns the i-th number of the stream named by key, uniform over 32 bits. It
// has no state, so entries can be computed at any time and in any order.
func uniform(key uint64, i uint32) uint32 {
	return mix32(mix32(i^uint32(key)) + uint32(key>>32))
}

// mix64 is the finalizer of SplitMix64 (Steele, Lea and Flood 2014, figure 16;
// constants of Stafford's variant 13).
func mix64(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// mix32 is a bijection of the 32-bit words with little bias (C. Wellons, "hash
// prospector", lowbias32).
func mix32(z uint32) uint32 {
	z = (z ^ z>>16) * 0x7feb352d
	z = (z ^ z>>15) * 0x846ca68b
	return z ^ z>>16
}
