package data

// turn writes a plane, turned about its middle and then shifted, bilinear
// between the pixels. Every pixel looks up its own place within the original. As
// in outline.go, no product is left for a compiler to fuse with a sum.
func (a *augmenter) turn(out, in []float32, beyond float32, c change) {
	h, w := a.height, a.width
	middle := point{float32(float32(w-1) / 2), float32(float32(h-1) / 2)}
	for r := range h {
		y := float32(r-c.y) - middle.y
		// The 1 keeps the conversions to integers off negative numbers.
		alongX, alongY := float32(c.sin*y)+middle.x+1, float32(c.cos*y)+middle.y+1
		row := out[r*w : (r+1)*w]
		for k := range row {
			x := float32(k-c.x) - middle.x
			u, v := alongX+float32(c.cos*x), alongY-float32(c.sin*x)
			left, top := int(u)-1, int(v)-1
			if left < 0 || top < 0 || left+1 >= w || top+1 >= h {
				row[k] = a.atBorder(in, u, v, beyond)
				continue
			}
			near := in[top*w+left:][:w+2]
			row[k] = bilinear(u-float32(left+1), v-float32(top+1), near[0], near[1], near[w], near[w+1])
		}
	}
}

// atBorder is the value at (u-1, v-1), where some of the four pixels around are
// beyond the border.
func (a *augmenter) atBorder(in []float32, u, v, beyond float32) float32 {
	h, w := a.height, a.width
	if !(u >= 0 && v >= 0 && u < float32(w+1) && v < float32(h+1)) {
		return beyond
	}
	left, top := int(u)-1, int(v)-1
	var corner [4]float32
	for k := range corner {
		corner[k] = beyond
		if x, y := left+k%2, top+k/2; x >= 0 && y >= 0 && x < w && y < h {
			corner[k] = in[y*w+x]
		}
	}
	return bilinear(u-float32(left+1), v-float32(top+1), corner[0], corner[1], corner[2], corner[3])
}

// bilinear is the value at (u, v) between the corners (0, 0), (1, 0), (0, 1) and
// (1, 1) of a square.
func bilinear(u, v, c00, c10, c01, c11 float32) float32 {
	above := c00 + float32(u*(c10-c00))
	below := c01 + float32(u*(c11-c01))
	return above + float32(v*(below-above))
}
