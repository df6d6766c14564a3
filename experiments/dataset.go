package experiments

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/pkg/errors"

	"cnnlab/data"
)

// load returns the data set to train on, cut to the limit. Unless the command
// line names one, a generated set stands in where the experiment's own is on no
// disk and no host can be reached.
func (o Options) load(ctx context.Context, stderr io.Writer) (*data.Dataset, error) {
	name, generated := o.dataset(), o.Experiment.Generated
	set, err := data.Load(ctx, name, data.Options{Dir: o.Data, Log: stderr})
	if errors.Is(err, data.ErrUnavailable) && o.Dataset == "" && o.Data == "" {
		fmt.Fprintf(stderr, `
================================================================================
 %s cannot be had here, so this trains on GENERATED %s instead.
 The figures that follow are of the data set %q and say nothing of %s.
 Name a data set with -dataset to insist on it.
 (%v)
================================================================================

`, name, strings.ToUpper(generated), generated, name, err)
		set, err = data.Load(ctx, generated, data.Options{Log: stderr})
	}
	if err != nil {
		return nil, err
	}
	set.Limit(o.Limit)
	return set, nil
}
