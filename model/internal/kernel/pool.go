package kernel

// MaxPool is a pooling by the maximum over Size×Size windows, Stride apart and
// without padding: x is N×C×H×W, y N×C×OH×OW; rows and columns that no window
// reaches are left out.
type MaxPool struct {
	N, C, H, W   int
	Size, Stride int
}

// OutH is the height of y.
func (p MaxPool) OutH() int { return (p.H-p.Size)/p.Stride + 1 }

// OutW is the width of y.
func (p MaxPool) OutW() int { return (p.W-p.Size)/p.Stride + 1 }

// Forward computes y and, for each of its entries, the offset of the maximum
// in the plane (H×W) it came from. The first of equal values wins, and NaN wins
// over every number.
func (p MaxPool) Forward(y []float32, argmax []int32, x []float32) {
	p.eachPlane(func(plane int) {
		in := x[plane*p.H*p.W:][:p.H*p.W]
		at := plane * p.OutH() * p.OutW()
		for i := range p.OutH() {
			for j := range p.OutW() {
				best := i*p.Stride*p.W + j*p.Stride
				for r := range p.Size {
					row := (i*p.Stride+r)*p.W + j*p.Stride
					for s := row; s < row+p.Size; s++ {
						if in[s] > in[best] || (in[s] != in[s] && in[best] == in[best]) {
							best = s
						}
					}
				}
				y[at], argmax[at] = in[best], int32(best)
				at++
			}
		}
	})
}

// GradX computes dx: each entry of dy goes to the pixel that was the maximum.
func (p MaxPool) GradX(dx, dy []float32, argmax []int32) {
	p.eachPlane(func(plane int) {
		in := dx[plane*p.H*p.W:][:p.H*p.W]
		clear(in)
		q := p.OutH() * p.OutW()
		for i, a := range argmax[plane*q:][:q] {
			in[a] += dy[plane*q+i]
		}
	})
}

func (p MaxPool) eachPlane(f func(plane int)) {
	Parallel(blocks, func(b int) {
		for plane, hi := block(b, p.N*p.C); plane < hi; plane++ {
			f(plane)
		}
	})
}
