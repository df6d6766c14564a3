package experiments

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// defaultRate is the learning rate of the later steps where there is no sweep to
// take one from.
const defaultRate = 0.01

// rates returns the learning rates to run with on a data set, and what is to be
// said of where they come from: those of the command line, the experiment's own,
// or the one that a sweep kept.
func (o Options) rates(dataset string) (rates []float64, notes []string, err error) {
	switch {
	case o.Rates != nil:
		return o.Rates, nil, nil
	case o.Experiment.Rates != nil:
		return o.Experiment.Rates, nil, nil
	}
	from := []string{dataset, lrSweep.Dataset}
	if o.Experiment.KeepRate {
		from = []string{lrSweep.Dataset, lrSweep.Generated, dataset}
	}
	rate := 0.0
	for i, name := range from {
		path := filepath.Join(o.Out, directory(lrSweep, name), "chosen.json")
		c, err := readChoice(path)
		switch {
		case errors.Is(err, fs.ErrNotExist) || slices.Contains(from[:i], name):
		case err != nil:
			return nil, nil, err
		case rate == 0:
			rate = c.LR
			notes = append(notes, fmt.Sprintf("Learning rate %s, kept from %s%s.", formatRate(rate), directory(lrSweep, name)+"/chosen.json", o.under(c, dataset)))
		default:
			notes = append(notes, fmt.Sprintf("The sweep on %s chose %s.", name, formatRate(c.LR)))
		}
	}
	if rate == 0 {
		rate = defaultRate
		notes = append(notes, fmt.Sprintf("Learning rate %s, the default: there is no sweep in %s (make one with -exp lr-sweep).", formatRate(rate), o.Out))
	}
	return []float64{rate}, notes, nil
}

// under says what a rate was chosen under where that differs from this run.
func (o Options) under(c choice, dataset string) string {
	here := o.config()
	here.Dataset, here.TrainImages = dataset, o.images(dataset)
	var differs []string
	was, is := reflect.ValueOf(c.Config), reflect.ValueOf(here)
	for i := range was.NumField() {
		name := was.Type().Field(i).Tag.Get("json")
		a, b := was.Field(i).Interface(), is.Field(i).Interface()
		if name != "lr" && name != "seed" && !reflect.DeepEqual(a, b) {
			differs = append(differs, fmt.Sprintf("%s %v (here %v)", name, a, b))
		}
	}
	if differs == nil {
		return ""
	}
	return ", chosen under " + strings.Join(differs, ", ")
}

// readChoice reads a chosen.json.
func readChoice(path string) (c choice, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(text, &c); err != nil || !(c.LR > 0) {
		return c, errors.Errorf("%s holds no learning rate (%v); make the sweep again with -exp lr-sweep, or give one with -lr", path, err)
	}
	return c, nil
}
