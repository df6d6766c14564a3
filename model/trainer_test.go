package model

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/nlpodyssey/safetensors"
)

var lenet = plan{n: 32, c: 1, h: 12, w: 12, maps: []int{8, 16}, kernel: 3, hidden: 32, classes: 10}

func TestOverfits32Images(t *testing.T) {
	for name, solver := range map[string]func() Solver{
		"sgd":  func() Solver { return &SGD{LearningRate: 0.05, Momentum: 0.9} },
		"adam": func() Solver { return &Adam{LearningRate: 0.005} },
	} {
		for _, backend := range []Ops{FastOps, GorgoniaOps} {
			_, trainer := lenet.train(t, backend, solver())
			x, y := lenet.batch(32)
			var s Stats
			for range 60 {
				var err error
				if s, err = trainer.Step(x, y); err != nil {
					t.Fatal(name, backend.Name, err)
				}
			}
			if s.Correct != 32 || s.MeanLoss() > 0.02 {
				t.Errorf("%s, %s: %d of 32 learned, loss %.3f", name, backend.Name, s.Correct, s.MeanLoss())
			}
		}
	}
}

// TestSmallerBatchIsTrainedWithItsOwnMean compares a batch of 3 in a network for
// 5 with the same batch in a network for 3.
func TestSmallerBatchIsTrainedWithItsOwnMean(t *testing.T) {
	exact := odd
	exact.n = 3
	x, y := odd.batch(3)
	var a, b keeper
	net, large := odd.train(t, FastOps, &a)
	_, small := exact.train(t, FastOps, &b)
	// a full batch first, so that its remains would show
	fullX, fullY := odd.batch(5)
	if _, err := large.Step(fullX, fullY); err != nil {
		t.Fatal(err)
	}
	a.grads = nil
	sa, errA := large.Step(x, y)
	sb, errB := small.Step(x, y)
	if errA != nil || errB != nil || sa.Count != 3 || sa.Correct != sb.Correct || math.Abs(sa.Loss-sb.Loss) > 1e-5 {
		t.Fatalf("padded %+v %v, exact %+v %v", sa, errA, sb, errB)
	}
	for i := range a.grads {
		compare(t, net.Learnables[i].Name(), a.grads[i], float64s(b.grads[i]))
	}
}

// TestStepRefusesABadBatch also makes a good step afterwards, which has to be the
// first.
func TestStepRefusesABadBatch(t *testing.T) {
	net, trainer := drops.train(t, FastOps, &SGD{LearningRate: 0.1})
	twin, untouched := drops.train(t, FastOps, &SGD{LearningRate: 0.1})
	x, y := drops.batch(5)
	size := len(x) / 5
	for name, c := range map[string]struct {
		x []float32
		y []int
	}{"none": {nil, nil}, "too many": {x, y}, "short images": {x[:2*size-1], y[:2]}, "label 4": {x[:size], []int{4}}, "label -1": {x[:size], []int{-1}}} {
		if _, err := trainer.Step(c.x, c.y); err == nil || errors.Is(err, ErrDiverged) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	for _, trainer := range []*Trainer{trainer, untouched} {
		if _, err := trainer.Step(x[:4*size], y[:4]); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(written(t, net), written(t, twin)) || trainer.steps != 1 || trainer.loss != untouched.loss {
		t.Error("a refused batch counts as a step")
	}
}

// TestDivergenceIsAnErrorNotACrash drives every backend to infinity.
func TestDivergenceIsAnErrorNotACrash(t *testing.T) {
	for _, backend := range []Ops{FastOps, GorgoniaOps} {
		for _, lr := range []float64{10, 1e6, 1e25, 1e38} {
			_, trainer := lenet.train(t, backend, &SGD{LearningRate: lr, Momentum: 0.9})
			x, y := lenet.batch(32)
			var err error
			steps := 0
			for ; err == nil && steps < 50; steps++ {
				_, err = trainer.Step(x, y)
			}
			if !errors.Is(err, ErrDiverged) {
				t.Errorf("%s, rate %g: after %d steps %v, want ErrDiverged", backend.Name, lr, steps, err)
			}
		}
	}
}

// TestEvaluationSeesWeightsWithoutDropout also counts the score by hand.
func TestEvaluationSeesWeightsWithoutDropout(t *testing.T) {
	p := lenet
	p.dropout, p.convDropout = 0.6, 0.3
	net, trainer := p.train(t, FastOps, &SGD{LearningRate: 0.02, Momentum: 0.9})
	e, err := NewEvaluator(net, 20)
	if err != nil {
		t.Fatal(err)
	}
	x, y := p.batch(32)
	evaluate := func() (Stats, []Prediction) {
		s, predicted, err := e.Evaluate(x[:20*144], y[:20])
		if err != nil {
			t.Fatal(err)
		}
		return s, slices.Clone(predicted)
	}
	before, _ := evaluate()
	for range 30 {
		if _, err := trainer.Step(x, y); err != nil {
			t.Fatal(err)
		}
	}
	after, predicted := evaluate()
	again, predictedAgain := evaluate()
	if after != again || !slices.Equal(predicted, predictedAgain) {
		t.Errorf("two evaluations differ: %+v, %+v", after, again)
	}
	if after.Loss >= before.Loss {
		t.Errorf("the loss went from %v to %v: does the evaluator see the training?", before.Loss, after.Loss)
	}
	// the same weights in float64 loops without dropout
	p.dropout, p.convDropout = 0, 0
	p.n = 20
	ref := newLoops(p, net, x[:20*144], y[:20])
	if want := ref.loss(); math.Abs(after.MeanLoss()-want) > 1e-5*want {
		t.Errorf("loss %v, by hand %v", after.MeanLoss(), want)
	}
	correct := 0
	for i, q := range predicted {
		if q.Class == y[i] {
			correct++
		}
		if q.Confidence < 0.1 || q.Confidence > 1 {
			t.Errorf("confidence %v of the most likely of 10 classes", q.Confidence)
		}
	}
	if correct != after.Correct || after.Count != 20 {
		t.Errorf("%d correct of %d, by hand %d of 20", after.Correct, after.Count, correct)
	}
}

// TestStepAllocatesNoMoreInTime measures the bytes a step allocates early and
// late, and the heap that stays.
func TestStepAllocatesNoMoreInTime(t *testing.T) {
	_, trainer := lenet.train(t, FastOps, &SGD{LearningRate: 0.001, Momentum: 0.9})
	x, y := lenet.batch(32)
	run := func(steps int) (perStep, live uint64) {
		var a, b runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&a)
		for range steps {
			if _, err := trainer.Step(x, y); err != nil {
				t.Fatal(err)
			}
		}
		runtime.ReadMemStats(&b)
		runtime.GC()
		var c runtime.MemStats
		runtime.ReadMemStats(&c)
		return (b.TotalAlloc - a.TotalAlloc) / uint64(steps), c.HeapAlloc
	}
	run(20)
	early, liveEarly := run(100)
	late, liveLate := run(400)
	if late > early+early/10+256 || liveLate > liveEarly+64<<10 {
		t.Errorf("%d bytes a step early and %d late; %d bytes live early and %d late", early, late, liveEarly, liveLate)
	}
	if early > 64<<10 {
		t.Errorf("%d bytes a step, want less than 64 KiB", early)
	}
}

func TestWeightsAreReadableUnderPyTorchsNames(t *testing.T) {
	net, _ := odd.train(t, FastOps, &SGD{})
	var file bytes.Buffer
	if err := net.WriteWeights(&file, nil); err != nil {
		t.Fatal(err)
	}
	st, err := safetensors.Deserialize(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"conv1.weight": "[4 3 5 5]", "conv1.bias": "[4]", "conv2.weight": "[3 4 5 5]", "conv2.bias": "[3]",
		"fc1.weight": "[6 12]", "fc1.bias": "[6]", "fc2.weight": "[3 6]", "fc2.bias": "[3]",
	}
	if st.Len() != len(want) {
		t.Errorf("%d tensors, want %d: %v", st.Len(), len(want), st.Names())
	}
	for name, shape := range want {
		view, ok := st.Tensor(name)
		if !ok || fmt.Sprint(view.Shape()) != shape || view.DType() != safetensors.F32 {
			t.Errorf("%s: %v %v, want %s", name, view.Shape(), view.DType(), shape)
		}
		if !bytes.Equal(view.Data(), littleEndian(net.weights[name])) {
			t.Errorf("%s holds other numbers", name)
		}
	}
	if n := net.Parameters(); n != 300+4+300+3+72+6+18+3 {
		t.Errorf("%d parameters", n)
	}
}

func TestHeInitialisationIsSeededAndHasItsVariance(t *testing.T) {
	w := normal(1, 0, heSD(50), 100_000)
	var sum, squares float64
	for _, v := range float64s(w) {
		sum += v
		squares += v * v
	}
	n := float64(len(w))
	if mean := sum / n; math.Abs(mean) > 5*math.Sqrt(0.04/n) {
		t.Errorf("mean %v, want 0", mean)
	}
	if variance := squares / n; math.Abs(variance-0.04) > 5*0.04*math.Sqrt(2/n) {
		t.Errorf("variance %v, want 2/50", variance)
	}
	if !slices.Equal(w[:9], normal(1, 0, heSD(50), 9)) {
		t.Error("the same seed gives other weights")
	}
	if slices.Equal(w[:9], normal(2, 0, heSD(50), 9)) || slices.Equal(w[:9], normal(1, 1, heSD(50), 9)) {
		t.Error("another seed or parameter gives the same weights")
	}
}

func TestTheFirstLossIsThatOfGuessing(t *testing.T) {
	_, trainer := lenet.train(t, FastOps, &SGD{})
	x, y := lenet.batch(32)
	s, err := trainer.Step(x, y)
	if err != nil || math.Abs(s.MeanLoss()-math.Log(10)) > 0.1 {
		t.Errorf("loss %v, want about ln 10; %v", s.MeanLoss(), err)
	}
}

func TestNewRefusesAnImpossibleNetwork(t *testing.T) {
	small := tiny
	small.maps = []int{1, 1, 1, 1}
	for name, p := range map[string]plan{"four poolings of 8×8": small, "no batch": {c: 1, h: 8, w: 8, maps: []int{1}, kernel: 3, hidden: 1, classes: 2}, "no hidden unit": {n: 1, c: 1, h: 4, w: 4, maps: []int{1}, kernel: 3, classes: 2}, "no map": {n: 1, c: 1, h: 4, w: 4, maps: []int{0}, kernel: 3, hidden: 1, classes: 2}, "kernel 0": {n: 1, c: 1, h: 4, w: 4, maps: []int{1}, hidden: 1, classes: 2}} {
		if _, err := New(p.input(FastOps), p.layers); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := New(tiny.input(FastOps), func(net *Network) { net.Rectify(net.X) }); err == nil {
		t.Error("accepted a network without a loss")
	}
}
