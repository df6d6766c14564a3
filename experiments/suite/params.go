package suite

import (
	"flag"
	"fmt"
	"math"
	"reflect"
	"strings"

	"cnnlab/model"
)

type param struct {
	name   string // of the flag and, with _ for -, of the column in runs.csv
	help   string // with the placeholder in backquotes
	parse  value
	field  func(c *Config) any
	varies bool // experiments have defaults of their own
}

// params and the fields of Config are the only declarations of the hyper-parameters.
// The flags, -h and the table of flags in the documentation follow from params. To add
// one, add the field, a line here, and the code that uses it.
var params = []param{
	{"epochs", "`N` passes over the training images; 0 scores the untrained network", whole(0, 100_000),
		func(c *Config) any { return &c.Epochs }, true},
	{"batch", "batch size `N`", whole(1, 100_000), func(c *Config) any { return &c.Batch }, false},
	{"solver", "solver `NAME`: " + strings.Join(model.SolverNames(), ", "), oneOf(model.SolverNames()...), func(c *Config) any { return &c.Solver }, false},
	{"momentum", "momentum `M`, for sgd only", fraction, func(c *Config) any { return &c.Momentum }, false},
	{"weight-decay", "L2 weight decay `L`, on weights but not on biases", below(math.Inf(1)), func(c *Config) any { return &c.WeightDecay }, true},
	{"schedule", "learning-rate schedule `NAME`: " + strings.Join(scheduleNames, ", ") + "; -lr is its peak", oneOf(scheduleNames...),
		func(c *Config) any { return &c.Schedule }, true},
	{"ema", "score and save an exponential moving average of the weights with decay `D`, such as 0.999; 0 uses the weights themselves", fraction,
		func(c *Config) any { return &c.EMA }, true},
	{"dropout", "dropout probability `P` after the hidden layer", fraction, func(c *Config) any { return &c.Dropout }, true},
	{"conv-dropout", "dropout probability `P` after the last pooling layer", fraction, func(c *Config) any { return &c.ConvDropout }, true},
	{"augment", "shift, rotate or flip the training images at random", boolean, func(c *Config) any { return &c.Augment }, true},
	{"tta", "test-time augmentation: average the predictions for each image and its mirror image; not for mnist or digits", boolean,
		func(c *Config) any { return &c.TTA }, false},
	{"shuffle", "shuffle the training images before every epoch", boolean, func(c *Config) any { return &c.Shuffle }, false},
	{"channels", "feature maps of each convolution block, such as `32,64,128`", sizes(1, 4096), func(c *Config) any { return &c.Channels }, false},
	{"extra-convs", "`N` more convolutions with ReLU in every block, before its pooling", whole(0, 16), func(c *Config) any { return &c.ExtraConvs }, false},
	{"kernel", "convolution kernels of `N`×N pixels", whole(1, 7), func(c *Config) any { return &c.Kernel }, false},
	{"hidden", "`N` units in the hidden dense layer", whole(1, 65_536), func(c *Config) any { return &c.Hidden }, false},
	{"ops", "operations: `fast` (this project's own) or gorgonia", oneOf("fast", "gorgonia"), func(c *Config) any { return &c.Ops }, false},
	{"seed", "random seed `N` for initialization, shuffling, dropout and augmentation", wide, func(c *Config) any { return &c.Seed }, false},
}

// declare declares the flag. It checks the value at once and notes it in o.
func (p param) declare(fs *flag.FlagSet, o *Options) {
	note := func(s string) error {
		if err := p.parse(s, p.field(new(Config))); err != nil {
			return err
		}
		o.Given[p.name] = s
		return nil
	}
	help := fmt.Sprintf("%s (default %s)", p.help, p.defaultText())
	if _, ok := p.field(new(Config)).(*bool); ok {
		fs.BoolFunc(p.name, help, note)
	} else {
		fs.Func(p.name, help, note)
	}
}

func (p param) defaultText() string {
	if p.varies {
		return "the experiment's"
	}
	c := defaults
	return strings.ReplaceAll(fmt.Sprint(reflect.ValueOf(p.field(&c)).Elem()), " ", ",")
}

// Config returns base with the hyper-parameters given on the command line.
func (o Options) Config(base Config) Config {
	for _, p := range params {
		if s, ok := o.Given[p.name]; ok {
			if err := p.parse(s, p.field(&base)); err != nil {
				panic(err) // it was checked when it was given
			}
		}
	}
	return base
}
