package theory

import (
	"context"
	"math"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"

	"cnnlab/data"
	"cnnlab/experiments/report/runs"
	"cnnlab/model"
)

// sharings are the ways that the experiment compares.
var sharings = []Sharing{{Name: "tied", Tied: true}, {Name: "summed", Order: []int{3, 2, 1, 0}}, {Name: "summed otherwise", Order: []int{0, 1, 2, 3}}, {Name: "unsummed"}}

// shortTraining is that of the experiment on fewer images.
func shortTraining() runs.Config {
	return runs.Config{TrainImages: 90, Epochs: 2, Batch: 25, Hidden: 3, LR: 0.02, Momentum: 0.9, WeightDecay: 5e-4, Seed: 1}
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
	rows, err := trainShared(context.Background(), shortTraining(), []Sharing{{Name: "tied", Tied: true}, {Name: "summed"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := weightSharingVerdict(rows, nil); err == nil || !strings.Contains(err.Error(), "summed, step 1: the copies differ") {
		t.Errorf("error %v", err)
	}
	rounded, err := trainShared(context.Background(), shortTraining(), []Sharing{{Name: "tied", Tied: true}, {Name: "summed", Order: []int{0, 1, 2, 3}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := weightSharingVerdict(rounded, nil); err == nil || !strings.Contains(err.Error(), "want the same bits") {
		t.Errorf("error %v", err)
	}
	if err := weightSharingVerdict([]sharingRow{{Way: "unsummed", Step: 1}}, nil); err == nil || !strings.Contains(err.Error(), "want the constraint broken") {
		t.Errorf("error %v", err)
	}
	if err := weightSharingVerdict(nil, []denseRow{{Quantity: "dL/dw", Error: math.NaN()}}); err == nil {
		t.Error("NaN is accepted")
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
	copies, err := newSharedTraining(Sharing{Order: []int{3, 2, 1, 0}}, inside, 10)
	if err != nil {
		t.Fatal(err)
	}
	copies.solver = decayBeforeTheSum{copies.net, c.WeightDecay, copies.Order, copies.solver}
	copies.Order = nil
	for _, times := range []float64{1, places} {
		tiedConfig := c
		tiedConfig.WeightDecay *= times
		tied, err := newSharedTraining(Sharing{Tied: true}, tiedConfig, 10)
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
			for e, w := range node.Value().Data().([]float32) {
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

func TestTheSeedRulesTheSharingToTheByte(t *testing.T) {
	var tables []string
	for _, seed := range []uint64{4, 4, 5} {
		c := shortTraining()
		c.TrainImages, c.Epochs, c.Seed = 60, 1, seed
		page, err := WeightSharing(t.Context(), c, sharings, denseShapes)
		if err != nil {
			t.Fatal(err)
		}
		tables = append(tables, csvOf(t, page, "weight-sharing.csv")+csvOf(t, page, "convolution.csv")+page.Text)
	}
	if tables[0] != tables[1] || tables[0] == tables[2] {
		t.Error("want the same bytes for the same seed only")
	}
}
