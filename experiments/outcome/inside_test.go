package outcome

import (
	"image"
	"image/color"
	"testing"

	"cnnlab/experiments/report/chart"
	"cnnlab/experiments/report/runs"

	"github.com/pkg/errors"
)

func TestTheInsideOfANetworkIsDrawn(t *testing.T) {
	o := &Outcome{Dataset: Dataset{TestImage: func(int) image.Image { return image.NewGray(image.Rect(0, 0, 1, 1)) }}}
	seedsWith(o, runs.StatusDone)
	groups := o.Groups(o.ByVariant)
	o.LookInside = func(runs.RunRow) (Inside, error) {
		return Inside{
			Filters: []Planes{{1, 1, 2, []float32{-2, 1}}, {1, 1, 2, []float32{0, 2}}},
			Blocks:  []Planes{{2, 1, 2, []float32{0, 0, 3, 6}}},
		}, nil
	}
	figures := o.Inside(groups)
	filters, maps := figures[0].Drawing.(chart.Gallery), figures[1].Drawing.(chart.Gallery)
	first, second := filters.Groups[0].Images[0].Image, filters.Groups[0].Images[1].Image
	if first.At(0, 0) != chart.Diverging(-1) || first.At(1, 0) != chart.Diverging(0.5) || second.At(0, 0) != (color.NRGBA{0xFF, 0xFF, 0xFF, 0xFF}) {
		t.Errorf("filters %v %v %v", first.At(0, 0), first.At(1, 0), second.At(0, 0))
	}
	dead, alive := maps.Groups[1].Images[0].Image, maps.Groups[1].Images[1].Image
	if dead.At(1, 0) != (color.Gray{0}) || alive.At(0, 0) != (color.Gray{128}) || alive.At(1, 0) != (color.Gray{255}) {
		t.Errorf("maps %v %v %v", dead.At(1, 0), alive.At(0, 0), alive.At(1, 0))
	}
	o.LookInside = func(runs.RunRow) (Inside, error) {
		return Inside{Blocks: []Planes{{100, 1, 1, make([]float32, 100)}}}, nil
	}
	if g := o.Inside(groups)[1].Drawing.(chart.Gallery).Groups[1]; len(g.Images) != 64 || g.Heading != "block 1: the first 64 of 100 maps of 1×1" {
		t.Errorf("of 100 maps, %d are drawn: %s", len(g.Images), g.Heading)
	}
	colours := filterImage(Planes{3, 1, 1, []float32{1, 0, -1}}, 1)
	if colours.At(0, 0) != (color.NRGBA{255, 128, 0, 255}) {
		t.Errorf("colours %v", colours.At(0, 0))
	}
	o.LookInside = func(runs.RunRow) (Inside, error) { return Inside{}, errors.New("no weights") }
	if g := o.Inside(groups)[0].Drawing.(chart.Gallery); g.Groups != nil || g.Footnote[0] != "no weights" {
		t.Errorf("%+v, want the reason", g)
	}
}
