package experiments

import (
	"context"
	"fmt"
	"io"

	"github.com/pkg/errors"

	"cnnlab/data"
)

// generated is the data set that is there on every machine.
const generated = "digits"

// load returns the data set to train on, cut to the limit. Unless the command
// line names one, generated digits stand in where the experiment's own is on no
// disk and no host can be reached.
func (o Options) load(ctx context.Context, stderr io.Writer) (*data.Dataset, error) {
	name := o.Dataset
	if name == "" {
		name = o.Experiment.Dataset
	}
	set, err := data.Load(ctx, name, data.Options{Dir: o.Data, Log: stderr})
	if errors.Is(err, data.ErrUnavailable) && o.Dataset == "" && o.Data == "" {
		fmt.Fprintf(stderr, `
================================================================================
 %s cannot be had here, so this trains on GENERATED DIGITS instead.
 The figures that follow are of the data set %q and say nothing of %s.
 Name a data set with -dataset to insist on it.
 (%v)
================================================================================

`, name, generated, name, err)
		set, err = data.Load(ctx, generated, data.Options{Log: stderr})
	}
	if err != nil {
		return nil, err
	}
	set.Limit(o.Limit)
	return set, nil
}

// check refuses a batch that is larger than what there is to train on.
func (o Options) check() error {
	name := o.Dataset
	if name == "" {
		name = o.Experiment.Dataset
	}
	images := data.TrainImages(name)
	if o.Limit > 0 {
		images = min(images, o.Limit)
	}
	for _, v := range o.variants() {
		if v.Config.Batch > images {
			return usagef("-batch %d is more than the %d training images; want 1 to %d", v.Config.Batch, images, images)
		}
	}
	return nil
}
