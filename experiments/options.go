package experiments

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

	"cnnlab/data"
)

// Options are what the command line says.
type Options struct {
	Experiment Experiment
	Dataset    string // "": the experiment's own, or generated digits where that cannot be had
	Data       string // where data sets lie, and nowhere else; "": see data.Options
	Out        string // the results directory
	Rates      []float64
	Variants   []string // train only the variants with these labels; nil: all
	Seeds      int
	Limit      int // training images; 0: all
	Jobs       int
	Trial      int // train only this run of the plan, merge nothing; -1: all
	Fresh      bool
	Quiet      bool
	// CheckpointEvery is the number of steps after which a run writes a checkpoint
	// within an epoch, beside the one at the epoch's end; 0: none.
	CheckpointEvery int
	Override        []func(c *Config) // the other hyper-parameters
}

// UsageError is an error of the command line.
type UsageError struct{ Message string }

func (e UsageError) Error() string { return e.Message }

func usagef(format string, args ...any) error { return UsageError{fmt.Sprintf(format, args...)} }

// config is the experiment's configuration as the command line has it.
func (o Options) config() Config {
	base := o.Experiment.Defaults
	for _, set := range o.Override {
		set(&base)
	}
	return base
}

// images is the number of training images of a data set within the limit.
func (o Options) images(dataset string) int {
	n := data.TrainImages(dataset)
	if o.Limit > 0 {
		n = min(n, o.Limit)
	}
	return n
}

// dataset is the data set that is asked for.
func (o Options) dataset() string {
	if o.Dataset != "" {
		return o.Dataset
	}
	return o.Experiment.Dataset
}

// check refuses what can be refused before any data is read.
func (o Options) check() error {
	rates := o.Rates
	if rates == nil {
		rates = o.Experiment.Rates
	}
	if rates == nil {
		rates = []float64{defaultRate}
	}
	variants, err := o.variants(rates)
	if err != nil {
		return err
	}
	if err := o.checkTTA(variants); err != nil {
		return err
	}
	if n := len(variants) * o.Seeds; o.Trial >= n {
		return usagef("-trial %d, want 0 to %d: the plan has %d runs", o.Trial, n-1, n)
	}
	if batch, images := o.config().Batch, o.images(o.dataset()); batch > images {
		return usagef("-batch %d is more than the %d training images; want 1 to %d", batch, images, images)
	}
	if first := o.config().Seed; first+uint64(o.Seeds-1) < first {
		return usagef("-seed %d -seeds %d: the last seed would be beyond %d", first, o.Seeds, uint64(math.MaxUint64))
	}
	return nil
}

// checkPooling refuses more blocks than images of that size can be pooled by.
func (o Options) checkPooling(height, width int) error {
	if blocks := len(o.config().Channels); min(height, width)>>blocks == 0 {
		return usagef("-channels has %d blocks, each of which halves the images; want at most %d for %d×%d pixels",
			blocks, bits.Len(uint(min(height, width)))-1, height, width)
	}
	return nil
}

// checkTTA refuses to score by mirror images where they need not be of the same
// class, or where no variant would be scored so.
func (o Options) checkTTA(variants []Variant) error {
	switch {
	case !o.config().TTA:
		return nil
	case !data.Flips(o.dataset()):
		return usagef("-tta scores mirror images too, which in %s may show something else; want a set such as cifar-10", o.dataset())
	case !slices.ContainsFunc(variants, func(v Variant) bool { return v.Config.TTA }):
		return usagef("-tta and -variant %s: that is scored without mirror images; want mirrored among the variants", strings.Join(o.Variants, ","))
	}
	return nil
}

// variants are those of the experiment, or of them what is asked for.
func (o Options) variants(rates []float64) ([]Variant, error) {
	all := o.Experiment.Variants(o.config(), rates)
	if o.Variants == nil {
		return all, nil
	}
	var chosen []Variant
	var names []string
	for _, v := range all {
		if !slices.Contains(names, v.Label) {
			names = append(names, v.Label)
		}
		if slices.Contains(o.Variants, v.Label) {
			chosen = append(chosen, v)
		}
	}
	for _, name := range o.Variants {
		switch {
		case names[0] == "":
			return nil, usagef("-variant %s: the variants of %s are learning rates; want -lr", name, o.Experiment.Name)
		case !slices.Contains(names, name):
			return nil, usagef("-variant %s, want of %s with these flags: %s", name, o.Experiment.Name, strings.Join(names, ", "))
		}
	}
	return chosen, nil
}
