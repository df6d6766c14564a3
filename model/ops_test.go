package model

import (
	"fmt"
	"regexp"
	"slices"
	"testing"
)

// TestBackendsAgree holds the fast operations against Gorgonia's own and against
// those that are not fused, in the loss and in every gradient.
func TestBackendsAgree(t *testing.T) {
	wide := plan{n: 9, c: 3, h: 16, w: 16, maps: []int{8, 12}, kernel: 3, hidden: 20, classes: 10}
	for name, p := range map[string]plan{"tiny": tiny, "odd": odd, "three": three, "drops": drops, "wide": wide} {
		for _, other := range []Ops{GorgoniaOps, separate} {
			t.Run(name+" "+other.Name, func(t *testing.T) {
				var fast, stock keeper
				net, a := p.train(t, FastOps, &fast)
				_, b := p.train(t, other, &stock)
				x, y := p.batch(p.n)
				for range 2 { // the second step finds no remains of the first
					fast.grads, stock.grads = nil, nil
					sa, errA := a.Step(x, y)
					sb, errB := b.Step(x, y)
					if errA != nil || errB != nil {
						t.Fatal(errA, errB)
					}
					if d := sa.MeanLoss() - sb.MeanLoss(); d > 1e-6 || d < -1e-6 || sa.Correct != sb.Correct {
						t.Errorf("fast %+v, %s %+v", sa, other.Name, sb)
					}
					for i, g := range fast.grads {
						compare(t, net.Learnables[i].Name(), g, float64s(stock.grads[i]))
					}
				}
			})
		}
	}
}

// operations lists the operations of a network's graph, in order.
func operations(net *Network) (names []string) {
	argument := regexp.MustCompile(`[(<{=\[ ].*`)
	for _, n := range net.Graph.AllNodes() {
		if n.Op() != nil {
			names = append(names, argument.ReplaceAllString(fmt.Sprint(n.Op()), ""))
		}
	}
	return names
}

// executed lists the operations that a machine runs, in order.
func executed(m *machine) (names []string) {
	for _, o := range m.tape.operations {
		names = append(names, fmt.Sprint(o.node.Op()))
	}
	return names
}

// TestGraphsContainTheOperationsNamed shows what each backend builds and that the
// graph for evaluation has no dropout.
func TestGraphsContainTheOperationsNamed(t *testing.T) {
	net, trainer := drops.train(t, separate, &SGD{})
	forward := []string{"Conv2d", "Rectify", "MaxPool2D", "Conv2d", "Rectify", "MaxPool2D", "Dropout", "Dense", "Rectify", "Dropout", "Dense", "CrossEntropy"}
	backward := []string{"const", "CrossEntropyGrad",
		"DenseGradX", "DenseGradW", "DenseGradBias", "DropoutGrad", "RectifyGrad",
		"DenseGradX", "DenseGradW", "DenseGradBias", "DropoutGrad",
		"MaxPool2DGrad", "RectifyGrad", "Conv2dGradX", "Conv2dGradW", "Conv2dGradBias",
		"MaxPool2DGrad", "RectifyGrad", "Conv2dGradX", "Conv2dGradW", "Conv2dGradBias"}
	if got := operations(net); !slices.Equal(got, append(forward, backward...)) {
		t.Errorf("training graph:\n%v, want\n%v", got, append(forward, backward...))
	}
	evaluator, err := NewEvaluator(trainer.net, 2)
	if err != nil {
		t.Fatal(err)
	}
	want := slices.DeleteFunc(forward, func(s string) bool { return s == "Dropout" })
	if got := operations(evaluator.machine.net); !slices.Equal(got, want) {
		t.Errorf("evaluation graph:\n%v, want\n%v", got, want)
	}
	stock, _ := drops.train(t, GorgoniaOps, &SGD{})
	got := operations(stock)
	for _, name := range []string{"im2col", "MaxPool", ">", "Dropout", "Dense", "CrossEntropy"} {
		if !slices.ContainsFunc(got, func(s string) bool { return regexp.MustCompile("(?i)^" + name).MatchString(s) }) {
			t.Errorf("gorgonia's graph has no %s: %v", name, got)
		}
	}
	for _, name := range []string{"Conv2d", "Rectify", "MaxPool2D"} {
		if slices.Contains(got, name) {
			t.Errorf("gorgonia's graph has our %s", name)
		}
	}
}

// TestFastMachineRunsNoMoreThanItMust shows that the chains are fused, that what
// they replaced is not run, and that nobody computes the gradient of the images.
func TestFastMachineRunsNoMoreThanItMust(t *testing.T) {
	_, trainer := drops.train(t, FastOps, &SGD{})
	want := []string{
		"Conv2dRectifyMaxPool2D", "Conv2dRectifyMaxPool2D", "Dropout", "Dense", "Rectify", "Dropout", "Dense", "CrossEntropy", "CrossEntropyGrad",
		"DenseGradX", "DenseGradW", "DenseGradBias", "DropoutGrad", "RectifyGrad",
		"DenseGradX", "DenseGradW", "DenseGradBias", "DropoutGrad",
		"Conv2dRectifyMaxPool2DGradX", "Conv2dRectifyMaxPool2DGradW", "Conv2dRectifyMaxPool2DGradBias",
		"Conv2dRectifyMaxPool2DGradW", "Conv2dRectifyMaxPool2DGradBias",
	}
	if got := executed(trainer.machine); !slices.Equal(got, want) {
		t.Errorf("the tape is\n%v, want\n%v", got, want)
	}
}

func TestOpsNamedRefusesAnotherName(t *testing.T) {
	if _, err := OpsNamed("cuda"); err == nil {
		t.Error("accepted cuda")
	}
	if o, err := OpsNamed("gorgonia"); err != nil || o.Name != "gorgonia" {
		t.Error(o.Name, err)
	}
}
