package suite

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"cnnlab/data"
	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/text"
)

// defaultRate is the learning rate if no sweep has chosen one.
const defaultRate = 0.01

// rates returns the learning rates to train with on a data set, and notes on where
// they come from: the command line, the experiment, or a sweep.
func (t Training) rates(o Options, dataset string) (rates []float64, notes []string, err error) {
	switch {
	case o.Rates != nil:
		return o.Rates, nil, nil
	case t.Rates != nil:
		return t.Rates, nil, nil
	}
	from := []string{dataset, t.Sweep.Dataset}
	if t.KeepRate {
		from = []string{t.Sweep.Dataset, data.StandIn(t.Sweep.Dataset), dataset}
	}
	rate := 0.0
	for i, name := range from {
		sweep := t.Sweep.directory(name)
		c, err := runs.ReadChoice(filepath.Join(o.Out, sweep, runs.ChoiceName))
		switch {
		case errors.Is(err, fs.ErrNotExist) || slices.Contains(from[:i], name):
		case err != nil:
			return nil, nil, err
		case rate == 0:
			rate = c.LR
			notes = append(notes, fmt.Sprintf("Learning rate %s, chosen by %s (%s/%s).%s", runs.FormatRate(rate), t.Sweep.Name, sweep, runs.ChoiceName, t.differences(o, c, dataset)))
		default:
			notes = append(notes, fmt.Sprintf("The sweep on %s chose %s.", name, runs.FormatRate(c.LR)))
		}
	}
	if rate == 0 {
		rate = defaultRate
		notes = append(notes, fmt.Sprintf("Learning rate %s, the default: %s.", runs.FormatRate(rate), t.Sweep.choseNone(o, from)))
	}
	return []float64{rate}, notes, nil
}

// choseNone says why no sweep on these data sets has chosen a rate.
func (t Training) choseNone(o Options, datasets []string) string {
	for _, name := range datasets {
		dir := filepath.Join(o.Out, t.directory(name))
		why, err := os.ReadFile(filepath.Join(dir, runs.NotChosenName))
		if err == nil {
			return fmt.Sprintf("the last sweep in %s chose none (%s)", dir, strings.TrimSuffix(text.Line(strings.TrimSpace(string(why))), "."))
		}
		if _, err := os.Stat(filepath.Join(dir, runs.RunsName)); err == nil {
			return fmt.Sprintf("the last sweep in %s chose none; see its summary.md", dir)
		}
	}
	return fmt.Sprintf("no sweep in %s has chosen one (run -exp %s first)", o.Out, t.Name)
}

// differences says, in sentences, how the configuration under which a rate was chosen
// differs from this one.
func (t Training) differences(o Options, c runs.Choice, dataset string) (sentences string) {
	here := o.Config(t.Defaults)
	here.Dataset, here.TrainImages = dataset, o.images(dataset)
	if c.Config.Dataset == "" {
		return "" // the file does not say
	}
	if c.Config.Epochs != here.Epochs {
		sentences = fmt.Sprintf(" The sweep trained for %s, this experiment trains for %d.", text.Count(c.Config.Epochs, "epoch"), here.Epochs)
	}
	var differs []string
	was, is := reflect.ValueOf(c.Config), reflect.ValueOf(here)
	for i := range was.NumField() {
		name := was.Type().Field(i).Tag.Get("json")
		a, b := setting(was.Field(i).Interface()), setting(is.Field(i).Interface())
		switch {
		case a == b || slices.Contains([]string{"lr", "seed", "epochs"}, name):
		case name == "train_images":
			differs = append(differs, fmt.Sprintf("%s training images (here %s)", a, b))
		default:
			differs = append(differs, fmt.Sprintf("-%s %s (here %s)", strings.ReplaceAll(name, "_", "-"), a, b))
		}
	}
	if differs != nil {
		sentences += fmt.Sprintf(" The sweep used %s.", text.List(differs))
	}
	return sentences
}

// setting formats a hyper-parameter as its flag takes it.
func setting(v any) string {
	return cmp.Or(strings.ReplaceAll(fmt.Sprint(v), " ", ","), "none")
}
