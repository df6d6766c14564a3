package experiments

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
)

// theoryOutcome makes the directory of an experiment without runs.
func theoryOutcome(o Options, stdout, stderr io.Writer) (*Outcome, error) {
	out := &Outcome{Name: o.Experiment.Name, Dir: filepath.Join(o.Out, o.Experiment.Name), stdout: stdout, stderr: stderr}
	return out, errors.Wrap(os.MkdirAll(out.Dir, 0o777), "results directory")
}

// theoryConfig is what the command line makes of the experiment's defaults.
func theoryConfig(o Options) (Config, error) {
	c := o.config()
	if len(o.Rates) > 1 {
		var rates []string
		for _, lr := range o.Rates {
			rates = append(rates, formatRate(lr))
		}
		return c, usagef("-lr %s, want one rate: %s compares none", strings.Join(rates, ","), o.Experiment.Name)
	}
	if len(o.Rates) == 1 {
		c.LR = o.Rates[0]
	}
	return c, nil
}
