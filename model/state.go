package model

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/nlpodyssey/safetensors"
	"github.com/pkg/errors"
)

// stateful is a Solver of which all that it remembers can be written down.
type stateful interface {
	// state is what it remembers of each parameter, by a name; nil if not all can
	// be written.
	state() map[string]*[][]float32
	// resume tells it how many steps the state comes from.
	resume(steps int)
}

// maxSlots is the most tensors that there are for a parameter: its value and
// what a solver remembers of it.
const maxSlots = 4

func (s *SGD) state() map[string]*[][]float32 {
	return map[string]*[][]float32{"velocity": &s.Velocity}
}

func (s *SGD) resume(int) {}

func (s *Adam) state() map[string]*[][]float32 {
	return map[string]*[][]float32{"m": &s.M, "v": &s.V}
}

func (s *Adam) resume(steps int) { s.Steps = steps }

// averageSlot names the averages, which are weights.
const averageSlot = "average"

func (s *EMA) state() map[string]*[][]float32 {
	inner, ok := s.Solver.(stateful)
	if !ok {
		return nil
	}
	all := inner.state()
	all[averageSlot] = &s.Averages
	return all
}

func (s *EMA) resume(steps int) {
	s.Steps = steps
	s.Solver.(stateful).resume(steps)
}

// tensors are numbers that a training holds, by their names in a file.
type tensors map[string]parameterTensor

type parameterTensor struct {
	shape   []uint64 // that of PyTorch's state_dict
	numbers []float32
	finite  bool // must be: a weight; Adam's second moments can overflow
}

// tensors are all numbers that the next step depends on.
func (t *Trainer) tensors() (tensors, error) {
	var slots map[string]*[][]float32
	if solver, ok := t.solver.(stateful); ok {
		slots = solver.state()
	}
	if slots == nil {
		return nil, errors.Errorf("solver %T has no state that can be written, want SGD or Adam, or an EMA of one", t.solver)
	}
	all := t.net.tensors(t.net.weights)
	for slot, state := range slots {
		for i, n := range t.net.Learnables {
			weight := all[n.Name()]
			numbers, err := entry(state, i, len(weight.numbers))
			if err != nil {
				return nil, err
			}
			all[slot+"."+n.Name()] = parameterTensor{weight.shape, numbers, slot == averageSlot}
		}
	}
	return all, nil
}

// tensors are the weights and biases, or other numbers by their names.
func (net *Network) tensors(numbers map[string][]float32) tensors {
	all := make(tensors)
	for _, n := range net.Learnables {
		all[n.Name()] = parameterTensor{stateDictShape(n), numbers[n.Name()], true}
	}
	return all
}

// views are the tensors as the safetensors format has them.
func (ts tensors) views() (map[string]safetensors.TensorView, error) {
	views := make(map[string]safetensors.TensorView)
	for name, t := range ts {
		view, err := safetensors.NewTensorView(safetensors.F32, t.shape, littleEndian(t.numbers))
		if err != nil {
			return nil, errors.Wrap(err, name)
		}
		views[name] = view
	}
	return views, nil
}

// read returns the numbers of each of the tensors, which must be all that there
// are, out of the data of a file.
func (ts tensors) read(found map[string]*safetensors.TensorInfo, data []byte) (map[string][]float32, error) {
	for name := range found {
		if _, ok := ts[name]; !ok {
			return nil, errors.Errorf("there is a tensor %.60q, which this network and solver have not", name)
		}
	}
	all := make(map[string][]float32)
	for name, t := range ts {
		info := found[name]
		if info == nil {
			return nil, errors.Errorf("there is no tensor %q", name)
		}
		if info.DType != safetensors.F32 || !slices.Equal(info.Shape, t.shape) {
			return nil, errors.Errorf("%s is %v of shape %v, want %v of %v", name, info.DType, info.Shape, safetensors.F32, t.shape)
		}
		from, to := info.DataOffsets[0], info.DataOffsets[1]
		if to > uint64(len(data)) || to-from != 4*uint64(len(t.numbers)) {
			return nil, errors.Errorf("%s is at bytes %d to %d of %d, want %d bytes", name, from, to, len(data), 4*len(t.numbers))
		}
		numbers, err := t.decode(data[from:to])
		if err != nil {
			return nil, errors.WithMessage(err, name)
		}
		all[name] = numbers
	}
	return all, nil
}

// decode reads the numbers of t.
func (t parameterTensor) decode(b []byte) ([]float32, error) {
	numbers := make([]float32, len(t.numbers))
	for i := range numbers {
		v := math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		if v != v || t.finite && math.IsInf(float64(v), 0) {
			return nil, errors.Errorf("entry %d is %v, want a number", i, v)
		}
		numbers[i] = v
	}
	return numbers, nil
}
