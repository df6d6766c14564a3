package experiments

import (
	"fmt"
	"io"

	"cnnlab/experiments/report"
)

// Formats are the forms in which runs are compared.
var Formats = []string{"text", "csv", "markdown"}

// Comparison is what -compare asks for.
type Comparison struct {
	Paths  []string // results directories, experiments or runs
	Sort   string   // a column of runs.csv, or -column for largest first; "": the best on test first
	Format string   // one of Formats
}

// Compare writes a table over the runs below the paths to stdout, from their
// CSVs alone. What is left out is said on stderr.
func Compare(c Comparison, stdout, stderr io.Writer) error {
	runs, warnings, err := report.Compare(c.Paths, c.Sort)
	for _, w := range warnings {
		fmt.Fprintln(stderr, w)
	}
	if err != nil {
		return err
	}
	switch c.Format {
	case "csv":
		return runs.WriteCSV(stdout)
	case "markdown":
		return runs.WriteMarkdown(stdout)
	}
	return runs.WriteText(stdout, width(stdout))
}
