package ops

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"cnnlab/model/internal/kernel"
)

// CrossEntropy is the mean over the batch of -log softmax(logits)[label], in
// nats: logits N×K float32, labels a vector of N ints less than K. A negative
// label marks a padding row, which counts neither in the sum nor in the mean. The
// maximum of each row is subtracted first, so the loss is finite for all finite logits.
func CrossEntropy(logits, labels *gorgonia.Node) (*gorgonia.Node, error) {
	if err := check("crossentropy", operand{"logits", logits, 2, 2}); err != nil {
		return nil, err
	}
	n := logits.Shape()[0]
	if labels == nil || labels.Dtype() != tensor.Int || labels.Dims() != 1 || labels.Shape()[0] != n {
		return nil, errors.Errorf("crossentropy: labels are not a vector of %d ints", n)
	}
	return apply(op{
		name:   "CrossEntropy",
		inputs: gorgonia.Nodes{logits, labels},
		shape:  tensor.ScalarShape(),
		forward: func(loss []float32, in []gorgonia.Value) {
			loss[0] = kernel.CrossEntropy(f32(in[0]), in[1].Data().([]int))
		},
		gradient: func(_, dy *gorgonia.Node) []term {
			return []term{
				{"CrossEntropyGrad", logits, func(d []float32, in []gorgonia.Value) {
					kernel.CrossEntropyGrad(d, f32(in[0]), in[1].Data().([]int), in[2].Data().(float32))
				}, gorgonia.Nodes{logits, labels, dy}},
			}
		},
	})
}
