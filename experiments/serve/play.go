package serve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	_ "image/gif" // formats that Decode knows
	_ "image/jpeg"
	_ "image/png"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/pkg/errors"
	_ "golang.org/x/image/bmp" // likewise
	_ "golang.org/x/image/webp"
)

const (
	maxPicture  = 8 << 20    // bytes
	maxPixels   = 16_000_000 // of a picture
	maxPlayed   = 2          // pictures that are looked at at once
	maxNetworks = 4          // that are kept in memory
)

// Planes are C×H×W or maps×H×W values as bytes.
type Planes struct {
	Name   string `json:"name,omitempty"`
	Count  int    `json:"count"`
	Height int    `json:"height"`
	Width  int    `json:"width"`
	Values []byte `json:"values"`
}

// View is what a network makes of a picture.
type View struct {
	Classes       []string  `json:"classes"`
	Probabilities []float64 `json:"probabilities"`
	Label         *int      `json:"label,omitempty"` // of a test image
	Index         *int      `json:"index,omitempty"` // of a test image, from 0
	Image         Planes    `json:"image"`           // as the network gets it
	Maps          []Planes  `json:"maps"`            // of each block; each map from 0 to its own largest value, 255
	Toward        int       `json:"toward"`          // a class
	Change        Planes    `json:"change"`          // of the image that makes Toward more likely: 128 is none, 255 brighter, 1 darker
}

// ServeHTTP answers POST /play?section=…&run=… with a View of the picture in its body or,
// with &image=N, of a test image. With &toward=K the change is towards class K, otherwise
// towards the second most probable.
func (p *player) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	view, code, err := p.play(w, r)
	if err != nil {
		http.Error(w, err.Error(), code)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(view)
}

func (p *player) play(w http.ResponseWriter, r *http.Request) (*View, int, error) {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	default:
		return nil, http.StatusServiceUnavailable, errors.New("the server is looking at other pictures; try again")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPicture))
	if err != nil {
		return nil, http.StatusRequestEntityTooLarge, errors.Errorf("a picture of at most %d MB is wanted: %v", maxPicture>>20, err)
	}
	query := r.URL.Query()
	record, dir, ok := p.hub.run(query.Get("section"), query.Get("run"))
	if !ok {
		return nil, http.StatusNotFound, errors.New("there is no such run; reload the page")
	}
	network, err := p.network(record, dir)
	if err != nil {
		return nil, http.StatusNotFound, err
	}
	network.mu.Lock()
	defer network.mu.Unlock()
	var view View
	if query.Has("image") {
		err = network.testImage(r.Context(), &view, query.Get("image"), p.data)
	} else {
		err = network.picture(&view, body)
	}
	if err == nil {
		err = network.look(&view, query)
	}
	if err != nil {
		return nil, http.StatusBadRequest, err
	}
	return &view, 0, nil
}

// decode reads a picture. It looks at the size before it makes room for the pixels.
func decode(content []byte) (image.Image, error) {
	if len(content) == 0 {
		return nil, errors.New("there is no picture in the request")
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return nil, errors.Errorf("this is no picture that can be read (%v); want PNG, JPEG, GIF, WebP or BMP", err)
	}
	if config.Width < 1 || config.Height < 1 || config.Width > maxPixels/config.Height {
		return nil, errors.Errorf("the picture has %d×%d pixels; want at most %d million", config.Width, config.Height, maxPixels/1_000_000)
	}
	img, _, err := image.Decode(bytes.NewReader(content))
	return img, errors.Wrapf(err, "the %s picture is damaged", format)
}

// class reads the number of a class from a query; without one it is otherwise.
func class(query url.Values, name string, classes, otherwise int) (int, error) {
	if !query.Has(name) {
		return otherwise, nil
	}
	k, err := strconv.Atoi(query.Get(name))
	if err != nil || k < 0 || k >= classes {
		return 0, fmt.Errorf("%s=%.20q: want a number from 0 to %d", name, query.Get(name), classes-1)
	}
	return k, nil
}
