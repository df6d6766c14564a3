package experiments

import (
	"context"
	"io"
	"math/rand/v2"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// The gradients of a convolution, theory question 1: the formulas for ∂y/∂w and
// ∂y/∂x of y = x ∗ w that theory.md derives, evaluated by plain loops and compared
// with automatic differentiation and with central differences, over a table of
// shapes and for both readings of ∗. On the small shapes every entry of the
// Jacobians is compared, by upstream gradients that are 1 at one place of y.
//
//	go run . -exp gradients
//
// Expect errors near 1e-7 in float32 and near 1e-15 in float64 (central
// differences: 1e-14), in about three seconds. Beyond the tolerance the command
// fails and names shape and quantity.
var gradients = Experiment{
	Name:     "gradients",
	Summary:  "theory 1: ∂y/∂w and ∂y/∂x of a convolution, derived, against automatic differentiation",
	Defaults: Config{Seed: 1},
	Flags:    []string{"seed"},
	Run: func(ctx context.Context, o Options, stdout, stderr io.Writer) error {
		return gradientsRun(ctx, o, derived, gradientShapes, stdout, stderr)
	},
}

// gradientShapes are compared; d, k, padding, stride, channels, maps, batch.
var gradientShapes = []conv{
	{3, 2, 0, 1, 1, 1, 1, false}, // the example that theory.md works by hand
	{4, 1, 0, 1, 2, 2, 1, false}, // 1×1 kernel
	{3, 3, 0, 1, 1, 2, 2, false}, // k = d: one number a map
	{5, 3, 1, 1, 2, 2, 2, false}, // padding that keeps the size
	{5, 2, 0, 2, 1, 2, 2, false}, // stride 2, the last row and column are never met
	{6, 3, 1, 2, 2, 1, 2, false}, // the same with padding
	{4, 3, 2, 3, 1, 2, 1, false}, // stride 3, two rows of padding are left over
	{5, 1, 0, 3, 1, 1, 2, false}, // stride beyond the kernel: gaps in ∂y/∂x
	{3, 5, 1, 1, 1, 2, 2, false}, // a kernel larger than the image
	{9, 3, 1, 1, 3, 4, 2, false},
	{12, 5, 2, 2, 2, 3, 2, false}, // one row of padding is left over
	{11, 5, 0, 1, 2, 3, 2, false},
	{10, 4, 1, 2, 2, 2, 2, false}, // an even kernel
	{13, 3, 3, 3, 2, 3, 1, false}, // windows wholly in the padding
	{7, 7, 3, 1, 2, 3, 1, false},  // k = d with padding
}

// The tolerances, relative to the largest magnitude of the quantity.
const (
	tolerance32 = 1e-5
	tolerance64 = 1e-12
)

// differentiator returns L's gradients for an upstream gradient g = ∂L/∂y.
type differentiator interface {
	gradient(g array) (pair, error)
}

// method is one way to differentiate.
type method struct {
	name      string
	precision string
	of        func(c conv, x, w array) (differentiator, error)
}

// gradientMethods are the ways compared with the formulas.
var gradientMethods = []method{
	{"central differences", "float64", func(c conv, x, w array) (differentiator, error) { return differences(c, x, w), nil }},
	{"gorgonia.Conv2d", "float64", onGraph(gorgoniaConv, tensor.Float64)},
	{"gorgonia.Conv2d", "float32", onGraph(gorgoniaConv, tensor.Float32)},
	{"ops.Conv2d", "float32", onGraph(ourConv, tensor.Float32)},
}

func onGraph(of convolution, dtype tensor.Dtype) func(c conv, x, w array) (differentiator, error) {
	return func(c conv, x, w array) (differentiator, error) { return newGraph(c, of, dtype, x, w) }
}

// gradientsRun compares, writes the results, and fails where an error is beyond
// its tolerance.
func gradientsRun(ctx context.Context, o Options, f formulas, shapes []conv, stdout, stderr io.Writer) error {
	c, err := theoryConfig(o)
	if err != nil {
		return err
	}
	out, err := theoryOutcome(o, stdout, stderr)
	if err != nil {
		return err
	}
	var rows []gradientRow
	for i, shape := range shapes {
		for _, flipped := range []bool{false, true} {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			shape.flipped = flipped
			compared, err := compareGradients(shape, f, rand.New(rand.NewPCG(c.Seed, uint64(i))))
			if err != nil {
				return errors.WithMessage(err, shape.String())
			}
			for _, row := range compared {
				row.Shape = i + 1
				rows = append(rows, row)
			}
		}
	}
	if err := gradientsReport(out, rows); err != nil {
		return err
	}
	return gradientsVerdict(rows)
}
