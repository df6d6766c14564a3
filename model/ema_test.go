package model

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/nlpodyssey/safetensors"
	"gorgonia.org/gorgonia"
)

// By hand, η = 0.1, w = 1, D = 0.2:
//
//	g = 10:  w = 0, d = min(0.2, 2/11) = 2/11, a = 2/11·1 + 9/11·0 = 0.181818
//	g = -10: w = 1, d = min(0.2, 3/12) = 0.2,  a = 0.2·0.181818 + 0.8·1 = 0.836364
func TestEMAFollowsTheWeights(t *testing.T) {
	w := parameter(t, "fc1.weight", []float32{1}, []float32{10})
	s := &EMA{Solver: &SGD{LearningRate: 0.1}, Decay: 0.2}
	params := gorgonia.NodesToValueGrads(gorgonia.Nodes{w})
	for i, want := range []struct{ w, average float64 }{{0, 2.0 / 11}, {1, 0.4/11 + 0.8}} {
		if i > 0 {
			setGrad(t, w, -10)
		}
		if err := s.Step(params); err != nil {
			t.Fatal(err)
		}
		wantWeights(t, w, want.w)
		if got := float64(s.Averages[0][0]); math.Abs(got-want.average) > 1e-6 {
			t.Errorf("average after step %d: %v, want %v", i+1, got, want.average)
		}
	}
}

// TestTheAveragesAreScoredAndWrittenAndTrainingDoesNotSeeThem compares the
// averages with those in float64, the score with the float64 loops over them, and
// the weights with those of a training without averages.
func TestTheAveragesAreScoredAndWrittenAndTrainingDoesNotSeeThem(t *testing.T) {
	for name, solver := range kinds {
		p := lenet
		p.dropout, p.convDropout = 0.4, 0.2
		plainNet, plain := p.train(t, FastOps, solver())
		net, trainer := p.train(t, FastOps, &EMA{Solver: solver(), Decay: 0.9})
		e, err := trainer.NewEvaluator(20)
		if err != nil {
			t.Fatal(err)
		}
		var want [][]float64 // averages
		for _, n := range net.Learnables {
			want = append(want, float64s(net.weights[n.Name()]))
		}
		x, y := p.batch(32)
		for step := range 100 {
			if _, err := trainer.Step(x, y); err != nil {
				t.Fatal(err)
			}
			if _, err := plain.Step(x, y); err != nil {
				t.Fatal(err)
			}
			d := min(0.9, float64(step+2)/float64(step+11))
			for i, n := range net.Learnables {
				for j, w := range net.weights[n.Name()] {
					want[i][j] = d*want[i][j] + (1-d)*float64(w)
				}
			}
		}
		var file bytes.Buffer
		if err := trainer.WriteWeights(&file, nil); err != nil {
			t.Fatal(err)
		}
		written, err := safetensors.Deserialize(file.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		apart := 0.0
		for i, n := range net.Learnables {
			if !slices.Equal(net.weights[n.Name()], plainNet.weights[n.Name()]) {
				t.Errorf("%s: %v is trained otherwise than without averages", name, n)
			}
			compare(t, name+" "+n.Name(), trainer.learned[n.Name()], want[i])
			if view, ok := written.Tensor(n.Name()); !ok || !bytes.Equal(view.Data(), littleEndian(trainer.learned[n.Name()])) {
				t.Errorf("%s: %v in the file is not the average", name, n)
			}
			for j, w := range net.weights[n.Name()] {
				apart = max(apart, math.Abs(want[i][j]-float64(w)))
			}
		}
		if apart < 1e-3 {
			t.Errorf("%s: weights and averages differ by %v at most; this would not tell them apart", name, apart)
		}
		s, _, err := e.Evaluate(x[:20*144], y[:20])
		if err != nil {
			t.Fatal(err)
		}
		p.dropout, p.convDropout, p.n = 0, 0, 20
		ref := newLoops(p, net, x[:20*144], y[:20])
		raw := ref.loss()
		ref.params = want
		if loss := ref.loss(); math.Abs(s.MeanLoss()-loss) > 1e-5*loss || math.Abs(raw-loss) < 1e-4*loss {
			t.Errorf("%s: loss %v, by hand %v with the averages and %v with the weights", name, s.MeanLoss(), loss, raw)
		}
	}
}

// TestTheAveragesBeginAsTheWeightsBeforeTheFirstStep, also if these are read from a
// file after the trainer is made.
func TestTheAveragesBeginAsTheWeightsBeforeTheFirstStep(t *testing.T) {
	other := tiny.input(FastOps)
	other.Seed++
	source, err := New(other, tiny.layers)
	if err != nil {
		t.Fatal(err)
	}
	net, trainer := tiny.train(t, FastOps, &EMA{Solver: &SGD{}, Decay: 0.9})
	same := func(when string) {
		t.Helper()
		for _, n := range net.Learnables {
			if !slices.Equal(trainer.learned[n.Name()], net.weights[n.Name()]) {
				t.Errorf("%s: the average of %v is not the weight", when, n)
			}
		}
	}
	same("before any step")
	if err := net.ReadWeights(written(t, source)); err != nil {
		t.Fatal(err)
	}
	x, y := tiny.batch(tiny.n)
	if _, err := trainer.Step(x, y); err != nil { // with a learning rate of 0
		t.Fatal(err)
	}
	same("after weights were read and a step changed nothing")
}

func TestEMAThatCannotBeIsRefused(t *testing.T) {
	w := parameter(t, "w.weight", []float32{1, 2}, []float32{0, 0})
	params := gorgonia.NodesToValueGrads(gorgonia.Nodes{w})
	if err := (&EMA{Solver: &SGD{}, Averages: [][]float32{{1}}}).Step(params); err == nil {
		t.Error("averages of another shape were accepted")
	}
	setGrad(t, w, float32(math.Inf(1)), 0)
	s := &EMA{Solver: &SGD{LearningRate: 1}, Decay: 0.5}
	if err := s.Step(params); !errors.Is(err, ErrDiverged) || !slices.Equal(s.Averages[0], []float32{1, 2}) {
		t.Errorf("diverged: averages %v, error %v, want those before it and ErrDiverged", s.Averages, err)
	}
	_, averaged := tiny.train(t, FastOps, &EMA{Solver: &SGD{}})
	averaged.learned["fc2.bias"][1] = float32(math.Inf(1))
	c, err := ParseCheckpoint(checkpointOf(t, averaged))
	if err != nil {
		t.Fatal(err)
	}
	if err := averaged.Restore(c); err == nil || !strings.Contains(err.Error(), "average.fc2.bias: entry 1 is +Inf") {
		t.Errorf("an infinite average in a checkpoint: error %v", err)
	}
	_, trainer := tiny.train(t, FastOps, &EMA{Solver: new(keeper)})
	if err := trainer.WriteCheckpoint(new(bytes.Buffer), nil); err == nil || !strings.Contains(err.Error(), "EMA of one") {
		t.Errorf("a solver without state in it: error %v", err)
	}
}
