package model

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"
)

// written is what WriteWeights writes of a network.
func written(t *testing.T, net *Network) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := net.WriteWeights(&file, nil); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestReadWeightsRestoresWhatWasWritten(t *testing.T) {
	net, trainer := tiny.train(t, FastOps, &SGD{LearningRate: 0.1})
	want := written(t, net)
	x, y := tiny.batch(tiny.n)
	if _, err := trainer.Step(x, y); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(written(t, net), want) {
		t.Fatal("a step changed nothing")
	}
	if err := net.ReadWeights(want); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(written(t, net), want) {
		t.Error("what is written is not what was read")
	}
}

func TestReadWeightsRefusesWhatDoesNotFit(t *testing.T) {
	net, _ := tiny.train(t, FastOps, &SGD{})
	before := written(t, net)
	wider := tiny
	wider.hidden++
	deeper := tiny
	deeper.maps = append(slices.Clone(tiny.maps), 2)
	other := func(p plan) []byte {
		n, _ := p.train(t, FastOps, &SGD{})
		return written(t, n)
	}
	nan := slices.Clone(before)
	copy(nan[len(nan)-4:], littleEndian([]float32{float32(math.NaN())}))
	for what, c := range map[string]struct {
		file []byte
		says string
	}{
		"an empty file":     {nil, "weights"},
		"a truncated file":  {before[:len(before)-1], "weights"},
		"another shape":     {other(wider), "shape"},
		"another layer":     {other(deeper), "tensor"},
		"a weight of NaN":   {nan, "NaN"},
		"no safetensors":    {[]byte("PK 3 4 and so on, a zip file"), "weights"},
		"a header too long": {[]byte{255, 255, 255, 255, 255, 255, 255, 127, '{', '}'}, "weights"},
	} {
		if err := net.ReadWeights(c.file); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error is %v, want one with %q", what, err, c.says)
		}
		if !bytes.Equal(written(t, net), before) {
			t.Errorf("%s has changed the weights", what)
		}
	}
}
