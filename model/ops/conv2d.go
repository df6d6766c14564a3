package ops

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"cnnlab/model/internal/kernel"
)

// Conv2d is the convolution (cross-correlation, as in every network library)
//
//	y[n,k,i,j] = b[k] + Σ_{c,r,s} w[k,c,r,s] · x[n, c, i·stride+r-pad, j·stride+s-pad]
//
// of x (N×C×H×W) with w (K×C×KH×KW), plus the bias b (1×K×1×1); pixels outside x
// are zero. y is N×K×OH×OW with OH = ⌊(H+2·pad-KH)/stride⌋+1, OW likewise. It is an
// error if the shapes do not fit together, the kernel is larger than the padded x, or a
// padded sample or its maps have too many entries for 32-bit offsets.
func Conv2d(x, w, b *gorgonia.Node, stride, pad int) (*gorgonia.Node, error) {
	if err := check("conv2d", operand{"input", x, 4, 4}, operand{"weight", w, 4, 4}, operand{"bias", b, 4, 4}); err != nil {
		return nil, err
	}
	xs, ws, bs := x.Shape(), w.Shape(), b.Shape()
	c := &kernel.Conv{N: xs[0], C: xs[1], H: xs[2], W: xs[3], K: ws[0], KH: ws[2], KW: ws[3], Stride: stride, Pad: pad}
	switch {
	case ws[1] != c.C:
		return nil, errors.Errorf("conv2d: weight %v is for %d channels, the input %v has %d", ws, ws[1], xs, c.C)
	case !bs.Eq(tensor.Shape{1, c.K, 1, 1}):
		return nil, errors.Errorf("conv2d: bias has shape %v, want (1, %d, 1, 1)", bs, c.K)
	case stride < 1 || pad < 0:
		return nil, errors.Errorf("conv2d: stride %d and padding %d, want at least 1 and 0", stride, pad)
	case c.KH > c.H+2*pad || c.KW > c.W+2*pad:
		return nil, errors.Errorf("conv2d: kernel %d×%d is larger than the input %d×%d with padding %d", c.KH, c.KW, c.H, c.W, pad)
	case !c.Addressable():
		return nil, errors.Errorf("conv2d: input %v, weight %v and padding %d: one sample, or its maps, has more than %d entries", xs, ws, pad, math.MaxInt32)
	}
	return convolution("Conv2d", c, x, w, b)
}

// convolution applies the operation that c computes, pooled or not.
func convolution(name string, c *kernel.Conv, x, w, b *gorgonia.Node) (*gorgonia.Node, error) {
	return apply(op{
		name:   name,
		inputs: gorgonia.Nodes{x, w, b},
		shape:  tensor.Shape{c.N, c.K, c.OutH(), c.OutW()},
		forward: func(y []float32, in []gorgonia.Value) {
			c.Forward(y, f32(in[0]), f32(in[1]), f32(in[2]))
		},
		gradient: func(y, dy *gorgonia.Node) []term {
			// y is an input so that the gradients run after Forward has set the choice
			return []term{
				{name + "GradX", x, func(dx []float32, in []gorgonia.Value) { c.GradX(dx, f32(in[0]), f32(in[1])) }, gorgonia.Nodes{dy, w, y}},
				{name + "GradW", w, func(dw []float32, in []gorgonia.Value) { c.GradW(dw, f32(in[0]), f32(in[1])) }, gorgonia.Nodes{dy, x, y}},
				{name + "GradBias", b, func(db []float32, in []gorgonia.Value) { c.GradBias(db, f32(in[0]), f32(in[1])) }, gorgonia.Nodes{dy, y}},
			}
		},
		conv: c,
	})
}
