package trained

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/pkg/errors"

	"cnnlab/data/own"
	"cnnlab/experiments/report/table"
	"cnnlab/model"
)

// prediction is what the network says of one picture.
type prediction struct {
	File  string  `json:"file"`
	Best  []guess `json:"best"` // up to three classes, the most probable first
	Error string  `json:"error,omitempty"`
}

type guess struct {
	Class       string  `json:"class"`
	Probability float64 `json:"probability"`
}

// errUnread is the error of a command that could not read every picture.
var errUnread = errors.New("some pictures could not be read")

// Predict writes the classes of the pictures in files, or in folders, to stdout: as text,
// csv or json. A picture that cannot be read is reported on stderr and does not stop the
// others. With asIs, a picture must have the size of the network's images and is taken as
// it is; otherwise it is fitted as Dataset.Fit does.
func (n *Network) Predict(files []string, format string, asIs bool, stdout, stderr io.Writer) error {
	probe, err := model.NewProbe(n.Network)
	if err != nil {
		return err
	}
	var all []prediction
	failed := false
	for _, file := range expand(files) {
		p := prediction{File: file}
		if p.Best, err = n.guess(probe, file, asIs); err != nil {
			p.Error, failed = err.Error(), true
			fmt.Fprintf(stderr, "%s: %v\n", file, err)
		}
		all = append(all, p)
	}
	if err := write(all, format, stdout); err != nil {
		return errors.Wrap(err, "stdout")
	}
	if failed {
		return errUnread
	}
	return nil
}

// guess returns the three most probable classes of a picture.
func (n *Network) guess(probe *model.Probe, file string, asIs bool) ([]guess, error) {
	img, err := own.Decode(file)
	if err != nil {
		return nil, err
	}
	fit := n.Set.Fit
	if asIs {
		fit = n.Set.AsIs
	}
	pixels, err := fit(img)
	if err != nil {
		return nil, err
	}
	probabilities, _, err := probe.Look(n.Set.Normalize(pixels))
	if err != nil {
		return nil, err
	}
	var all []guess
	for k, p := range probabilities {
		all = append(all, guess{n.Card.Classes[k], p})
	}
	slices.SortStableFunc(all, func(a, b guess) int {
		switch {
		case a.Probability > b.Probability:
			return -1
		case a.Probability < b.Probability:
			return 1
		}
		return 0
	})
	return all[:min(3, len(all))], nil
}

// expand replaces each folder by the pictures in it, in the order of their names.
func expand(files []string) (all []string) {
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || !info.IsDir() {
			all = append(all, file)
			continue
		}
		_ = filepath.WalkDir(file, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && own.HasPictureName(path) {
				all = append(all, path)
			}
			return nil
		})
	}
	return all
}

func write(all []prediction, format string, w io.Writer) error {
	switch format {
	case "json":
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(all)
	case "csv":
		c := csv.NewWriter(w)
		_ = c.Write([]string{"file", "class", "probability", "second", "second_probability", "third", "third_probability"})
		for _, p := range all {
			row := []string{p.File}
			for i := range 3 {
				if i < len(p.Best) {
					row = append(row, p.Best[i].Class, strconv.FormatFloat(p.Best[i].Probability, 'g', 6, 64))
				} else {
					row = append(row, "", "")
				}
			}
			_ = c.Write(row)
		}
		c.Flush()
		return c.Error()
	}
	t := table.Table{Columns: []table.Column{{Name: "picture"}, {Name: "class"}, {Name: "probability", Right: true}, {Name: "second"}, {Right: true}, {Name: "third"}, {Right: true}}}
	for _, p := range all {
		row := []string{p.File}
		for i := range 3 {
			if i < len(p.Best) {
				row = append(row, p.Best[i].Class, fmt.Sprintf("%.1f %%", 100*p.Best[i].Probability))
			} else {
				row = append(row, "–", "")
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t.WriteText(w, 0)
}
