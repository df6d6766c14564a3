package suite

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"slices"

	"github.com/pkg/errors"

	"cnnlab/experiments/report/compare"
	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/text"
)

// Comparing is what -compare asks for.
type Comparing struct {
	Paths  []string // results directories, experiments or runs
	Sort   string   // a column of runs.csv, or -column for largest first; "": the best on test first
	Format string   // text, csv or markdown
	BySeed bool     // a line for each run; false: for each variant, with means over its seeds
}

var compareFlags = []string{"sort", "format", "by-seed"}

// pipeColumns is the width of a text that is read in no terminal: a pager, a file, a mail.
const pipeColumns = 160

// Flags declares the flags of a comparison.
func (c *Comparing) Flags(fs *flag.FlagSet) {
	option := func(name, help string, parse value, to any) {
		fs.Func(name, help, func(s string) error { return parse(s, to) })
	}
	option("compare", "instead of training, show in one table the runs in `DIR[,DIR…]`: results directories, experiments or single runs", list, &c.Paths)
	option("sort", "with -compare: sort by `COLUMN` of runs.csv; -COLUMN sorts largest first (default -test_accuracy)", filled, &c.Sort)
	option("format", "`text`, csv, with -compare also markdown, with -predict also json (default text)", oneOf("text", "csv", "markdown", "json"), &c.Format)
	fs.BoolVar(&c.BySeed, "by-seed", true, "with -compare: a line for each seed; false: for each variant, with the mean ± standard deviation over its seeds (default true)")
}

// CheckFlags returns a UsageError if a given flag does not apply to a comparison, or if
// the column to sort by is unknown.
func (c Comparing) CheckFlags(given []string) error {
	if err := compare.CheckOrder(c.Sort); err != nil {
		return Usagef("%v", err)
	}
	if c.Format == "json" {
		return Usagef("-format json is for -predict; -compare writes text, csv or markdown")
	}
	for _, flag := range given {
		if flag != "compare" && !slices.Contains(compareFlags, flag) {
			return Usagef("-%s does not apply to -compare; it accepts %s", flag, flagList(compareFlags))
		}
	}
	return nil
}

// Run writes a table of the runs to stdout, and says on stderr what it left out.
func (c Comparing) Run(stdout, stderr io.Writer) error {
	found, warnings, err := compare.Runs(c.Paths, c.Sort)
	for _, w := range warnings {
		fmt.Fprintln(stderr, w)
	}
	if err != nil {
		return err
	}
	if !c.BySeed {
		found = found.OverSeeds()
	}
	switch c.Format {
	case "csv":
		err = found.WriteCSV(stdout)
	case "markdown":
		err = found.WriteMarkdown(stdout)
	default:
		err = found.WriteText(stdout, cmp.Or(text.Columns(stdout), pipeColumns))
	}
	if err == nil && slices.ContainsFunc(warnings, func(w runs.Warning) bool { return w.Damage }) {
		err = errors.New("some files are damaged; what to do is said above")
	}
	return err
}
