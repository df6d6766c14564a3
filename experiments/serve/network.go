package serve

import (
	"context"
	"math"
	"net/url"
	"slices"
	"strconv"
	"sync"

	"github.com/pkg/errors"

	"cnnlab/data"
	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/trained"
	"cnnlab/model"
)

// player looks at pictures with the networks of finished runs.
type player struct {
	hub      *hub
	builders map[string]trained.Builder // by experiment
	data     string
	slots    chan struct{}

	mu       sync.Mutex
	networks []*network // the one that was used last comes last
}

// network is a trained network for one image at a time.
type network struct {
	mu     sync.Mutex
	key    string // of the directory and the record
	set    *data.Dataset
	loaded bool // the images of set are there
	probe  *model.Probe
	pixels []byte // of the image that is looked at, C×H×W
}

func newPlayer(h *hub, builders map[string]trained.Builder, data string) *player {
	return &player{hub: h, builders: builders, data: data, slots: make(chan struct{}, maxPlayed)}
}

// network returns that of a finished run, from memory or from its weights.
func (p *player) network(record runs.Record, dir string) (*network, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := dir + record.Started.String()
	if i := slices.IndexFunc(p.networks, func(n *network) bool { return n.key == key }); i >= 0 {
		n := p.networks[i]
		p.networks = append(slices.Delete(p.networks, i, i+1), n)
		return n, nil
	}
	if record.Status != runs.StatusDone {
		return nil, errors.New("this run has no network to play with: it is not done")
	}
	loaded, err := trained.Load(dir, "", p.builders)
	if err != nil {
		return nil, err
	}
	probe, err := model.NewProbe(loaded.Network)
	if err != nil {
		return nil, err
	}
	n := &network{key: key, set: loaded.Set, probe: probe}
	if p.networks = append(p.networks, n); len(p.networks) > maxNetworks {
		p.networks = p.networks[1:]
	}
	return n, nil
}

// picture takes a picture that the reader drew or dropped.
func (n *network) picture(v *View, content []byte) error {
	img, err := decode(content)
	if err != nil {
		return err
	}
	n.pixels, err = n.set.Fit(img)
	return err
}

// testImage takes an image of the test set, which is read when the first one is wanted.
func (n *network) testImage(ctx context.Context, v *View, index, dir string) error {
	if !n.loaded {
		set, err := data.Load(ctx, n.set.Name, data.Options{Dir: dir, Offline: true})
		if err != nil {
			return errors.Errorf("the test images of %s are not on this machine", n.set.Name)
		}
		n.set.Test, n.loaded = set.Test, true
	}
	i, err := strconv.Atoi(index)
	if err != nil || i < 0 || i >= n.set.Test.Len() {
		return errors.Errorf("image=%.20q: want a number from 0 to %d", index, n.set.Test.Len()-1)
	}
	size := n.set.Channels * n.set.Height * n.set.Width
	n.pixels = n.set.Test.Pixels[i*size : (i+1)*size]
	label := int(n.set.Test.Labels[i])
	v.Index, v.Label = &i, &label
	return nil
}

// look fills in what the network makes of the image.
func (n *network) look(v *View, query url.Values) error {
	x := n.set.Normalize(n.pixels)
	probabilities, layers, err := n.probe.Look(x)
	if err != nil {
		return err
	}
	v.Classes, v.Probabilities = n.set.Classes, probabilities
	v.Image = Planes{Count: n.set.Channels, Height: n.set.Height, Width: n.set.Width, Values: n.pixels}
	for _, l := range layers {
		if len(l.Shape) == 3 {
			v.Maps = append(v.Maps, Planes{l.Layer, l.Shape[0], l.Shape[1], l.Shape[2], brightness(l.Values, l.Shape[0])})
		}
	}
	if v.Toward, err = class(query, "toward", len(v.Classes), second(probabilities)); err != nil {
		return err
	}
	change, err := n.probe.Toward(x, v.Toward)
	if err != nil {
		return err
	}
	v.Change = Planes{Count: n.set.Channels, Height: n.set.Height, Width: n.set.Width, Values: signed(change)}
	return nil
}

// second returns the second most probable class.
func second(probabilities []float64) int {
	first := slices.Index(probabilities, slices.Max(probabilities))
	next := -1
	for k, p := range probabilities {
		if k != first && (next < 0 || p > probabilities[next]) {
			next = k
		}
	}
	return max(0, next)
}

// brightness scales each of the maps from 0 to its largest value.
func brightness(values []float32, maps int) []byte {
	b := make([]byte, 0, len(values))
	for of := range slices.Chunk(values, len(values)/maps) {
		largest := max(slices.Max(of), 1e-30)
		for _, v := range of {
			b = append(b, byte(math.Round(255*float64(max(0, v)/largest))))
		}
	}
	return b
}

// signed scales values between ± the largest to 1 … 255; 0 is 128.
func signed(values []float32) []byte {
	largest := float32(1e-30)
	for _, v := range values {
		largest = max(largest, v, -v)
	}
	b := make([]byte, len(values))
	for i, v := range values {
		b[i] = byte(128 + math.Round(127*float64(v/largest)))
	}
	return b
}
