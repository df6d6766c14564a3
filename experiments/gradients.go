package experiments

import (
	"context"

	"cnnlab/experiments/outcome"
	"cnnlab/experiments/suite"
	"cnnlab/experiments/theory"
)

// The gradients of a convolution, theory question 1. theory.md derives formulas for
// ∂y/∂w and ∂y/∂x of y = x ∗ w; plain loops evaluate them and compare them with
// automatic differentiation and with central differences, over a table of shapes and
// for both readings of ∗. On small shapes, one-hot upstream gradients compare every
// entry of the Jacobians.
//
//	go run . -exp gradients
//
// The errors are near 1e-7 in float32 and near 1e-15 in float64 (central
// differences: 1e-14). If one exceeds its tolerance, the command fails and names the
// shape and the quantity. Takes about three seconds.
var gradients = suite.Task{
	Name:     "gradients",
	Summary:  "theory 1: check the derived ∂y/∂w and ∂y/∂x of a convolution against automatic differentiation",
	Question: "Are the formulas for the gradients of a convolution right?",
	Flags:    []string{"seed"},
	Do: func(ctx context.Context, o suite.Options) (outcome.Page, error) {
		c := o.Config(suite.Config{Seed: 1})
		return theory.Gradients(ctx, gradientShapes, c.Seed)
	},
}

// gradientShapes lists the shapes compared: d, k, padding, stride, channels, maps, batch.
var gradientShapes = []theory.Shape{
	{3, 2, 0, 1, 1, 1, 1}, // the example that theory.md works by hand
	{4, 1, 0, 1, 2, 2, 1}, // 1×1 kernel
	{3, 3, 0, 1, 1, 2, 2}, // k = d: one number per map
	{5, 3, 1, 1, 2, 2, 2}, // padding that keeps the size
	{5, 2, 0, 2, 1, 2, 2}, // stride 2: no window meets the last row and column
	{6, 3, 1, 2, 2, 1, 2}, // the same with padding
	{4, 3, 2, 3, 1, 2, 1}, // stride 3: two rows of padding are left over
	{5, 1, 0, 3, 1, 1, 2}, // stride beyond the kernel: gaps in ∂y/∂x
	{3, 5, 1, 1, 1, 2, 2}, // a kernel larger than the image
	{9, 3, 1, 1, 3, 4, 2},
	{12, 5, 2, 2, 2, 3, 2}, // one row of padding is left over
	{11, 5, 0, 1, 2, 3, 2},
	{10, 4, 1, 2, 2, 2, 2}, // an even kernel
	{13, 3, 3, 3, 2, 3, 1}, // windows entirely in the padding
	{7, 7, 3, 1, 2, 3, 1},  // k = d with padding
}
