package experiments

import (
	"context"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"

	"cnnlab/data"
	"cnnlab/model"
	"cnnlab/model/ops"
)

// shortTraining is the default on fewer images.
func shortTraining() Config {
	c := weightSharing.Defaults
	c.TrainImages, c.Epochs, c.Batch, c.Hidden = 90, 2, 25, 3
	return c
}

func TestSummedCopiesHaveTheBitsOfTheTiedWeights(t *testing.T) {
	for _, seed := range []uint64{1, 2, 3} {
		c := shortTraining()
		c.Seed = seed
		rows, err := trainShared(context.Background(), c, sharings)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != 2*4*len(sharings) { // 81 images in batches of 25, the last one padded
			t.Fatalf("%d rows", len(rows))
		}
		for i, r := range rows {
			tied := rows[i-i%len(sharings)]
			switch r.Way {
			case "tied", "summed":
				if r.Copies != 0 || r.Tied != 0 || r.Loss != tied.Loss {
					t.Errorf("%+v, tied loss %v", r, tied.Loss)
				}
			case "summed otherwise":
				if r.Copies != 0 || !(r.Tied < 1e-5) {
					t.Errorf("%+v", r)
				}
			case "unsummed":
				if !(r.Copies > 1e-4 && r.Tied > 1e-4) {
					t.Errorf("the constraint holds: %+v", r)
				}
			}
		}
	}
}

// TestWhatBreaksTheConstraintIsReported leaves the sum out and calls it summed.
func TestWhatBreaksTheConstraintIsReported(t *testing.T) {
	rows, err := trainShared(context.Background(), shortTraining(), []sharing{{name: "tied", tied: true}, {name: "summed"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := weightSharingVerdict(rows, nil); err == nil || !strings.Contains(err.Error(), "summed, step 1: the copies differ") {
		t.Errorf("error %v", err)
	}
	rounded, err := trainShared(context.Background(), shortTraining(), []sharing{{name: "tied", tied: true}, {name: "summed", order: []int{0, 1, 2, 3}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := weightSharingVerdict(rounded, nil); err == nil || !strings.Contains(err.Error(), "want the same bits") {
		t.Errorf("error %v", err)
	}
	if err := weightSharingVerdict(nil, []denseRow{{Quantity: "dL/dw", Error: math.NaN()}}); err == nil {
		t.Error("NaN is accepted")
	}
}

// one builds a graph on 1×1 float32 numbers, L = ½(a-t)², and returns dL/dw for
// each node of w.
func one(t *testing.T, target float32, build func(number func(name string, v float32) *gorgonia.Node) (a *gorgonia.Node, w gorgonia.Nodes)) []float64 {
	t.Helper()
	g := gorgonia.NewGraph()
	number := func(name string, v float32) *gorgonia.Node { return netInput(g, name, []float32{v}, 1, 1) }
	a, w := build(number)
	off := gorgonia.Must(gorgonia.Sub(a, number("t", target)))
	loss := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(number("half", 0.5), gorgonia.Must(gorgonia.HadamardProd(off, off))))))
	if _, err := gorgonia.Grad(loss, w...); err != nil {
		t.Fatal(err)
	}
	vm := gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(w...))
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		t.Fatal(err)
	}
	var grads []float64
	for _, n := range w {
		grad, err := n.Grad()
		if err != nil {
			t.Fatal(err)
		}
		grads = append(grads, numbers(grad)...)
	}
	return grads
}

// unit is w·z, a dense layer of one unit.
func unit(number func(name string, v float32) *gorgonia.Node, name string, z, w *gorgonia.Node) *gorgonia.Node {
	return gorgonia.Must(ops.Dense(z, w, number("b"+name, 0)))
}

// TestTheSumOverThePlacesOfTheHandWorkedExamples holds the numbers of theory.md,
// section 2.2: a = w·2 + w·3 with w = 0.5, t = 1, and a = w·(w·2) with w = 3, t = 10.
func TestTheSumOverThePlacesOfTheHandWorkedExamples(t *testing.T) {
	for _, tied := range []bool{true, false} {
		beside := one(t, 1, func(number func(string, float32) *gorgonia.Node) (*gorgonia.Node, gorgonia.Nodes) {
			w := gorgonia.Nodes{number("w1", 0.5)}
			if !tied {
				w = append(w, number("w2", 0.5))
			}
			return gorgonia.Must(gorgonia.Add(unit(number, "1", number("z1", 2), w[0]), unit(number, "2", number("z2", 3), w[len(w)-1]))), w
		})
		behind := one(t, 10, func(number func(string, float32) *gorgonia.Node) (*gorgonia.Node, gorgonia.Nodes) {
			w := gorgonia.Nodes{number("w1", 3)}
			if !tied {
				w = append(w, number("w2", 3))
			}
			return unit(number, "2", unit(number, "1", number("z", 2), w[0]), w[len(w)-1]), w
		})
		wantBeside, wantBehind := []float64{7.5}, []float64{96}
		if !tied {
			wantBeside, wantBehind = []float64{3, 4.5}, []float64{48, 48}
		}
		if !slices.Equal(beside, wantBeside) || !slices.Equal(behind, wantBehind) {
			t.Errorf("tied %v: %v and %v, by hand %v and %v", tied, beside, behind, wantBeside, wantBehind)
		}
	}
}

// TestDecayInsideTheSumCountsOncePerPlace adds λw to the gradient of each copy
// before the sum: that is the tied network with four times the decay.
func TestDecayInsideTheSumCountsOncePerPlace(t *testing.T) {
	c := shortTraining()
	c.WeightDecay = 0.01
	set := data.Digits(c.Seed, c.TrainImages, 1)
	inside := c
	inside.WeightDecay = 0
	copies, err := newSharedTraining(sharing{order: []int{3, 2, 1, 0}}, inside, 10)
	if err != nil {
		t.Fatal(err)
	}
	copies.solver = decayBeforeTheSum{copies.net, c.WeightDecay, copies.order, copies.solver}
	copies.order = nil
	for _, times := range []float64{1, places} {
		tiedConfig := c
		tiedConfig.WeightDecay *= times
		tied, err := newSharedTraining(sharing{tied: true}, tiedConfig, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range set.Batches(set.Train, c.Batch, nil) {
			if _, err := tied.step(b); err != nil {
				t.Fatal(err)
			}
			if times == 1 {
				if _, err := copies.step(b); err != nil {
					t.Fatal(err)
				}
			}
		}
		if off := copies.net.distance(tied.net); (off < 1e-6) != (times == places) {
			t.Errorf("decay times %v: off by %.2g", times, off)
		}
	}
}

// decayBeforeTheSum is the mistake, or the other penalty, as a solver.
type decayBeforeTheSum struct {
	net   *quarterNet
	decay float64
	order []int
	gorgonia.Solver
}

func (d decayBeforeTheSum) Step(params []gorgonia.ValueGrad) error {
	for _, i := range []int{0, 2} { // the weights
		for _, node := range d.net.params[i] {
			grad, err := node.Grad()
			if err != nil {
				return err
			}
			for e, w := range weights(node) {
				grad.Data().([]float32)[e] += float32(d.decay) * w
			}
		}
	}
	if err := d.net.sumGradients(d.order); err != nil {
		return err
	}
	return d.Solver.Step(params)
}

// TestAdamKeepsTheConstraintToo trains the copies with Adam.
func TestAdamKeepsTheConstraintToo(t *testing.T) {
	c := shortTraining()
	set := data.Digits(c.Seed, c.TrainImages, 1)
	var nets []*sharedTraining
	for _, s := range sharings[:2] {
		n, err := newSharedTraining(s, c, 10)
		if err != nil {
			t.Fatal(err)
		}
		n.solver = &model.Adam{LearningRate: 0.01, WeightDecay: c.WeightDecay}
		nets = append(nets, n)
	}
	for _, b := range set.Batches(set.Train, c.Batch, nil) {
		for _, n := range nets {
			if _, err := n.step(b); err != nil {
				t.Fatal(err)
			}
		}
		if off := nets[1].net.distance(nets[0].net); off != 0 {
			t.Errorf("off by %.2g", off)
		}
	}
}

func TestQuartersAreThoseOfTheImage(t *testing.T) {
	c := shortTraining()
	c.Batch = 3
	net, err := newQuarterNet(c, true, 10)
	if err != nil {
		t.Fatal(err)
	}
	b := data.Batch{X: make([]float32, 2*784), Y: []int{4, 7}}
	for i := range b.X {
		b.X[i] = float32(i)
	}
	net.load(b)
	for p, first := range []float32{0, 14, 14 * 28, 14*28 + 14} {
		q := net.x[p][inputs:] // of image 1
		if q[0] != 784+first || q[1] != 785+first || q[quarter] != 784+28+first || q[inputs-1] != 784+first+13*28+13 {
			t.Errorf("quarter %d begins %v", p, q[:3])
		}
		if slices.Max(net.x[p][2*inputs:]) != 0 {
			t.Error("the padding is not empty")
		}
	}
	if !slices.Equal(net.y, []int{4, 7, -1}) {
		t.Errorf("labels %v", net.y)
	}
}

func TestTheDenseLayerHoldsTheJacobianByX(t *testing.T) {
	for _, c := range denseShapes {
		c.batch = 1
		r := rand.New(rand.NewPCG(1, 1))
		x, w := draw(r, c.zerosX()), draw(r, c.zerosW())
		place := c.places()
		for i, row := range differences(c, x, w).byX {
			for e, want := range row {
				var got float64
				if at := place[i*len(x.v)+e]; at >= 0 {
					got = w.v[at]
				}
				if math.Abs(got-want) > 1e-9 {
					t.Fatalf("%v: weight from %d to %d is %v, want %v", c, e, i, got, want)
				}
			}
		}
	}
}

func TestAConvolutionIsADenseLayerWithSharedWeights(t *testing.T) {
	rows, err := compareWithDense(5)
	if err != nil || len(rows) != 3*len(denseShapes) {
		t.Fatal(len(rows), err)
	}
	for _, r := range rows {
		if !(r.Error < 2e-6) {
			t.Errorf("%+v", r)
		}
	}
	// k = d: every weight has one place; otherwise as many as windows meet it
	if r := rows[6]; r.Weights != r.Places || r.Places != r.DenseWeights {
		t.Errorf("%+v", r)
	}
	// 8×8, k = 3, padding 1: the middle weight has 64 places, the edges 56, the corners 49
	if r := rows[0]; r.Places != 2*3*(64+4*56+4*49) {
		t.Errorf("%+v", r)
	}
}

func TestTheSeedRulesTheSharingToTheByte(t *testing.T) {
	var tables []string
	for _, seed := range []uint64{4, 4, 5} {
		o := Options{Experiment: weightSharing, Out: t.TempDir(), Limit: 60, Override: []func(c *Config){func(c *Config) { c.Seed, c.Epochs = seed, 1 }}}
		if err := weightSharing.Run(context.Background(), o, io.Discard, io.Discard); err != nil {
			t.Fatal(err)
		}
		var all string
		for _, name := range []string{"weight-sharing.csv", "convolution.csv", "summary.md"} {
			text, err := os.ReadFile(filepath.Join(o.Out, "weight-sharing", name))
			if err != nil {
				t.Fatal(err)
			}
			all += string(text)
		}
		tables = append(tables, all)
	}
	if tables[0] != tables[1] || tables[0] == tables[2] {
		t.Error("want the same bytes for the same seed only")
	}
}
