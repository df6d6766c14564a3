package model

import (
	"sync"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"cnnlab/model/internal/kernel"
	"cnnlab/model/ops"
)

// Input holds what a network is built for.
type Input struct {
	Batch                   int    // N, images per step
	Channels, Height, Width int    // C, H, W of an image
	Seed                    uint64 // for the initial weights and for dropout
	Ops                     Ops    // the operations that the layers are made of
}

// Layers adds the layers of a network to net, from net.X to net.Classifier and
// net.CrossEntropy. It stops at the first layer that cannot be built, and New returns
// the error.
type Layers func(net *Network)

// Network is a symbolic graph.
type Network struct {
	Graph      *gorgonia.ExprGraph
	X          *gorgonia.Node // images, N×C×H×W float32, normalized
	Y          *gorgonia.Node // labels, N ints; a negative one marks a padding row
	Logits     *gorgonia.Node // N×classes
	Loss       *gorgonia.Node // mean cross-entropy, a scalar
	Learnables gorgonia.Nodes // weights and biases in the order of the layers

	input     Input
	layers    Layers
	training  bool
	step      *gorgonia.Node       // number of the step, for dropout; nil without dropout
	weights   map[string][]float32 // values of the learnables
	counts    map[string]int       // layers of each kind so far, for their names
	latest    string               // name of the layer with weights that was added last
	rectified []rectifiedLayer
	structure []Layer
}

// rectifiedLayer is the output of a layer after its rectifier and, if one follows, its
// pooling.
type rectifiedLayer struct {
	layer string // such as conv1
	node  *gorgonia.Node
}

// building serializes the construction of graphs: Gorgonia numbers its layers with a
// global counter that has no lock.
var building sync.Mutex

// init takes a gradient, because the first one writes to the constant 1 that all graphs
// share. Without it, two trainings that start together would race.
func init() {
	x := gorgonia.NewScalar(gorgonia.NewGraph(), tensor.Float32, gorgonia.WithName("x"))
	if _, err := gorgonia.Grad(must(gorgonia.Neg(x)), x); err != nil {
		panic(err)
	}
}

// New builds a network for training, with initial weights drawn from in.Seed.
func New(in Input, layers Layers) (*Network, error) {
	return build(in, layers, true, make(map[string][]float32))
}

// build adds the layers to a new graph over the given weights, and draws those that
// are missing.
func build(in Input, layers Layers, training bool, weights map[string][]float32) (net *Network, err error) {
	building.Lock()
	defer building.Unlock()
	defer func() {
		switch p := recover().(type) {
		case nil:
		case layerError:
			net, err = nil, errors.Wrap(p.error, "network")
		default:
			panic(p)
		}
	}()
	if in.Batch < 1 || in.Channels < 1 || in.Height < 1 || in.Width < 1 {
		return nil, errors.Errorf("network: batches of %d images %d×%d×%d, want all at least 1", in.Batch, in.Channels, in.Height, in.Width)
	}
	g := gorgonia.NewGraph()
	net = &Network{
		Graph: g,
		X: gorgonia.NewTensor(g, tensor.Float32, 4, gorgonia.WithName("x"),
			gorgonia.WithValue(tensor.New(tensor.WithShape(in.Batch, in.Channels, in.Height, in.Width), tensor.Of(tensor.Float32)))),
		Y: gorgonia.NewVector(g, tensor.Int, gorgonia.WithName("y"),
			gorgonia.WithValue(tensor.New(tensor.WithShape(in.Batch), tensor.Of(tensor.Int)))),
		input: in, layers: layers, training: training, weights: weights, counts: make(map[string]int),
	}
	layers(net)
	if net.Logits == nil || net.Loss == nil {
		return nil, errors.New("network: the layers do not end in Classifier and CrossEntropy")
	}
	return net, nil
}

// Conv2d adds a convolution with maps kernels of size×size, stride 1, padding
// (size-1)/2 and a bias: N×C×H×W → N×maps×H×W for odd sizes.
func (net *Network) Conv2d(x *gorgonia.Node, maps, size int) *gorgonia.Node {
	name, channels := net.name("conv"), x.Shape()[1]
	if maps < 1 || size < 1 {
		fail("%s: %d maps with a kernel of %d, want both at least 1", name, maps, size)
	}
	net.latest = name
	w := net.learnable(name+".weight", heSD(channels*size*size), maps, channels, size, size)
	b := net.learnable(name+".bias", 0, 1, maps, 1, 1)
	pad := (size - 1) / 2
	return net.add(Layer{Kind: "Conv2d", Name: name, size: size, stride: 1, pad: pad}, x, must(net.input.Ops.Conv2d(x, w, b, 1, pad)))
}

// Rectify is max(x, 0).
func (net *Network) Rectify(x *gorgonia.Node) *gorgonia.Node {
	y := must(net.input.Ops.Rectify(x))
	net.rectified = append(net.rectified, rectifiedLayer{net.latest, y})
	return net.add(Layer{Kind: "Rectify"}, x, y)
}

// MaxPool2D takes the maximum of 2×2 windows, 2 apart: N×C×H×W → N×C×⌊H/2⌋×⌊W/2⌋.
func (net *Network) MaxPool2D(x *gorgonia.Node) *gorgonia.Node {
	if s := x.Shape(); len(s) == 4 && (s[2] < 2 || s[3] < 2) {
		fail("images of %d×%d are too small for another 2×2 pooling; use fewer convolution blocks", s[2], s[3])
	}
	y := must(net.input.Ops.MaxPool2D(x, 2, 2))
	if last := len(net.rectified) - 1; last >= 0 && net.rectified[last].node == x {
		net.rectified[last].node = y
	}
	return net.add(Layer{Kind: "MaxPool2D", size: 2, stride: 2}, x, y)
}

// Dropout, in training, zeroes each entry of x with probability p, different entries at
// each step. If p is 0 or the network is for evaluation, it returns x itself.
func (net *Network) Dropout(x *gorgonia.Node, p float64) *gorgonia.Node {
	layer := uint64(net.count("dropout"))
	if p == 0 || !net.training {
		return x
	}
	if net.step == nil {
		net.step = gorgonia.NewScalar(net.Graph, tensor.Int, gorgonia.WithName("step"))
	}
	return net.add(Layer{Kind: "Dropout", Probability: p}, x, must(ops.Dropout(x, net.step, p, kernel.Key(net.input.Seed, purposeDropout, layer))))
}

// Dense adds a fully connected layer with a bias: N×… → N×units. It takes the entries
// of each image in the order C,H,W.
func (net *Network) Dense(x *gorgonia.Node, units int) *gorgonia.Node {
	return net.dense(x, units, heSD(x.Shape()[1:].TotalSize()))
}

// Classifier adds the Dense layer that computes the logits, N×classes. Its initial
// weights are so small that every class is about equally likely and the first loss is
// near ln(classes), whatever the layers before it do.
func (net *Network) Classifier(x *gorgonia.Node, classes int) *gorgonia.Node {
	net.Logits = net.dense(x, classes, classifierSD)
	return net.Logits
}

// dense adds a fully connected layer whose initial weights have standard deviation sd.
func (net *Network) dense(x *gorgonia.Node, units int, sd float64) *gorgonia.Node {
	name, in := net.name("fc"), x.Shape()[1:].TotalSize()
	if units < 1 {
		fail("%s: %d units, want at least 1", name, units)
	}
	net.latest = name
	w := net.learnable(name+".weight", sd, units, in)
	b := net.learnable(name+".bias", 0, 1, units)
	return net.add(Layer{Kind: "Dense", Name: name}, x, must(ops.Dense(x, w, b)))
}

// CrossEntropy ends the network with the loss: the mean softmax cross-entropy of the
// logits with Y.
func (net *Network) CrossEntropy(logits *gorgonia.Node) {
	net.Loss = must(ops.CrossEntropy(logits, net.Y))
}

// layerError is the panic of a layer that cannot be built.
type layerError struct{ error }

func must(n *gorgonia.Node, err error) *gorgonia.Node {
	if err != nil {
		panic(layerError{err})
	}
	return n
}

func fail(format string, args ...any) { panic(layerError{errors.Errorf(format, args...)}) }
