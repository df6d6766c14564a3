package kernel

// MaxPool is max-pooling over windows of Size[0]×Size[1], Stride apart down and across:
// x is N×C×H×W, with Pad rows above and below and columns left and right that are never
// the maximum, y is N×C×OH×OW. It ignores rows and columns that no window reaches. Every
// window has to see a pixel, as it does if each padding is less than the size.
type MaxPool struct {
	N, C, H, W   int
	Size, Stride [2]int
	Pad          [4]int
}

// OutH returns the height of y.
func (p MaxPool) OutH() int { return (p.H+p.Pad[0]+p.Pad[1]-p.Size[0])/p.Stride[0] + 1 }

// OutW returns the width of y.
func (p MaxPool) OutW() int { return (p.W+p.Pad[2]+p.Pad[3]-p.Size[1])/p.Stride[1] + 1 }

// Forward computes y and, for each of its entries, the offset of the maximum
// in the plane (H×W) it came from. The first of equal values wins, and NaN wins
// over every number.
func (p MaxPool) Forward(y []float32, argmax []int32, x []float32) {
	q, h := p.OutH()*p.OutW(), p.vectorRows()
	p.eachPlane(func(plane int, last bool) {
		out, from, in := y[plane*q:], argmax[plane*q:], x[plane*p.H*p.W:]
		rows := h
		if last {
			rows = min(h, p.OutH()-1)
		}
		if rows > 0 {
			poolAVX2(&out[0], &from[0], &in[0], p.W, p.OutW(), rows)
		}
		p.rows(out[:q], from[:q], in[:p.H*p.W], max(0, rows))
	})
}

// rows computes the rows of one plane from first on.
func (p MaxPool) rows(y []float32, argmax []int32, x []float32, first int) {
	at := first * p.OutW()
	for i := first; i < p.OutH(); i++ {
		top, bottom := p.span(0, i, p.H)
		for j := range p.OutW() {
			left, right := p.span(1, j, p.W)
			best := top*p.W + left
			for r := top; r < bottom; r++ {
				for s := r*p.W + left; s < r*p.W+right; s++ {
					if x[s] > x[best] || (x[s] != x[s] && x[best] == x[best]) {
						best = s
					}
				}
			}
			y[at], argmax[at] = x[best], int32(best)
			at++
		}
	}
}

// span returns the rows (axis 0) or columns (axis 1) of x, of size in all, that the i-th
// window sees.
func (p MaxPool) span(axis, i, size int) (lo, hi int) {
	first := i*p.Stride[axis] - p.Pad[2*axis]
	return max(0, first), min(size, first+p.Size[axis])
}

// vectorRows returns the number of rows of y that assembly computes in a plane. Assembly
// handles eight windows at a time and writes beyond the end of a row, so the last row
// of a block is left to Go.
func (p MaxPool) vectorRows() int {
	if using >= avx2 && p.Size == [2]int{2, 2} && p.Stride == [2]int{2, 2} && p.Pad == [4]int{} && p.W%2 == 0 && p.OutW() >= 4 {
		return p.OutH()
	}
	return 0
}

// GradX computes dx: each entry of dy goes to the pixel that was the maximum.
func (p MaxPool) GradX(dx, dy []float32, argmax []int32) {
	q, h := p.OutH()*p.OutW(), p.vectorRows()
	p.eachPlane(func(plane int, last bool) {
		in, d, from := dx[plane*p.H*p.W:], dy[plane*q:], argmax[plane*q:]
		rows := h
		if last {
			rows = min(h, p.OutH()-1)
		}
		if rows > 0 {
			unpoolAVX2(&in[0], &d[0], &from[0], p.W, p.OutW(), rows)
		}
		rows = max(0, rows)
		in, d, from = in[:p.H*p.W], d[:q], from[:q]
		clear(in[rows*p.Stride[0]*p.W:])
		for i, a := range from[rows*p.OutW():] {
			in[a] += d[rows*p.OutW()+i]
		}
	})
}

// eachPlane calls f for each plane, those of one block one after another, and says
// which is the last of its block.
func (p MaxPool) eachPlane(f func(plane int, last bool)) {
	parallel(blocks, func(b int) {
		for plane, hi := block(b, p.N*p.C); plane < hi; plane++ {
			f(plane, plane == hi-1)
		}
	})
}
