package model

import (
	"io"

	"github.com/nlpodyssey/safetensors"
	"github.com/pkg/errors"
)

// WriteWeights writes the weights and biases in the safetensors format, under the
// names and in the layouts of PyTorch's state_dict: convN.weight (K,C,KH,KW),
// convN.bias (K), fcN.weight (out,in) with the input in the order C,H,W, fcN.bias
// (out).
func (net *Network) WriteWeights(w io.Writer) error { return writeWeights(w, net, net.weights) }

func writeWeights(w io.Writer, net *Network, numbers map[string][]float32) error {
	views, err := net.tensors(numbers).views()
	if err != nil {
		return errors.WithMessage(err, "weights")
	}
	return errors.Wrap(safetensors.SerializeToWriter(views, nil, w), "weights")
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
