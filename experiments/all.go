package experiments

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/pkg/errors"

	"cnnlab/experiments/report/page"
	"cnnlab/experiments/report/table"
	"cnnlab/experiments/report/text"
	"cnnlab/experiments/suite"
)

// all runs the experiments of List one after another.
//
//	go run . -exp all
//
// baseline, regularized and cifar take the learning rate that the sweep, the first
// step, chooses; a rate given with -lr is for the sweep. A step that fails does not
// stop the others. A table of what each step found comes last.
type all struct{}

// Title implements suite.Experiment.
func (all) Title() (name, summary string) {
	return "all", "run all the experiments above in order and show one table at the end"
}

// Step implements suite.Experiment: the page shows its steps.
func (all) Step() page.Step { return page.Step{} }

// Takes implements suite.Experiment.
func (all) Takes(flag string) bool {
	return flag != "trial" && flag != "variant" && flag != "plan" && flag != "print-slurm" && flag != "print-k8s"
}

// Run implements suite.Experiment.
func (all) Run(ctx context.Context, o suite.Options, stdout, stderr io.Writer) (suite.Result, error) {
	var failure error
	t := table.Table{Columns: []table.Column{{Name: "step"}, {Name: "data set"}, {Name: "result"}, {Name: "minutes", Right: true}}}
	for _, e := range List {
		name, summary := e.Title()
		fmt.Fprintf(stderr, "\n=== %s: %s\n", name, summary)
		start := time.Now()
		result, err := e.Run(ctx, o, stdout, stderr)
		if ctx.Err() != nil || errors.As(err, new(suite.UsageError)) {
			return result, cmp.Or(err, context.Cause(ctx))
		}
		if err != nil {
			fmt.Fprintf(stderr, "%s: %v\n", name, err)
			failure = cmp.Or(failure, errors.WithMessage(err, name))
			result.Text = "failed"
		}
		t.Rows = append(t.Rows, []string{name, result.Dataset, result.Text, fmt.Sprintf("%.1f", time.Since(start).Minutes())})
		o.Rates = nil
	}
	fmt.Fprint(stdout, "\nAll steps\n\n")
	return suite.Result{}, cmp.Or(failure, t.WriteText(stdout, text.Columns(stdout)))
}
