package ops

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"cnnlab/model/internal/kernel"
)

// Conv2d is the convolution (cross-correlation, as in every network library)
//
//	y[n,k,i,j] = Σ_{c,r,s} w[k,c,r,s] · x[n, c, i·stride[0]+r·dilation[0]-top, j·stride[1]+s·dilation[1]-left]
//
// of x (N×C×H×W) with w (K×C×KH×KW); pixels outside x are zero. y is N×K×OH×OW with OH =
// ⌊(H+top+bottom-dilation[0]·(KH-1)-1)/stride[0]⌋+1, OW likewise. It takes the
// same arguments as gorgonia.Conv2d. kernel is KH×KW. pad holds two numbers, for height and
// width, or four: top, bottom, left and right. A nil pad means no padding, a nil dilation
// none. It is an error if the shapes do not fit together, the kernel is larger than the padded x,
// or a padded sample or its maps have too many entries for 32-bit offsets.
func Conv2d(x, w *gorgonia.Node, kernel tensor.Shape, pad, stride, dilation []int) (*gorgonia.Node, error) {
	if err := check("conv2d", operand{"weight", w, 4, 4}); err != nil {
		return nil, err
	}
	if ws := w.Shape(); !kernel.Eq(ws[2:]) {
		return nil, errors.Errorf("conv2d: a kernel of %v, but the weight %v has one of %v", kernel, ws, ws[2:])
	}
	c, err := newConv(x, w, pad, stride, dilation)
	if err != nil {
		return nil, err
	}
	return convolution("Conv2d", c, gorgonia.Nodes{x, w})
}

// BiasedConv2d is Conv2d plus the bias b (1×K×1×1).
func BiasedConv2d(x, w, b *gorgonia.Node, pad, stride, dilation []int) (*gorgonia.Node, error) {
	c, err := newConv(x, w, pad, stride, dilation)
	if err != nil {
		return nil, err
	}
	return biased(c, x, w, b)
}

func biased(c *kernel.Conv, x, w, b *gorgonia.Node) (*gorgonia.Node, error) {
	if err := check("conv2d", operand{"bias", b, 4, 4}); err != nil {
		return nil, err
	}
	if bs := b.Shape(); !bs.Eq(tensor.Shape{1, c.K, 1, 1}) {
		return nil, errors.Errorf("conv2d: bias has shape %v, want (1, %d, 1, 1)", bs, c.K)
	}
	return convolution("Conv2d", c, gorgonia.Nodes{x, w, b})
}

// FusedConv2d is BiasedConv2d(x, w, b, pad, stride, nil). If x is FusedMaxPool2D of a
// convolution, the two exchange maps and gradients in a layout that neither has to
// rearrange; the values are the same. The operation that computes x in row-major order stays in
// the graph, but is not needed, as those that FusedMaxPool2D replaces are not; Values reads x
// all the same.
func FusedConv2d(x, w, b *gorgonia.Node, pad, stride []int) (*gorgonia.Node, error) {
	c, err := newConv(x, w, pad, stride, nil)
	if err != nil {
		return nil, err
	}
	pool, ok := x.Op().(*op)
	if !ok || pool.conv == nil || !pool.conv.PoolsPanels() || !c.TakesPanels() {
		return BiasedConv2d(x, w, b, pad, stride, nil)
	}
	if pool.panels == nil {
		inPanels := pool.conv.Pooled()
		inPanels.PanelY = true
		if pool.panels, err = convolution(pool.name, inPanels, pool.inputs); err != nil {
			return nil, err
		}
	}
	c.PanelX = true
	return biased(c, pool.panels, w, b)
}

// Values returns the entries of the value of n, from the last run, in row-major order. They are
// valid until the next.
func Values(n *gorgonia.Node) []float32 {
	if o, ok := n.Op().(*op); ok && o.panels != nil && o.panels.Value() != nil {
		twin := o.panels.Op().(*op)
		o.unpacked = slices.Grow(o.unpacked[:0], n.Shape().TotalSize())[:n.Shape().TotalSize()]
		twin.conv.Unpack(o.unpacked, f32(o.panels.Value()))
		return o.unpacked
	}
	return f32(n.Value())
}

func newConv(x, w *gorgonia.Node, pad, stride, dilation []int) (*kernel.Conv, error) {
	if err := check("conv2d", operand{"input", x, 4, 4}, operand{"weight", w, 4, 4}); err != nil {
		return nil, err
	}
	xs, ws := x.Shape(), w.Shape()
	c := &kernel.Conv{N: xs[0], C: xs[1], H: xs[2], W: xs[3], K: ws[0], KH: ws[2], KW: ws[3]}
	var err error
	if c.Pad, err = sides(pad); err != nil {
		return nil, errors.WithMessage(err, "conv2d: padding")
	}
	if c.Stride, err = steps(stride); err != nil {
		return nil, errors.WithMessage(err, "conv2d: stride")
	}
	c.Dilation = [2]int{1, 1}
	if dilation != nil {
		if c.Dilation, err = steps(dilation); err != nil {
			return nil, errors.WithMessage(err, "conv2d: dilation")
		}
	}
	switch {
	case ws[1] != c.C:
		return nil, errors.Errorf("conv2d: weight %v is for %d channels, the input %v has %d", ws, ws[1], xs, c.C)
	case !c.Fits():
		return nil, errors.Errorf("conv2d: kernel %d×%d with dilation %v is larger than the input %d×%d with padding %v", c.KH, c.KW, c.Dilation, c.H, c.W, pad)
	case !c.Addressable():
		return nil, errors.Errorf("conv2d: input %v, weight %v and padding %v: one sample, or its maps, has more than %d entries", xs, ws, pad, math.MaxInt32)
	}
	return c, nil
}

// sides returns the padding above, below, left and right.
func sides(pad []int) (all [4]int, err error) {
	switch len(pad) {
	case 0:
	case 2:
		all = [4]int{pad[0], pad[0], pad[1], pad[1]}
	case 4:
		all = [4]int(pad)
	default:
		return all, errors.Errorf("%v, want two numbers or four", pad)
	}
	if min(all[0], all[1], all[2], all[3]) < 0 {
		return all, errors.Errorf("%v, want none below 0", pad)
	}
	return all, nil
}

// steps returns a stride or dilation down and across.
func steps(by []int) (both [2]int, err error) {
	if len(by) != 2 || min(by[0], by[1]) < 1 {
		return both, errors.Errorf("%v, want two numbers of at least 1", by)
	}
	return [2]int(by), nil
}

// convolution applies the operation that c computes, pooled or not, to x, w and the bias, if
// there is one.
func convolution(name string, c *kernel.Conv, inputs gorgonia.Nodes) (*gorgonia.Node, error) {
	none := make([]float32, c.K)
	o := op{
		name:   name,
		inputs: inputs,
		shape:  c.Shape(),
		forward: func(y []float32, in []gorgonia.Value) {
			bias := none
			if len(in) == 3 {
				bias = f32(in[2])
			}
			c.Forward(y, f32(in[0]), f32(in[1]), bias)
		},
		chained: 2, // GradBias after GradW
		conv:    c,
	}
	if c.GradientsTogether() {
		o.chained = 1 // and that after GradX
	}
	o.gradient = func(y, dy *gorgonia.Node) []term {
		x, w := inputs[0], inputs[1]
		// y is an input so that the gradients run after Forward has set the choice
		terms := []term{
			{name + "GradX", x, func(dx []float32, in []gorgonia.Value) { c.GradX(dx, f32(in[0]), f32(in[1]), f32(in[2])) }, gorgonia.Nodes{dy, w, x, y}},
			{name + "GradW", w, func(dw []float32, in []gorgonia.Value) { c.GradW(dw, f32(in[0]), f32(in[1])) }, gorgonia.Nodes{dy, x, y}},
		}
		if len(inputs) == 3 {
			terms = append(terms, term{name + "GradBias", inputs[2], func(db []float32, in []gorgonia.Value) { c.GradBias(db, f32(in[0])) }, gorgonia.Nodes{dy}})
		}
		return terms
	}
	return apply(o)
}
