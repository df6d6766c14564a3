package model

import (
	"encoding/binary"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"google.golang.org/protobuf/encoding/protowire"
	"gorgonia.org/gorgonia"
)

// Image says what a network's images mean, for programs that have only the network.
type Image struct {
	Classes   []string
	Mean, Std []float32 // of pixel/255, by channel
}

// The versions of ONNX that the exported graph is written for.
const (
	irVersion    = 8
	opsetVersion = 17
)

// WriteONNX writes the network as an ONNX model (onnx.proto, IR version 8, opset 17). Its
// input, image, is N×C×H×W float32 with pixels from 0 to 1; the normalization is part of
// the graph. Its outputs are logits and probabilities, N×classes. Layers that are not a
// chain are an error.
func (net *Network) WriteONNX(w io.Writer, im Image, producer string) error {
	g, err := net.onnxGraph(im)
	if err != nil {
		return errors.Wrap(err, "onnx")
	}
	var m message
	m.number(1, irVersion)
	m.text(2, "cnnlab")
	m.text(3, producer)
	m.message(7, g)
	var opset message
	opset.number(2, opsetVersion)
	m.message(8, opset)
	var classes message
	classes.text(1, "classes")
	classes.text(2, strings.Join(im.Classes, ","))
	m.message(14, classes)
	_, err = w.Write(m)
	return errors.Wrap(err, "onnx")
}

func (net *Network) onnxGraph(im Image) (message, error) {
	var g message
	channels := net.input.Channels
	if len(im.Mean) != channels || len(im.Std) != channels {
		return nil, errors.Errorf("%d means and %d standard deviations for %d channels", len(im.Mean), len(im.Std), channels)
	}
	g.message(1, onnxNode("Sub", []string{"image", "mean"}, "centred"))
	g.message(1, onnxNode("Div", []string{"centred", "std"}, "normalized"))
	last, at := "normalized", net.X
	flat := false
	for i, l := range net.structure {
		if l.in != at {
			return nil, errors.Errorf("layer %d, %s, does not take the output of the one before it", i+1, l.Kind)
		}
		at = l.out
		output := strings.ToLower(l.Kind) + strconv.Itoa(i+1)
		switch l.Kind {
		case "Conv2d":
			g.message(1, onnxNode("Conv", []string{last, l.Name + ".weight", l.Name + ".bias"}, output,
				ints("kernel_shape", l.size, l.size), ints("strides", l.stride, l.stride), ints("pads", l.pad, l.pad, l.pad, l.pad)))
		case "Rectify":
			g.message(1, onnxNode("Relu", []string{last}, output))
		case "MaxPool2D":
			g.message(1, onnxNode("MaxPool", []string{last}, output, ints("kernel_shape", l.size, l.size), ints("strides", l.stride, l.stride)))
		case "Dropout":
			continue // nothing, once trained
		case "Dense":
			if !flat {
				g.message(1, onnxNode("Flatten", []string{last}, "flat"))
				last, flat = "flat", true
			}
			if l.out == net.Logits {
				output = "logits"
			}
			g.message(1, onnxNode("Gemm", []string{last, l.Name + ".weight", l.Name + ".bias"}, output, ints("transB", 1)))
		}
		last = output
	}
	if last != "logits" {
		return nil, errors.New("the last layer is not the classifier")
	}
	g.message(1, onnxNode("Softmax", []string{"logits"}, "probabilities", ints("axis", 1)))
	g.text(2, "cnn")
	for _, n := range net.Learnables {
		g.message(5, onnxTensor(n.Name(), onnxShape(n), net.weights[n.Name()]))
	}
	g.message(5, onnxTensor("mean", []int{1, channels, 1, 1}, im.Mean))
	g.message(5, onnxTensor("std", []int{1, channels, 1, 1}, im.Std))
	g.message(11, onnxValue("image", channels, net.input.Height, net.input.Width))
	classes := net.Logits.Shape()[1]
	g.message(12, onnxValue("logits", classes))
	g.message(12, onnxValue("probabilities", classes))
	return g, nil
}

// onnxShape is that of a parameter; a convolution's bias is K×1×1 in the graph.
func onnxShape(n *gorgonia.Node) []int {
	if strings.HasSuffix(n.Name(), ".bias") {
		return []int{n.Shape().TotalSize()}
	}
	return n.Shape()
}

// message is a protocol buffer as it grows.
type message []byte

func (m *message) number(field protowire.Number, v uint64) {
	*m = protowire.AppendVarint(protowire.AppendTag(*m, field, protowire.VarintType), v)
}

func (m *message) text(field protowire.Number, s string) {
	*m = protowire.AppendString(protowire.AppendTag(*m, field, protowire.BytesType), s)
}

func (m *message) message(field protowire.Number, inner message) {
	*m = protowire.AppendBytes(protowire.AppendTag(*m, field, protowire.BytesType), inner)
}

// onnxNode is a NodeProto.
func onnxNode(kind string, inputs []string, output string, attributes ...message) (m message) {
	for _, input := range inputs {
		m.text(1, input)
	}
	m.text(2, output)
	m.text(3, output)
	m.text(4, kind)
	for _, a := range attributes {
		m.message(5, a)
	}
	return m
}

// ints is an AttributeProto of whole numbers; axis and transB are single ones.
func ints(name string, values ...int) (m message) {
	const single, several = 2, 7 // its types INT and INTS
	m.text(1, name)
	if len(values) == 1 {
		m.number(3, uint64(values[0]))
		m.number(20, single)
		return m
	}
	for _, v := range values {
		m.number(8, uint64(v))
	}
	m.number(20, several)
	return m
}

// onnxTensor is a TensorProto of float32.
func onnxTensor(name string, shape []int, values []float32) (m message) {
	for _, n := range shape {
		m.number(1, uint64(n))
	}
	const float = 1 // its type FLOAT
	m.number(2, float)
	m.text(8, name)
	raw := make([]byte, 0, 4*len(values))
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	m.message(9, raw)
	return m
}

// onnxValue is a ValueInfoProto of float32, N×shape.
func onnxValue(name string, shape ...int) (m message) {
	var dimensions message
	var n message
	n.text(2, "N")
	dimensions.message(1, n)
	for _, size := range shape {
		var d message
		d.number(1, uint64(size))
		dimensions.message(1, d)
	}
	var tensor message
	tensor.number(1, 1)
	tensor.message(2, dimensions)
	var kind message
	kind.message(1, tensor)
	m.text(1, name)
	m.message(2, kind)
	return m
}
