package outcome

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"cnnlab/experiments/report/chart"
)

// Inside holds the filters of a trained network and its feature maps for one image.
type Inside struct {
	Filters []Planes // of the first convolution
	Image   int      // index of a test image, from 0
	Blocks  []Planes // the feature maps of each block for that image
}

// Planes are planes of numbers of the same size: the channels of a filter, or the feature
// maps of a block.
type Planes struct {
	Count, Height, Width int
	Values               []float32 // Count×Height×Width
}

func (p Planes) at(plane, y, x int) float64 {
	return float64(p.Values[(plane*p.Height+y)*p.Width+x])
}

// Inside shows the filters and the feature maps of the first network of the group that is
// best on val, as filters.png and feature-maps.png.
func (o *Outcome) Inside(groups []*Group) []Figure {
	filters := chart.Gallery{Title: "Filters of the first convolution"}
	maps := chart.Gallery{Title: "Feature maps"}
	g := best(groups)
	if g != nil && o.LookInside != nil {
		if in, err := o.LookInside(g.Runs[0]); err != nil {
			filters.Footnote, maps.Footnote = []string{err.Error()}, []string{err.Error()}
		} else {
			of := fmt.Sprintf(": %s, seed %d", g.Name, g.Runs[0].Seed)
			filters.Title, maps.Title = filters.Title+of, fmt.Sprintf("Feature maps of test image %d%s", in.Image+1, of)
			o.drawFilters(&filters, in)
			o.drawMaps(&maps, in)
		}
	}
	return []Figure{{"filters", filters}, {"feature-maps", maps}}
}

func (o *Outcome) drawFilters(g *chart.Gallery, in Inside) {
	largest := 0.0
	for _, f := range in.Filters {
		for _, v := range f.Values {
			largest = max(largest, math.Abs(float64(v)))
		}
	}
	var images []chart.CaptionedImage
	for _, f := range in.Filters {
		images = append(images, chart.CaptionedImage{Image: filterImage(f, largest)})
	}
	g.Groups = []chart.ImageGroup{{Images: images}}
	g.Footnote = []string{fmt.Sprintf("blue: negative, white: 0, orange: positive weights; colour scale from −%.2g to +%.2g", largest, largest)}
	if len(in.Filters) > 0 && in.Filters[0].Count == 3 {
		g.Footnote = []string{fmt.Sprintf("each colour mixes the weights for the red, green and blue channels; mid-grey: all three 0; darkest to brightest in a channel: −%.2g to +%.2g", largest, largest)}
	}
}

// filterImage draws weights between ±largest: one channel from blue over white to orange,
// three as red, green and blue.
func filterImage(f Planes, largest float64) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, f.Width, f.Height))
	for y := range f.Height {
		for x := range f.Width {
			share := func(channel int) float64 { return f.at(channel, y, x) / max(largest, 1e-30) }
			if f.Count == 3 {
				img.SetNRGBA(x, y, color.NRGBA{level(0.5 + share(0)/2), level(0.5 + share(1)/2), level(0.5 + share(2)/2), 0xFF})
			} else {
				img.SetNRGBA(x, y, chart.Diverging(share(0)))
			}
		}
	}
	return img
}

// mostMaps is how many feature maps of a block are drawn.
const mostMaps = 64

func (o *Outcome) drawMaps(g *chart.Gallery, in Inside) {
	g.Groups = []chart.ImageGroup{{Images: []chart.CaptionedImage{{Image: o.Dataset.TestImage(in.Image)}}}}
	for i, b := range in.Blocks {
		count := fmt.Sprint(b.Count)
		if b.Count > mostMaps {
			count = fmt.Sprintf("the first %d of %d", mostMaps, b.Count)
		}
		group := chart.ImageGroup{Heading: fmt.Sprintf("block %d: %s maps of %d×%d", i+1, count, b.Height, b.Width)}
		for m := range min(b.Count, mostMaps) {
			group.Images = append(group.Images, chart.CaptionedImage{Image: mapImage(b, m)})
		}
		g.Groups = append(g.Groups, group)
	}
	g.Footnote = []string{"after convolution, ReLU and pooling; each map from 0 (black) to its own largest value (white), so compare patterns, not brightness",
		"an all-black map is zero for this image"}
}

// mapImage draws a feature map from black, 0, to white, its largest value.
func mapImage(p Planes, m int) image.Image {
	img := image.NewGray(image.Rect(0, 0, p.Width, p.Height))
	largest := 1e-30
	for y := range p.Height {
		for x := range p.Width {
			largest = max(largest, p.at(m, y, x))
		}
	}
	for y := range p.Height {
		for x := range p.Width {
			img.SetGray(x, y, color.Gray{level(p.at(m, y, x) / largest)})
		}
	}
	return img
}

func level(share float64) uint8 { return uint8(math.Round(255 * min(1, max(0, share)))) }
