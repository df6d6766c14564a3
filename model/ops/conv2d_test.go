package ops

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

func two(n int) []int { return []int{n, n} }

// convLoops is Conv2d by its definition.
func convLoops(stride, pad int) reference {
	return func(in ...array) array {
		x, w, b := in[0], in[1], in[2]
		n, c, h, wd := x.shape[0], x.shape[1], x.shape[2], x.shape[3]
		k, kh, kw := w.shape[0], w.shape[2], w.shape[3]
		y := zeros(n, k, (h+2*pad-kh)/stride+1, (wd+2*pad-kw)/stride+1)
		at := 0
		for in := range n {
			for ik := range k {
				for i := range y.shape[2] {
					for j := range y.shape[3] {
						sum := b.v[ik]
						for ic := range c {
							for r := range kh {
								for s := range kw {
									row, col := i*stride+r-pad, j*stride+s-pad
									if row >= 0 && row < h && col >= 0 && col < wd {
										sum += w.v[((ik*c+ic)*kh+r)*kw+s] * x.v[((in*c+ic)*h+row)*wd+col]
									}
								}
							}
						}
						y.v[at] = sum
						at++
					}
				}
			}
		}
		return y
	}
}

type convCase struct{ n, c, h, w, k, kh, kw, stride, pad int }

var convCases = []convCase{
	{1, 1, 3, 3, 1, 3, 3, 1, 0}, // one output pixel
	{1, 1, 1, 1, 1, 1, 1, 1, 0},
	{2, 1, 6, 6, 3, 3, 3, 1, 1},
	{3, 2, 7, 5, 4, 3, 3, 1, 1},  // odd and not square
	{11, 3, 5, 7, 2, 5, 5, 1, 2}, // more samples than blocks
	{2, 2, 7, 9, 3, 3, 3, 2, 1},  // stride 2
	{2, 3, 8, 8, 2, 3, 3, 2, 0},  // the last column is reached by no window
	{1, 2, 6, 7, 2, 2, 4, 1, 1},  // an even kernel that is not square
	{2, 2, 5, 5, 2, 7, 7, 1, 3},  // kernel larger than the image
	{1, 1, 4, 4, 2, 1, 1, 3, 0},
	{2, 1, 3, 3, 1, 2, 2, 2, 4},  // windows wholly in the padding
	{1, 2, 9, 9, 70, 3, 3, 1, 1}, // more maps than a tile has rows
}

func (c convCase) inputs() []array {
	r := rand.New(rand.NewPCG(1, uint64(c.h*c.k+c.stride)))
	return []array{normal(r, c.n, c.c, c.h, c.w), normal(r, c.k, c.c, c.kh, c.kw), normal(r, 1, c.k, 1, 1)}
}

// The cases run one after another: Gorgonia's Grad writes to a constant that all graphs
// share, so two graphs must not be built at once.
func TestConv2dEqualsItsDefinition(t *testing.T) {
	for _, c := range convCases {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			checkOp(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) {
				return BiasedConv2d(in[0], in[1], in[2], two(c.pad), two(c.stride), nil)
			}, convLoops(c.stride, c.pad), c.inputs()...)
		})
	}
}

func TestConv2dAgreesWithGorgonia(t *testing.T) {
	for _, c := range []convCase{{4, 3, 8, 8, 5, 3, 3, 1, 1}, {2, 2, 9, 7, 3, 5, 5, 2, 2}} {
		in := c.inputs()
		up := convLoops(c.stride, c.pad)(in...)
		ours := run(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) {
			return BiasedConv2d(in[0], in[1], in[2], two(c.pad), two(c.stride), nil)
		}, up, in...)
		theirs := run(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) {
			y, err := gorgonia.Conv2d(in[0], in[1], tensor.Shape{c.kh, c.kw}, []int{c.pad, c.pad}, []int{c.stride, c.stride}, []int{1, 1})
			if err != nil {
				return nil, err
			}
			return gorgonia.BroadcastAdd(y, in[2], nil, []byte{0, 2, 3})
		}, up, in...)
		same(t, ours, theirs)
	}
}

// same fails unless two results agree up to rounding.
func same(t *testing.T, a, b result) {
	t.Helper()
	near(t, "y", a.y, float64s(b.y))
	for i := range a.grads {
		near(t, fmt.Sprint("gradient ", i), a.grads[i], float64s(b.grads[i]))
	}
}

func float64s(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func TestConv2dRefusesWhatDoesNotFit(t *testing.T) {
	g := gorgonia.NewGraph()
	node := func(name string, shape ...int) *gorgonia.Node { return input(g, name, zeros(shape...)) }
	x, w, b := node("x", 2, 3, 8, 8), node("w", 4, 3, 3, 3), node("b", 1, 4, 1, 1)
	for name, apply := range map[string]func() (*gorgonia.Node, error){
		"no input":      func() (*gorgonia.Node, error) { return BiasedConv2d(nil, w, b, two(1), two(1), nil) },
		"rank":          func() (*gorgonia.Node, error) { return BiasedConv2d(node("m", 2, 3), w, b, two(1), two(1), nil) },
		"channels":      func() (*gorgonia.Node, error) { return BiasedConv2d(x, node("w2", 4, 2, 3, 3), b, two(1), two(1), nil) },
		"bias":          func() (*gorgonia.Node, error) { return BiasedConv2d(x, w, node("b2", 1, 5, 1, 1), two(1), two(1), nil) },
		"stride":        func() (*gorgonia.Node, error) { return BiasedConv2d(x, w, b, two(1), two(0), nil) },
		"padding":       func() (*gorgonia.Node, error) { return BiasedConv2d(x, w, b, two(-1), two(1), nil) },
		"large kernel":  func() (*gorgonia.Node, error) { return BiasedConv2d(x, node("w9", 4, 3, 9, 9), b, two(0), two(1), nil) },
		"pool":          func() (*gorgonia.Node, error) { return MaxPool2D(x, two(9), nil, two(1)) },
		"pool stride":   func() (*gorgonia.Node, error) { return MaxPool2D(x, two(2), nil, two(0)) },
		"dense width":   func() (*gorgonia.Node, error) { return Dense(x, node("wd", 5, 191), node("bd", 1, 5)) },
		"dense bias":    func() (*gorgonia.Node, error) { return Dense(x, node("we", 5, 192), node("be", 1, 4)) },
		"dropout p = 1": func() (*gorgonia.Node, error) { return Dropout(x, stepNode(g, 1), 1, 0) },
		"dropout step":  func() (*gorgonia.Node, error) { return Dropout(x, x, 0.5, 0) },
		"labels":        func() (*gorgonia.Node, error) { return CrossEntropy(node("l", 2, 3), node("y", 2, 3)) },
	} {
		if n, err := apply(); err == nil || n != nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestConv2dRefusesSamplesBeyond32Bits: the loops keep offsets within a sample in
// int32. The shapes have no values.
func TestConv2dRefusesSamplesBeyond32Bits(t *testing.T) {
	for _, c := range []struct {
		channels, side, maps int
		fits                 bool
	}{{1 << 11, 1 << 10, 1, false}, {1 << 10, 1 << 10, 1, true}, {1, 1 << 10, 1 << 11, false}} {
		g := gorgonia.NewGraph()
		node := func(name string, shape ...int) *gorgonia.Node {
			return gorgonia.NewTensor(g, tensor.Float32, 4, gorgonia.WithName(name), gorgonia.WithShape(shape...))
		}
		x, w, b := node("x", 1, c.channels, c.side, c.side), node("w", c.maps, c.channels, 3, 3), node("b", 1, c.maps, 1, 1)
		_, err := BiasedConv2d(x, w, b, two(1), two(1), nil)
		if c.fits != (err == nil) || err != nil && !strings.Contains(err.Error(), "more than 2147483647 entries") {
			t.Errorf("%d channels of %d×%d to %d maps: error %v", c.channels, c.side, c.side, c.maps, err)
		}
	}
}
