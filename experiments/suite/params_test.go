package suite

import (
	"flag"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cnnlab/data"
	"cnnlab/experiments/report/runs"
)

// FuzzFlags holds that no value of any flag makes the command line panic, and
// that what it takes is in its range and makes ids that are safe as file names.
func FuzzFlags(f *testing.F) {
	for _, seed := range [][2]string{
		{"lr", "0.1,1e-3"}, {"lr", "NaN"}, {"lr", "0x1p-2,,"}, {"lr", "1e39"}, {"lr", "5e-324"}, {"batch", "0"}, {"epochs", "-1"}, {"dropout", "-0"},
		{"conv-dropout", "0.999999999999999999999"}, {"weight-decay", "1e400"}, {"ema", "0.999"}, {"ema", "1"}, {"channels", "32,64"}, {"kernel", "8"}, {"seed", "18446744073709551615"},
		{"seeds", "9999999999999999999"}, {"checkpoint-every", "10"}, {"trial", "+1"}, {"shuffle", "f"}, {"dataset", "../mnist"},
		{"schedule", "cosine"}, {"momentum", "1"}, {"variant", "none,"}, {"jobs", "1e3"}, {"out", ""}, {"compare", "a,,b"}, {"sort", "-lr"}, {"format", "html"},
	} {
		f.Add(seed[0], seed[1])
	}
	set := &data.Dataset{SHA256: "abc"}
	o, c := NewOptions(), Comparing{}
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	o.Flags(fs, io.Discard)
	c.Flags(fs)
	f.Fuzz(func(t *testing.T, name, value string) {
		o, c = NewOptions(), Comparing{}
		if fs.Parse([]string{"-" + name + "=" + value}) != nil {
			return
		}
		for i, lr := range o.Rates {
			if !(lr > 0 && lr <= math.MaxFloat32) || slices.Contains(o.Rates[:i], lr) {
				t.Errorf("rates %v", o.Rates)
			}
		}
		if o.Seeds < 1 || o.Jobs < 1 || o.Limit < 0 || o.Trial < -1 || o.CheckpointEvery < 0 || slices.Contains(c.Paths, "") || c.Format != "" && !slices.Contains([]string{"text", "csv", "markdown"}, c.Format) {
			t.Errorf("options %+v %+v", o, c)
		}
		config := o.Config(sweep.Defaults)
		inRange(t, config)
		for _, lr := range append(o.Rates, 0.01) {
			config.LR = lr
			if err := runs.CheckName(runID("dropout", config, set)); err != nil {
				t.Error(err)
			}
		}
		if err := sweep.check(o); err != nil {
			if _, ok := err.(UsageError); !ok {
				t.Errorf("%T: %v", err, err)
			}
		}
	})
}

// inRange fails unless a network of that configuration can be thought of.
func inRange(t *testing.T, c Config) {
	t.Helper()
	share := func(v float64) bool { return v >= 0 && v < 1 }
	if c.Batch < 1 || c.Epochs < 0 || c.Kernel < 1 || c.Hidden < 1 || len(c.Channels) == 0 || slices.Min(c.Channels) < 1 ||
		!share(c.Momentum) || !share(c.Dropout) || !share(c.ConvDropout) || !share(c.EMA) || !(c.WeightDecay >= 0) || math.IsInf(c.WeightDecay, 0) ||
		math.Signbit(c.Dropout) || !slices.Contains(scheduleNames, c.Schedule) {
		t.Errorf("config %+v", c)
	}
}

// TestEveryHyperParameterHasAFlag named as its column, and the other way round; the
// data set and the learning rate are options, and -limit sets train_images.
func TestEveryHyperParameterHasAFlag(t *testing.T) {
	columns := runs.Columns[Config]()
	for _, p := range params {
		name := strings.ReplaceAll(p.name, "-", "_")
		at := slices.Index(columns, name)
		if at < 0 {
			t.Errorf("-%s has no column %s", p.name, name)
			continue
		}
		c := new(Config)
		field := reflect.ValueOf(c).Elem().Field(at).Addr().Interface()
		if p.field(c) != field {
			t.Errorf("-%s sets another field than its column %s", p.name, name)
		}
		columns[at] = ""
	}
	if rest := strings.Fields(strings.Join(columns, " ")); !slices.Equal(rest, []string{"dataset", "train_images", "lr"}) {
		t.Errorf("columns without a flag: %q", rest)
	}
}
