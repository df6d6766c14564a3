package kernel

import (
	"fmt"
	"testing"
)

// BenchmarkShapes is a table of what users may pick: the first and the later blocks of
// networks with maps from 16 to 256, kernels of 1 to 7 and images of 28, 32 and 64 pixels.
// With kernels of 3×3, Winograd's algorithm does more than the units could.
func BenchmarkShapes(b *testing.B) {
	for _, kernel := range []int{1, 3, 5, 7} {
		for _, c := range []struct{ in, side, maps int }{
			{1, 28, 16}, {1, 28, 32}, {3, 32, 32}, {3, 64, 64}, {16, 14, 32}, {32, 14, 64}, {32, 16, 64},
			{64, 8, 128}, {64, 7, 128}, {96, 14, 192}, {128, 16, 256}, {128, 8, 256}, {32, 32, 64},
		} {
			conv := &Conv{N: 64, C: c.in, H: c.side, W: c.side, K: c.maps, KH: kernel, KW: kernel, Stride: both(1), Dilation: both(1), Pad: around((kernel - 1) / 2)}
			benchmarkConv(b, fmt.Sprintf("%dx%d/%d×%d×%d→%d", kernel, kernel, c.in, c.side, c.side, c.maps), conv.Pooled())
		}
	}
	for _, n := range []int{1, 2, 8, 64, 1024} {
		conv := &Conv{N: n, C: 32, H: 14, W: 14, K: 64, KH: 3, KW: 3, Stride: both(1), Dilation: both(1), Pad: around(1)}
		benchmarkConv(b, fmt.Sprint("batch/", n), conv.Pooled())
	}
}
