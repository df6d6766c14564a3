package ops

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

func TestDenseEqualsItsDefinition(t *testing.T) {
	for _, c := range []struct {
		x   []int
		out int
	}{{[]int{1, 1}, 1}, {[]int{3, 5}, 2}, {[]int{9, 2, 3, 5}, 7}, {[]int{70, 6}, 3}, {[]int{2, 300}, 4}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			r := rand.New(rand.NewPCG(2, uint64(c.out)))
			width := tensor.Shape(c.x[1:]).TotalSize()
			ref := func(in ...array) array {
				y := zeros(c.x[0], c.out)
				for n := range c.x[0] {
					for o := range c.out {
						y.v[n*c.out+o] = in[2].v[o]
						for i := range width {
							y.v[n*c.out+o] += in[0].v[n*width+i] * in[1].v[o*width+i]
						}
					}
				}
				return y
			}
			checkOp(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return Dense(in[0], in[1], in[2]) },
				ref, normal(r, c.x...), normal(r, c.out, width), normal(r, 1, c.out))
		})
	}
}

func TestDenseAgreesWithGorgonia(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	in := []array{normal(r, 6, 20), normal(r, 5, 20), normal(r, 1, 5)}
	up := normal(r, 6, 5)
	ours := run(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return Dense(in[0], in[1], in[2]) }, up, in...)
	theirs := run(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) {
		wt := gorgonia.Must(gorgonia.Transpose(in[1], 1, 0))
		return gorgonia.BroadcastAdd(gorgonia.Must(gorgonia.Mul(in[0], wt)), in[2], nil, []byte{0})
	}, up, in...)
	same(t, ours, theirs)
}

func rectifyLoop(in ...array) array {
	y := zeros(in[0].shape...)
	for i, v := range in[0].v {
		y.v[i] = math.Max(v, 0)
	}
	return y
}

func TestRectifyEqualsItsDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for _, shape := range [][]int{{1}, {17}, {3, 5}, {2, 3, 5, 7}} {
		checkOp(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return Rectify(in[0]) }, rectifyLoop, normal(r, shape...))
	}
}

func TestRectifyGradientAtZeroIsZeroAndNaNStays(t *testing.T) {
	nan := math.NaN()
	x := array{tensor.Shape{5}, []float64{0, -1, 2, nan, math.Inf(-1)}}
	up := array{tensor.Shape{5}, []float64{1, 1, 1, 1, 1}}
	got := run(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return Rectify(in[0]) }, up, x)
	if y := fmt.Sprint(got.y); y != "[0 0 2 NaN 0]" {
		t.Errorf("y = %v", y)
	}
	if d := fmt.Sprint(got.grads[0]); d != "[0 0 1 NaN 0]" {
		t.Errorf("gradient = %v", d)
	}
}

func poolLoops(size, stride int) reference {
	return func(in ...array) array {
		x := in[0]
		h, w := x.shape[2], x.shape[3]
		y := zeros(x.shape[0], x.shape[1], (h-size)/stride+1, (w-size)/stride+1)
		at := 0
		for plane := range x.shape[0] * x.shape[1] {
			for i := range y.shape[2] {
				for j := range y.shape[3] {
					top := math.Inf(-1)
					for r := range size {
						for s := range size {
							top = math.Max(top, x.v[(plane*h+i*stride+r)*w+j*stride+s])
						}
					}
					y.v[at] = top
					at++
				}
			}
		}
		return y
	}
}

func TestMaxPool2DEqualsItsDefinition(t *testing.T) {
	for _, c := range []struct{ n, c, h, w, size, stride int }{
		{1, 1, 2, 2, 2, 2}, {2, 3, 6, 8, 2, 2}, {1, 2, 7, 5, 2, 2}, {2, 1, 7, 7, 3, 2}, {1, 2, 5, 6, 3, 1}, {2, 2, 4, 4, 1, 1}, {1, 9, 5, 5, 5, 5},
	} {
		r := rand.New(rand.NewPCG(5, uint64(c.h)))
		checkOp(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) {
			return MaxPool2D(in[0], two(c.size), nil, two(c.stride))
		},
			poolLoops(c.size, c.stride), normal(r, c.n, c.c, c.h, c.w))
	}
}

func TestMaxPool2DAgreesWithGorgonia(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	x, up := normal(r, 2, 3, 8, 6), normal(r, 2, 3, 4, 3)
	ours := run(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return MaxPool2D(in[0], two(2), nil, two(2)) }, up, x)
	theirs := run(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) {
		return gorgonia.MaxPool2D(in[0], tensor.Shape{2, 2}, []int{0, 0}, []int{2, 2})
	}, up, x)
	same(t, ours, theirs)
}

func TestMaxPool2DSurvivesNaNAndGivesTiesToTheFirst(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(-1)
	x := array{tensor.Shape{1, 1, 2, 6}, []float64{1, 1, nan, nan, inf, inf, 1, 1, nan, nan, inf, inf}}
	up := array{tensor.Shape{1, 1, 1, 3}, []float64{2, 3, 4}}
	got := run(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) { return MaxPool2D(in[0], two(2), nil, two(2)) }, up, x)
	if y := fmt.Sprint(got.y); y != "[1 NaN -Inf]" {
		t.Errorf("y = %v", y)
	}
	if d := fmt.Sprint(got.grads[0]); d != "[2 0 3 0 4 0 0 0 0 0 0 0]" {
		t.Errorf("gradient = %v", d)
	}
}

// stepNode is the step counter of a graph.
func stepNode(g *gorgonia.ExprGraph, step int) *gorgonia.Node {
	return gorgonia.NewScalar(g, tensor.Int, gorgonia.WithName("step"), gorgonia.WithValue(step))
}

// dropped runs Dropout on ones, with ones as upstream gradient.
func dropped(t *testing.T, p float64, stream uint64, step, n int) result {
	t.Helper()
	ones := zeros(n)
	for i := range ones.v {
		ones.v[i] = 1
	}
	return run(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) {
		return Dropout(in[0], stepNode(in[0].Graph(), step), p, stream)
	}, ones, ones)
}

func TestDropoutKeepsTheExpectationAndItsGradientIsItself(t *testing.T) {
	const n = 200_000
	for _, p := range []float64{0, 0.2, 0.5, 0.8} {
		got := dropped(t, p, 1, 1, n)
		if !slices.Equal(got.y, got.grads[0]) {
			t.Errorf("p=%v: the gradient drops other entries than the forward pass, or scales them differently", p)
		}
		zero := 0
		for _, v := range got.y {
			if v == 0 {
				zero++
			} else if v != float32(1/(1-p)) {
				t.Fatalf("p=%v: an entry is %v, want 0 or %v", p, v, 1/(1-p))
			}
		}
		sd := math.Sqrt(p * (1 - p) / n)
		if share := float64(zero) / n; math.Abs(share-p) > 5*sd {
			t.Errorf("p=%v: %v of the entries are dropped", p, share)
		}
	}
}

func TestDropoutIsSeededByStreamAndStep(t *testing.T) {
	a := dropped(t, 0.5, 1, 1, 1000)
	if !slices.Equal(a.y, dropped(t, 0.5, 1, 1, 1000).y) {
		t.Error("the same stream and step drop other entries")
	}
	for _, other := range []result{dropped(t, 0.5, 2, 1, 1000), dropped(t, 0.5, 1, 2, 1000)} {
		agree := 0
		for i := range other.y {
			if other.y[i] == a.y[i] {
				agree++
			}
		}
		if agree < 420 || agree > 580 {
			t.Errorf("%d of 1000 entries agree with another stream or step, want about 500", agree)
		}
	}
}

func TestTwoDropoutsOnOneNodeStayTwo(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	x := normal(r, 1000)
	got := run(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) {
		step := stepNode(in[0].Graph(), 3)
		a := gorgonia.Must(Dropout(in[0], step, 0.5, 1))
		b := gorgonia.Must(Dropout(in[0], step, 0.5, 2))
		return gorgonia.Add(a, b)
	}, x, x)
	both := 0
	for i, v := range got.y {
		if math.Abs(float64(v)-4*x.v[i]) < 1e-6 {
			both++
		}
	}
	if both < 180 || both > 320 {
		t.Errorf("both kept %d of 1000 entries, want about 250", both)
	}
}
