package experiments

import (
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jszwec/csvutil"
	"github.com/pkg/errors"
)

// writeCSV writes a header and the rows.
func writeCSV[T any](w io.Writer, rows []T) error {
	lines := csv.NewWriter(w)
	cells := csvutil.NewEncoder(lines)
	cells.WithMarshalers(csvutil.MarshalFunc(func(v float64) ([]byte, error) { return strconv.AppendFloat(nil, v, 'g', -1, 64), nil }))
	if err := cells.EncodeHeader(*new(T)); err != nil { // also where there are no rows
		return errors.Wrap(err, "csv")
	}
	if err := cells.Encode(rows); err != nil {
		return errors.Wrap(err, "csv")
	}
	lines.Flush()
	return errors.Wrap(lines.Error(), "csv")
}

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
