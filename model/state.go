package model

import (
	"encoding/binary"
	"io"
	"math"
	"slices"

	"github.com/nlpodyssey/safetensors"
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
)

// stateful is a Solver whose state can be written to a checkpoint.
type stateful interface {
	// state returns what the solver remembers of each parameter, under a name, or nil
	// if the solver has other state too.
	state() map[string]*[][]float32
	// resume sets the number of steps that led to the state.
	resume(steps int)
}

// maxSlots is the largest number of tensors per parameter: its value and what a solver
// remembers of it.
const maxSlots = 4

// averageSlot names the averages of an EMA, which are weights.
const averageSlot = "average"

type tensors map[string]parameterTensor

type parameterTensor struct {
	shape   []uint64 // as in PyTorch's state_dict
	numbers []float32
	finite  bool // must be finite: a weight; Adam's second moments may overflow
}

// tensors returns all the numbers that the next step depends on.
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

// tensors returns the numbers of the learnables, by name.
func (net *Network) tensors(numbers map[string][]float32) tensors {
	all := make(tensors)
	for _, n := range net.Learnables {
		all[n.Name()] = parameterTensor{stateDictShape(n), numbers[n.Name()], true}
	}
	return all
}

// stateDictShape returns the shape of a parameter in PyTorch. Biases here have extra
// dimensions of 1 for broadcasting: (1,K,1,1) and (1,F) are (K) and (F) in PyTorch.
func stateDictShape(n *gorgonia.Node) []uint64 {
	if isBias(n) {
		return []uint64{uint64(n.Shape().TotalSize())}
	}
	var shape []uint64
	for _, d := range n.Shape() {
		shape = append(shape, uint64(d))
	}
	return shape
}

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

func littleEndian(x []float32) []byte {
	b := make([]byte, 0, 4*len(x))
	for _, v := range x {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

// read returns the numbers of ts from the data of a file, which must hold these
// tensors and no others.
func (ts tensors) read(found map[string]*safetensors.TensorInfo, data []byte) (map[string][]float32, error) {
	for name := range found {
		if _, ok := ts[name]; !ok {
			return nil, errors.Errorf("found a tensor %.60q, which this network and solver do not have", name)
		}
	}
	all := make(map[string][]float32)
	for name, t := range ts {
		info := found[name]
		if info == nil {
			return nil, errors.Errorf("found no tensor %q", name)
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

func (t parameterTensor) decode(b []byte) ([]float32, error) {
	numbers := make([]float32, len(t.numbers))
	for i := range numbers {
		v := math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		if v != v || t.finite && math.IsInf(float64(v), 0) {
			return nil, errors.Errorf("entry %d is %v, want a finite number", i, v)
		}
		numbers[i] = v
	}
	return numbers, nil
}

func (ts tensors) set(read map[string][]float32) {
	for name, numbers := range read {
		copy(ts[name].numbers, numbers)
	}
}

// WriteWeights writes the weights and biases in the safetensors format, under the
// names and in the layouts of PyTorch's state_dict: convN.weight (K,C,KH,KW),
// convN.bias (K), fcN.weight (out,in) with the input in the order C,H,W, fcN.bias
// (out).
// The metadata are strings of the caller's; nil for none.
func (net *Network) WriteWeights(w io.Writer, metadata map[string]string) error {
	return writeWeights(w, net, net.weights, metadata)
}

func writeWeights(w io.Writer, net *Network, numbers map[string][]float32, metadata map[string]string) error {
	views, err := net.tensors(numbers).views()
	if err != nil {
		return errors.WithMessage(err, "weights")
	}
	return errors.Wrap(safetensors.SerializeToWriter(views, metadata, w), "weights")
}

// WeightsMetadata returns the metadata of a file from WriteWeights.
func WeightsMetadata(file []byte) (map[string]string, error) {
	_, meta, err := safetensors.ReadMetadata(file)
	if err != nil {
		return nil, errors.Wrap(err, "weights")
	}
	return meta.Metadata(), nil
}

// ReadWeights sets the weights and biases to those in a file from WriteWeights, or from
// PyTorch with the same names. The tensors must be exactly those of the network, in
// float32, and finite; otherwise nothing changes. The solver's state does not change, so
// call ReadWeights before the first step.
func (net *Network) ReadWeights(file []byte) error {
	header, meta, err := safetensors.ReadMetadata(file)
	if err != nil {
		return errors.Wrap(err, "weights")
	}
	own := net.tensors(net.weights)
	read, err := own.read(meta.Tensors(), file[8+header:])
	if err != nil {
		return errors.WithMessage(err, "weights")
	}
	own.set(read)
	return nil
}
