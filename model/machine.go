package model

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"cnnlab/model/internal/kernel"
)

// machine is a network with its input buffers and the tape of its operations.
type machine struct {
	net  *Network
	tape *tape
	x    []float32 // N×C×H×W
	y    []int     // N
	runs int       // of the tape
}

func newMachine(net *Network, grads gorgonia.Nodes) (*machine, error) {
	if err := kernel.Err(); err != nil {
		return nil, err
	}
	outputs := append(gorgonia.Nodes{net.Loss, net.Logits}, grads...)
	tape, err := newTape(net.Graph, outputs, net.input.Ops.watch)
	if err != nil {
		return nil, err
	}
	return &machine{net: net, tape: tape, x: net.X.Value().Data().([]float32), y: net.Y.Value().Data().([]int)}, nil
}

// batch runs the graph on n images x and their labels y. If n is less than the batch
// size, the rest is padding. The gradients stay in their nodes. The error is
// ErrDiverged if the loss is not finite; the result is valid even then.
func (m *machine) batch(x []float32, y []int, step int) (s Stats, err error) {
	n, classes := len(y), m.net.Logits.Shape()[1]
	switch size := len(m.x) / len(m.y); {
	case n < 1 || n > len(m.y):
		return s, errors.Errorf("a batch of %d images, want 1 to %d", n, len(m.y))
	case len(x) != n*size:
		return s, errors.Errorf("%d numbers for %d images, want %d", len(x), n, n*size)
	case slices.Min(y) < 0 || slices.Max(y) >= classes:
		return s, errors.Errorf("labels from %d to %d, want 0 to %d", slices.Min(y), slices.Max(y), classes-1)
	}
	clear(m.x[copy(m.x, x):])
	for i := copy(m.y, y); i < len(m.y); i++ {
		m.y[i] = -1
	}
	if m.net.step != nil {
		if err := gorgonia.Let(m.net.step, step); err != nil {
			return s, err
		}
	}
	if err := m.tape.run(); err != nil {
		return Stats{math.NaN(), 0, n}, err
	}
	// Now all buffers are there, and more batches are likely. Gorgonia's operations make new
	// buffers all the time, and large pages would slow them down.
	if m.runs++; m.runs == 2 && m.net.input.Ops.Name == FastOps.Name {
		go useLargePages(m.x)
	}
	loss := float64(m.net.Loss.Value().Data().(float32))
	s = Stats{Loss: loss * float64(n), Count: n}
	for i := range y {
		if best(m.logits(i)) == y[i] {
			s.Correct++
		}
	}
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return s, errors.Wrapf(ErrDiverged, "loss is %v", loss)
	}
	return s, nil
}

func (m *machine) logits(i int) []float32 {
	k := m.net.Logits.Shape()[1]
	return m.net.Logits.Value().Data().([]float32)[i*k : (i+1)*k]
}

// best returns the index of the largest entry, the first among equals.
func best[T float32 | float64](x []T) int {
	b := 0
	for i, v := range x {
		if v > x[b] {
			b = i
		}
	}
	return b
}
