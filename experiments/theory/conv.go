// Package theory checks the derivations of theory.md numerically: the gradients of a
// convolution, and back-propagation with shared weights. Its loops are plain float64
// and follow the formulas index by index; speed does not matter.
package theory

import (
	"fmt"

	"gorgonia.org/tensor"
)

// Shape lists d, k, padding, stride, C, M and N of y = x ∗ w in theory.md: x is
// N×C×d×d, w is M×C×k×k, y is N×M×o×o.
type Shape [7]int

// conv is a convolution or correlation of a shape. Both readings of ∗ are the same sum,
// with different pixels at each tap:
//
//	y[n,m,i,j] = Σ_{c,a,b} w[m,c,a,b] · x[n,c,tap(i,a),tap(j,b)]
type conv struct {
	d, k, pad, stride     int
	channels, maps, batch int
	flipped               bool // ∗ is the convolution, with the kernel flipped; else the correlation
}

func (s Shape) conv(flipped bool) conv {
	return conv{s[0], s[1], s[2], s[3], s[4], s[5], s[6], flipped}
}

func (c conv) out() int { return (c.d+2*c.pad-c.k)/c.stride + 1 }

// tap returns the row of x that row a of the kernel meets at row i of y; a row outside
// 0..d-1 is padding. The same holds for columns.
func (c conv) tap(i, a int) int { return c.stride*i + c.mirror(a) - c.pad }

// mirror returns the row of the kernel that lies on row a of its window in x.
func (c conv) mirror(a int) int {
	if c.flipped {
		return c.k - 1 - a
	}
	return a
}

type array struct {
	shape tensor.Shape
	v     []float64
}

func zeros(shape ...int) array { return array{shape, make([]float64, tensor.Shape(shape).TotalSize())} }

func (c conv) zerosX() array { return zeros(c.batch, c.channels, c.d, c.d) }
func (c conv) zerosW() array { return zeros(c.maps, c.channels, c.k, c.k) }
func (c conv) zerosY() array { return zeros(c.batch, c.maps, c.out(), c.out()) }

func (a array) index(e int) (i [4]int) {
	for axis := 3; axis >= 0; axis-- {
		i[axis] = e % a.shape[axis]
		e /= a.shape[axis]
	}
	return i
}

// plane returns the matrix at the given first two indices, over the same numbers.
func (a array) plane(i, j int) plane {
	size := a.shape[2] * a.shape[3]
	at := (i*a.shape[1] + j) * size
	return plane{a.shape[2], a.shape[3], a.v[at : at+size]}
}

type plane struct {
	rows, cols int
	v          []float64
}

func newPlane(rows, cols int) plane { return plane{rows, cols, make([]float64, rows*cols)} }

func (p plane) at(i, j int) float64 {
	if i < 0 || i >= p.rows || j < 0 || j >= p.cols {
		return 0
	}
	return p.v[i*p.cols+j]
}

// fill sets every entry of p to entry of its indices and returns p.
func (p plane) fill(entry func(i, j int) float64) plane {
	for i := range p.rows {
		for j := range p.cols {
			p.v[i*p.cols+j] = entry(i, j)
		}
	}
	return p
}

// padded returns p with n more rows and columns of zeros on every side.
func (p plane) padded(n int) plane {
	return newPlane(p.rows+2*n, p.cols+2*n).fill(func(i, j int) float64 { return p.at(i-n, j-n) })
}

// rotated returns p rotated by 180°: the flipped kernel.
func (p plane) rotated() plane {
	return newPlane(p.rows, p.cols).fill(func(i, j int) float64 { return p.at(p.rows-1-i, p.cols-1-j) })
}

// dilated returns p with n-1 rows and columns of zeros between neighbours.
func (p plane) dilated(n int) plane {
	return newPlane(n*(p.rows-1)+1, n*(p.cols-1)+1).fill(func(i, j int) float64 {
		if i%n != 0 || j%n != 0 {
			return 0
		}
		return p.at(i/n, j/n)
	})
}

// correlate returns the valid correlation, (p ⋆ q)[i,j] = Σ_{a,b} p[i+a,j+b]·q[a,b],
// at the positions where q lies entirely on p.
func (p plane) correlate(q plane) plane {
	return newPlane(p.rows-q.rows+1, p.cols-q.cols+1).fill(func(i, j int) (sum float64) {
		for a := range q.rows {
			for b := range q.cols {
				sum += p.at(i+a, j+b) * q.at(a, b)
			}
		}
		return sum
	})
}

// forward computes y by its definition.
func (c conv) forward(x, w array) array {
	y := c.zerosY()
	for n := range c.batch {
		for m := range c.maps {
			y.plane(n, m).fill(func(i, j int) (sum float64) {
				for ch := range c.channels {
					px, pw := x.plane(n, ch), w.plane(m, ch)
					for a := range c.k {
						for b := range c.k {
							sum += pw.at(a, b) * px.at(c.tap(i, a), c.tap(j, b))
						}
					}
				}
				return sum
			})
		}
	}
	return y
}

func (c conv) String() string {
	return fmt.Sprintf("%s d=%d k=%d padding=%d stride=%d channels=%d maps=%d batch=%d", c.reading(), c.d, c.k, c.pad, c.stride, c.channels, c.maps, c.batch)
}

// reading names what ∗ stands for.
func (c conv) reading() string {
	if c.flipped {
		return "convolution"
	}
	return "correlation"
}
