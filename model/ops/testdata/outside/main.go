// Command outside trains a small CNN with the operations of cnnlab/model/ops in a
// Gorgonia program of its own: Gorgonia's graph, autodiff, tape machine and solver. It
// learns to tell horizontal stripes from vertical ones under noise.
//
//	go run .
package main

import (
	"fmt"
	"log"
	"math/rand/v2"

	. "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"cnnlab/model/ops"
)

const n, side, maps, classes = 32, 12, 8, 2 // images per step, their size, feature maps, classes

func main() {
	g := NewGraph()
	x := NewTensor(g, Float32, 4, WithName("images"), WithShape(n, 1, side, side))
	labels := NewVector(g, Int, WithName("labels"), WithShape(n))
	step := NewScalar(g, Int, WithName("step")) // Dropout drops different entries at each step
	parameter := func(name string, init InitWFn, shape ...int) *Node {
		return NewTensor(g, Float32, len(shape), WithName(name), WithShape(shape...), WithInit(init))
	}
	w1, b1 := parameter("w1", GlorotN(1), maps, 1, 3, 3), parameter("b1", Zeroes(), 1, maps, 1, 1)
	w2, b2 := parameter("w2", GlorotN(1), classes, maps*side*side/4), parameter("b2", Zeroes(), 1, classes)

	h := Must(ops.BiasedConv2d(x, w1, b1, []int{1, 1}, []int{1, 1}, nil))
	h = Must(ops.Rectify(h))
	h = Must(ops.FusedMaxPool2D(h, []int{2, 2}, nil, []int{2, 2})) // fused with the two before
	h = Must(ops.Dropout(h, step, 0.25, 1))
	logits := Must(ops.Dense(h, w2, b2))
	loss := Must(ops.CrossEntropy(logits, labels))

	parameters := Nodes{w1, b1, w2, b2}
	grads, err := Grad(loss, parameters...)
	check(err)
	// Compile only what is needed: without the convolution that FusedMaxPool2D replaces.
	program, locations, err := CompileFunction(g, Nodes{x, labels, step, w1, b1, w2, b2}, append(grads, loss))
	check(err)
	machine := NewTapeMachine(g, WithPrecompiled(program, locations), BindDualValues(parameters...))
	defer machine.Close()
	solver := NewAdamSolver(WithLearnRate(0.01))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 60 {
		images, answers := stripes(random)
		check(Let(x, images))
		check(Let(labels, answers))
		check(Let(step, i+1))
		check(machine.RunAll())
		check(solver.Step(NodesToValueGrads(parameters)))
		if i == 0 || (i+1)%20 == 0 {
			fmt.Printf("step %2d  loss %.4f\n", i+1, loss.Value().Data())
		}
		machine.Reset()
	}
}

// stripes draws a batch: class 0 has horizontal stripes, class 1 vertical ones.
func stripes(random *rand.Rand) (images, labels *tensor.Dense) {
	x, y := make([]float32, n*side*side), make([]int, n)
	for i := range x {
		image, row, column := i/(side*side), i/side%side, i%side
		y[image] = image % classes
		x[i] = float32([]int{row, column}[y[image]]/2%2) + float32(random.NormFloat64())
	}
	return tensor.New(tensor.WithShape(n, 1, side, side), tensor.WithBacking(x)), tensor.New(tensor.WithShape(n), tensor.WithBacking(y))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
