package ops

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// TestGeometriesEqualPyTorch compares outputs and all gradients with those of PyTorch in
// float64, for geometries that testdata/geometries.py drew into a file:
//
//	python3 testdata/geometries.py 1000 > FILE
//	CNNLAB_GEOMETRIES=FILE go test -run Geometries .
func TestGeometriesEqualPyTorch(t *testing.T) {
	name := os.Getenv("CNNLAB_GEOMETRIES")
	if name == "" {
		t.Skip("CNNLAB_GEOMETRIES names no file")
	}
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	count := map[string]int{}
	for lines := json.NewDecoder(file); ; {
		var c struct {
			Kernel, Stride, Dilation, Pad, Shape []int
			Shapes                               [][]int
			Inputs, Grads                        [][]float64
			Y, Up                                []float64
		}
		if err := lines.Decode(&c); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		var in []array
		for i, v := range c.Inputs {
			in = append(in, array{c.Shapes[i], v})
		}
		kind, build := "pooling", func(in gorgonia.Nodes) (*gorgonia.Node, error) {
			return MaxPool2D(in[0], c.Kernel, c.Pad, c.Stride)
		}
		if len(in) == 3 {
			kind, in[2].shape = "convolution", tensor.Shape{1, len(in[2].v), 1, 1}
			build = func(in gorgonia.Nodes) (*gorgonia.Node, error) {
				return BiasedConv2d(in[0], in[1], in[2], c.Pad, c.Stride, c.Dilation)
			}
		}
		what := fmt.Sprint(kind, " of ", c.Shapes, " kernel ", c.Kernel, " stride ", c.Stride, " dilation ", c.Dilation, " padding ", c.Pad)
		got := run(t, build, array{c.Shape, c.Up}, in...)
		near(t, what+": y", got.y, c.Y)
		for i, g := range c.Grads {
			near(t, fmt.Sprint(what, ": gradient ", i), got.grads[i], g)
		}
		count[kind]++
	}
	t.Logf("%v are equal", count)
	if count["convolution"] == 0 || count["pooling"] == 0 {
		t.Error("the file lacks one of the operations")
	}
}

// Conv2d without a bias, and MaxPool2D, take the place of Gorgonia's line by line.
func TestTheyStandInForGorgonias(t *testing.T) {
	for _, c := range convCases[:6] {
		in := c.inputs()[:2]
		up := convLoops(c.stride, c.pad)(append(in, zeros(c.k))...)
		kernel, pad, stride := tensor.Shape{c.kh, c.kw}, []int{c.pad, c.pad}, []int{c.stride, c.stride}
		ours := run(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) {
			return Conv2d(in[0], in[1], kernel, pad, stride, nil)
		}, up, in...)
		theirs := run(t, func(in gorgonia.Nodes) (*gorgonia.Node, error) {
			return gorgonia.Conv2d(in[0], in[1], kernel, pad, stride, nil)
		}, up, in...)
		same(t, ours, theirs)
	}
}
