package model

import (
	"encoding/binary"
	"io"
	"math"

	"github.com/nlpodyssey/safetensors"
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
)

// WriteWeights writes the weights and biases, or what an Evaluator scores in their
// place, their averages, in the safetensors format, under the names and in the
// layouts of PyTorch's state_dict: convN.weight (K,C,KH,KW), convN.bias (K),
// fcN.weight (out,in) with the input in the order C,H,W, fcN.bias (out).
func (net *Network) WriteWeights(w io.Writer) error {
	views, err := net.tensors(net.learned()).views()
	if err != nil {
		return errors.WithMessage(err, "weights")
	}
	return errors.Wrap(safetensors.SerializeToWriter(views, nil, w), "weights")
}

// ReadWeights sets the weights and biases to those of a file that WriteWeights has
// written, or PyTorch under the same names. The tensors must be exactly those of
// the network, in float32, and finite; else nothing is changed.
func (net *Network) ReadWeights(file []byte) error {
	if net.averages != nil {
		return errors.New("weights: of this network their averages are scored; read them before the trainer is made")
	}
	header, meta, err := safetensors.ReadMetadata(file)
	if err != nil {
		return errors.Wrap(err, "weights")
	}
	own := net.tensors(net.weights)
	read, err := own.read(meta.Tensors(), file[8+header:])
	if err != nil {
		return errors.WithMessage(err, "weights")
	}
	for name, numbers := range read {
		copy(own[name].numbers, numbers)
	}
	return nil
}

// stateDictShape is the shape of a parameter without the dimensions of 1 that a
// bias carries here for broadcasting: (1,K,1,1) and (1,F) are (K) and (F) there.
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

func littleEndian(x []float32) []byte {
	b := make([]byte, 0, 4*len(x))
	for _, v := range x {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}
