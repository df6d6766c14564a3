package kernel

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// Tile sizes of gemm: small enough that gonum computes a tile on the calling
// goroutine, and that a tile of b stays in the second-level cache.
const (
	tileRows  = 64
	tileCols  = 128
	tileDepth = 256
)

// matrix is a row-major matrix, seen transposed if trans is set; stride is the
// distance between two rows as stored.
type matrix struct {
	data   []float32
	stride int
	trans  bool
}

// at returns the part of m that begins at row i, column j.
func (m matrix) at(i, j int) []float32 {
	if m.trans {
		i, j = j, i
	}
	return m.data[i*m.stride+j:]
}

func (m matrix) blasTrans() blas.Transpose {
	if m.trans {
		return blas.Trans
	}
	return blas.NoTrans
}

// gemm computes c = a·b, or c += a·b if accumulate is set, for a of m×k, b of
// k×n and c of m×n, on the calling goroutine.
func gemm(m, n, k int, a, b, c matrix, accumulate bool) {
	for i := 0; i < m; i += tileRows {
		rows := min(tileRows, m-i)
		for j := 0; j < n; j += tileCols {
			cols := min(tileCols, n-j)
			for l := 0; l < k; l += tileDepth {
				var beta float32
				if accumulate || l > 0 {
					beta = 1
				}
				gonum.Implementation{}.Sgemm(a.blasTrans(), b.blasTrans(), rows, cols, min(tileDepth, k-l),
					1, a.at(i, l), a.stride, b.at(l, j), b.stride, beta, c.at(i, j), c.stride)
			}
		}
	}
}

// gemmForward computes y.
func (d *Dense) gemmForward(y, x, w, bias []float32) {
	eachBlock(d.N, func(lo, hi int) {
		for n := lo; n < hi; n++ {
			copy(y[n*d.Out:(n+1)*d.Out], bias)
		}
		gemm(hi-lo, d.Out, d.In, matrix{data: x[lo*d.In:], stride: d.In}, matrix{data: w, stride: d.In, trans: true},
			matrix{data: y[lo*d.Out:], stride: d.Out}, true)
	})
}

// gemmGradX computes dx = dy·w.
func (d *Dense) gemmGradX(dx, dy, w []float32) {
	eachBlock(d.N, func(lo, hi int) {
		gemm(hi-lo, d.In, d.Out, matrix{data: dy[lo*d.Out:], stride: d.Out}, matrix{data: w, stride: d.In},
			matrix{data: dx[lo*d.In:], stride: d.In}, false)
	})
}

// gemmGradW computes dw = dyᵀ·x.
func (d *Dense) gemmGradW(dw, dy, x []float32) {
	eachBlock(d.Out, func(lo, hi int) {
		gemm(hi-lo, d.In, d.N, matrix{data: dy[lo:], stride: d.Out, trans: true}, matrix{data: x, stride: d.In},
			matrix{data: dw[lo*d.In:], stride: d.In}, false)
	})
}
