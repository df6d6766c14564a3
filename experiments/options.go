package experiments

import "fmt"

// Options are what the command line says.
type Options struct {
	Experiment Experiment
	Dataset    string // "": the experiment's own, or generated digits where that cannot be had
	Data       string // where data sets lie, and nowhere else; "": see data.Options
	Out        string // the results directory
	Rates      []float64
	Seeds      int
	Limit      int // training images; 0: all
	Jobs       int
	Trial      int // train only this run of the plan, merge nothing; -1: all
	Fresh      bool
	Quiet      bool
	Override   []func(c *Config) // the other hyper-parameters
}

// UsageError is an error of the command line.
type UsageError struct{ Message string }

func (e UsageError) Error() string { return e.Message }

func usagef(format string, args ...any) error { return UsageError{fmt.Sprintf(format, args...)} }

// variants applies the command line to what the experiment compares.
func (o Options) variants() []Variant {
	base := o.Experiment.Defaults
	for _, set := range o.Override {
		set(&base)
	}
	rates := o.Rates
	if rates == nil {
		rates = o.Experiment.Rates
	}
	return o.Experiment.Variants(base, rates)
}
