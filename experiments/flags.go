package experiments

import (
	"flag"
	"io"
	"math"
	"strings"

	"cnnlab/data"
)

// Flags declares the flags of the command line that fill o. A hyper-parameter
// that is given replaces the experiment's default, whatever the order of the
// flags; stderr takes warnings.
func (o *Options) Flags(fs *flag.FlagSet, stderr io.Writer) {
	fs.BoolVar(&o.Fresh, "fresh", false, "start finished and unfinished runs over")
	fs.BoolVar(&o.Quiet, "quiet", false, "show no progress")
	fs.Func("data", "`DIR` holds the data sets, as DIR/<data set>/, and no other place is searched", text(&o.Data))
	fs.Func("out", "`DIR` for the results (default results)", text(&o.Out))
	fs.Func("dataset", "data set `NAME`: "+strings.Join(data.Names(), ", ")+" (default the experiment's own)", oneOf(data.Names(), func(s string) { o.Dataset = s }))
	fs.Func("limit", "train on the first `N` training images only", integer(1, maxInt, func(n int) { o.Limit = n }))
	fs.Func("jobs", "runs trained at once, `N` (default the number of cores)", integer(1, 1024, func(n int) { o.Jobs = n }))
	fs.Func("seeds", "repeat each run with `N` seeds: seed, seed+1, … (default 1)", integer(1, 10_000, func(n int) { o.Seeds = n }))
	fs.Func("trial", "train only run `I` of the plan, from 0, and merge nothing", integer(0, maxInt, func(n int) { o.Trial = n }))
	fs.Func("checkpoint-every", "a checkpoint every `N` steps too; 0: at the end of each epoch only (default 0)", integer(0, maxInt, func(n int) { o.CheckpointEvery = n }))
	fs.Func("variant", "of what the experiment compares, only `NAME[,NAME]`: both, averaged, …", names(&o.Variants, "names"))
	fs.Func("lr", "learning rate, or several: `0.01,0.1` (default the experiment's, or what the sweep kept)", rates(&o.Rates, stderr))
	o.hyperParameters(fs)
}

// Flags declares the flags of a comparison.
func (c *Comparison) Flags(fs *flag.FlagSet) {
	c.Format = Formats[0]
	fs.Func("compare", "show the runs of `DIR[,DIR…]` in one table: results directories, experiments or runs", names(&c.Paths, "directories"))
	fs.Func("sort", "with -compare: by this `COLUMN` of runs.csv, -COLUMN for largest first (default -test_accuracy)", text(&c.Sort))
	fs.Func("format", "with -compare: `text`, csv or markdown (default text)", oneOf(Formats, func(s string) { c.Format = s }))
}

// hyperParameters declares the flags of the fields of Config.
func (o *Options) hyperParameters(fs *flag.FlagSet) {
	set := func(f func(c *Config)) { o.Override = append(o.Override, f) }
	integers := func(name, usage string, low, high int, put func(c *Config, n int)) {
		fs.Func(name, usage, integer(low, high, func(n int) { set(func(c *Config) { put(c, n) }) }))
	}
	numbers := func(name, usage string, high float64, put func(c *Config, v float64)) {
		fs.Func(name, usage, number(high, func(v float64) { set(func(c *Config) { put(c, v) }) }))
	}
	choices := func(name, usage string, names []string, put func(c *Config, s string)) {
		fs.Func(name, usage, oneOf(names, func(s string) { set(func(c *Config) { put(c, s) }) }))
	}
	integers("epochs", "`N` passes over the training images; 0 scores the untrained network (default the experiment's)", 0, 100_000, func(c *Config, n int) { c.Epochs = n })
	integers("batch", "images a step, `N` (default 100)", 1, 100_000, func(c *Config, n int) { c.Batch = n })
	integers("kernel", "side of the convolution kernels, `N` pixels, 1 to 7 (default 3)", 1, 7, func(c *Config, n int) { c.Kernel = n })
	integers("hidden", "units of the hidden dense layer, `N` (default 128)", 1, 65_536, func(c *Config, n int) { c.Hidden = n })
	numbers("momentum", "momentum of SGD, `M` less than 1 (default 0.9)", 1, func(c *Config, v float64) { c.Momentum = v })
	numbers("weight-decay", "L2 weight decay, `L` (default the experiment's)", math.Inf(1), func(c *Config, v float64) { c.WeightDecay = v })
	numbers("ema", "score and keep a moving average of the weights, of decay `D` such as 0.999; 0: the weights (default the experiment's)", 1, func(c *Config, v float64) { c.EMA = v })
	numbers("dropout", "share `P` dropped after the hidden layer (default the experiment's)", 1, func(c *Config, v float64) { c.Dropout = v })
	numbers("conv-dropout", "share `P` dropped after the last pooling (default the experiment's)", 1, func(c *Config, v float64) { c.ConvDropout = v })
	choices("solver", "`sgd` or adam (default sgd)", []string{"sgd", "adam"}, func(c *Config, s string) { c.Solver = s })
	choices("ops", "operations: `fast`, this project's, or gorgonia's own (default fast)", []string{"fast", "gorgonia"}, func(c *Config, s string) { c.Ops = s })
	choices("schedule", "learning rate over the steps: `constant`, cosine (with warm-up) or one-cycle (default the experiment's)", Schedules, func(c *Config, s string) { c.Schedule = s })
	fs.Func("channels", "maps of each convolution block, `32,64` by default", channels(func(maps []int) { set(func(c *Config) { c.Channels = maps }) }))
	fs.Func("seed", "`N` rules initialisation, shuffling and dropout (default 1)", seed(func(n uint64) { set(func(c *Config) { c.Seed = n }) }))
	fs.BoolFunc("augment", "shift, turn or flip the training images at random; false: do not (default the experiment's)", boolean(func(b bool) { set(func(c *Config) { c.Augment = b }) }))
	fs.BoolFunc("tta", "test-time augmentation: score by the mean of the probabilities of each image and its mirror image; not for digits (default false)", boolean(func(b bool) { set(func(c *Config) { c.TTA = b }) }))
	fs.BoolFunc("shuffle", "take the images in another order each epoch; false: in file order (default true)", boolean(func(b bool) { set(func(c *Config) { c.Shuffle = b }) }))
}
