package experiments

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pkg/errors"

	"cnnlab/experiments/report"
)

// All steps of the assignment, one after another.
//
//	go run . -exp all
//
// The learning rate is the one that the sweep, the first step, keeps; a rate
// given with -lr is for the sweep. A step that fails does not keep the others from
// their end, which is a table of what each found.
var everything = Experiment{
	Name:    "all",
	Summary: "run all the steps above in order, and end with one table",
	Run:     runAll,
}

func runAll(ctx context.Context, o Options, stdout, stderr io.Writer) error {
	var failure error
	table := report.Table{Columns: []report.Column{{Name: "step"}, {Name: "data set"}, {Name: "result"}, {Name: "minutes", Right: true}}}
	for i, step := range Steps {
		own := o
		own.Experiment = step
		if i > 0 {
			own.Rates = nil
		}
		fmt.Fprintf(stderr, "\n=== %s: %s\n", step.Name, step.Summary)
		start := time.Now()
		outcome, err := perform(ctx, own, stdout, stderr)
		if ctx.Err() != nil || errors.As(err, new(UsageError)) {
			return err
		}
		name, result := "", "within tolerance"
		if outcome != nil {
			name, result = outcome.Set.Name, outcome.result
		}
		if err != nil { // the steps after it can be made all the same
			fmt.Fprintf(stderr, "%s: %v\n", step.Name, err)
			failure = firstOf(failure, errors.WithMessage(err, step.Name))
			result = "failed"
		}
		table.Rows = append(table.Rows, []string{step.Name, name, result, fmt.Sprintf("%.1f", time.Since(start).Minutes())})
	}
	fmt.Fprint(stdout, "\nAll steps\n\n")
	return firstOf(failure, table.WriteText(stdout, width(stdout)))
}

// result is what each group found, in a line.
func result(groups []*group) string {
	var parts []string
	for _, g := range groups {
		parts = append(parts, fmt.Sprintf("%s: test %s", g.Name, meanSD(g.Test)))
	}
	return strings.Join(parts, "; ")
}
