package ops

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// block is a chain of layers that ends in the given pooling.
func block(pool func(x *gorgonia.Node, kernel tensor.Shape, pad, stride []int) (*gorgonia.Node, error), stride, pad int) func(in gorgonia.Nodes) (*gorgonia.Node, error) {
	return func(in gorgonia.Nodes) (*gorgonia.Node, error) {
		y, err := BiasedConv2d(in[0], in[1], in[2], two(pad), two(stride), nil)
		if err != nil {
			return nil, err
		}
		if y, err = Rectify(y); err != nil {
			return nil, err
		}
		return pool(y, two(2), nil, two(2))
	}
}

// TestFusedEqualsTheOperationsItReplaces compares values and all gradients, of
// shapes that every way of convolving is used for.
func TestFusedEqualsTheOperationsItReplaces(t *testing.T) {
	for _, c := range []struct{ n, c, h, w, k, size, stride, pad int }{
		{3, 1, 8, 8, 2, 3, 1, 1}, {9, 3, 11, 7, 5, 5, 1, 2}, {2, 16, 9, 10, 17, 3, 1, 1},
		{1, 20, 12, 12, 50, 5, 1, 0}, {4, 2, 13, 16, 33, 3, 2, 1}, {2, 33, 6, 5, 12, 3, 1, 0}, {2, 4, 6, 6, 3, 1, 1, 0},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			r := rand.New(rand.NewPCG(4, 2))
			in := []array{normal(r, c.n, c.c, c.h, c.w), normal(r, c.k, c.c, c.size, c.size), normal(r, 1, c.k, 1, 1)}
			oh, ow := ((c.h+2*c.pad-c.size)/c.stride+1)/2, ((c.w+2*c.pad-c.size)/c.stride+1)/2
			up := normal(r, c.n, c.k, oh, ow)
			fused := run(t, block(FusedMaxPool2D, c.stride, c.pad), up, in...)
			apart := run(t, block(MaxPool2D, c.stride, c.pad), up, in...)
			same(t, fused, apart)
		})
	}
}

// TestFusedConv2dEqualsBiasedConv2d compares three blocks that exchange their maps with three
// that do not, bit by bit, and reads the maps in between.
func TestFusedConv2dEqualsBiasedConv2d(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 5))
	in := []array{normal(r, 5, 3, 29, 30), normal(r, 20, 3, 3, 3), normal(r, 1, 20, 1, 1),
		normal(r, 33, 20, 3, 3), normal(r, 1, 33, 1, 1), normal(r, 16, 33, 3, 3), normal(r, 1, 16, 1, 1)}
	up := normal(r, 5, 16, 3, 3)
	var maps [2][]*gorgonia.Node
	blocks := func(which int, conv func(x, w, b *gorgonia.Node) (*gorgonia.Node, error)) func(in gorgonia.Nodes) (*gorgonia.Node, error) {
		return func(in gorgonia.Nodes) (*gorgonia.Node, error) {
			y := in[0]
			for i := 1; i < len(in); i += 2 {
				y = gorgonia.Must(FusedMaxPool2D(gorgonia.Must(Rectify(gorgonia.Must(conv(y, in[i], in[i+1])))), two(2), nil, two(2)))
				maps[which] = append(maps[which], y)
			}
			return y, nil
		}
	}
	fused := run(t, blocks(0, func(x, w, b *gorgonia.Node) (*gorgonia.Node, error) { return FusedConv2d(x, w, b, two(1), two(1)) }), up, in...)
	apart := run(t, blocks(1, func(x, w, b *gorgonia.Node) (*gorgonia.Node, error) {
		return BiasedConv2d(x, w, b, two(1), two(1), nil)
	}), up, in...)
	equal := func(what string, got, want []float32) {
		for i, v := range want {
			if math.Float32bits(got[i]) != math.Float32bits(v) {
				t.Fatalf("%s: entry %d is %v, want %v", what, i, got[i], v)
			}
		}
	}
	equal("y", fused.y, apart.y)
	for i := range in {
		equal(fmt.Sprint("gradient ", i), fused.grads[i], apart.grads[i])
	}
	for i := range maps[0] {
		equal(fmt.Sprint("maps of block ", i+1), Values(maps[0][i]), Values(maps[1][i]))
	}
}

func TestOnlyThatChainIsFused(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 3))
	g := gorgonia.NewGraph()
	x, w, b := input(g, "x", normal(r, 1, 2, 6, 6)), input(g, "w", normal(r, 3, 2, 3, 3)), input(g, "b", normal(r, 1, 3, 1, 1))
	conv := gorgonia.Must(BiasedConv2d(x, w, b, two(1), two(1), nil))
	rectified := gorgonia.Must(Rectify(conv))
	fused := gorgonia.Must(FusedMaxPool2D(rectified, two(2), nil, two(2)))
	for _, c := range []struct {
		name         string
		x            *gorgonia.Node
		size, stride int
		want         string
	}{
		{"the chain", rectified, 2, 2, "Conv2dRectifyMaxPool2D"},
		{"no rectifier", conv, 2, 2, "MaxPool2D"},
		{"no convolution", gorgonia.Must(Rectify(x)), 2, 2, "MaxPool2D"},
		{"an input", x, 2, 2, "MaxPool2D"},
		{"another operation", gorgonia.Must(gorgonia.Square(conv)), 2, 2, "MaxPool2D"},
		{"what is fused already", gorgonia.Must(Rectify(fused)), 2, 2, "MaxPool2D"},
		{"large windows", rectified, 3, 2, "MaxPool2D"},
		{"windows that overlap", rectified, 2, 1, "MaxPool2D"},
	} {
		y, err := FusedMaxPool2D(c.x, two(c.size), nil, two(c.stride))
		if err != nil {
			t.Fatal(c.name, err)
		}
		if got := y.Op().String(); got != c.want {
			t.Errorf("%s becomes %s, want %s", c.name, got, c.want)
		}
	}
	if _, err := FusedMaxPool2D(nil, two(2), nil, two(2)); err == nil {
		t.Error("accepted no input")
	}
}

// NaN has to reach the loss, which ends the run; nothing may panic on its way.
func TestFusedPassesNaN(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for _, channels := range []int{2, 16} {
		x := normal(r, 1, channels, 6, 6)
		x.v[7] = math.NaN()
		y := run(t, block(FusedMaxPool2D, 1, 1), normal(r, 1, 16, 3, 3), x, normal(r, 16, channels, 3, 3), normal(r, 1, 16, 1, 1)).y
		if !math.IsNaN(float64(y[0])) {
			t.Errorf("%d channels: y[0] = %v, want NaN", channels, y[0])
		}
	}
}
