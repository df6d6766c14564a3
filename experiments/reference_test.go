package experiments

import (
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cnnlab/experiments/report"
)

var update = flag.Bool("update", false, "write the README's tables from results/reference")

const (
	readme    = "../README.md"
	reference = "../results/reference"
)

// readmeText is the README.
func readmeText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// readmeSays fails unless the README says each of these, line breaks apart.
func readmeSays(t *testing.T, sentences ...string) {
	t.Helper()
	text := strings.Join(strings.Fields(readmeText(t)), " ")
	for _, s := range sentences {
		if !strings.Contains(text, s) {
			t.Errorf("the README does not say %q", s)
		}
	}
}

// TestReadmeTablesAreThoseOfTheReferenceResults generates the README's tables
// between <!-- name --> and <!-- /name --> from the CSVs and compares:
//
//	go test ./experiments -run Reference -update
func TestReadmeTablesAreThoseOfTheReferenceResults(t *testing.T) {
	for name, table := range map[string]func(t *testing.T) string{"results": resultsTable, "speed": speedTable, "growth": growthTable} {
		before, rest, _ := strings.Cut(readmeText(t), fmt.Sprintf("<!-- %s -->\n\n", name))
		found, after, ok := strings.Cut(rest, fmt.Sprintf("\n<!-- /%s -->\n", name))
		if !ok {
			t.Fatalf("the README has no table %s", name)
		}
		want := table(t)
		if *update {
			text := fmt.Sprintf("%s<!-- %s -->\n\n%s\n<!-- /%s -->\n%s", before, name, want, name, after)
			if err := os.WriteFile(readme, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if found != want {
			t.Errorf("the README's table %s is\n%s\nwant\n%s: go test ./experiments -run Reference -update", name, found, want)
		}
	}
}

// resultsTable has a line for each variant of each directory of results.
func resultsTable(t *testing.T) string {
	t.Helper()
	var table strings.Builder
	table.WriteString("| results | data set | variant | epochs | seeds | val accuracy | test accuracy | minutes a run |\n|---|---|---|---|---|---|---|---|\n")
	for _, dir := range referenceDirs(t) {
		for _, g := range referenceRuns(t, dir) {
			variant := variantOf(g[0])
			if maps := g[0].Channels.String(); maps != report.Sizes(defaults.Channels).String() {
				variant += ", maps " + strings.ReplaceAll(maps, " ", ", ")
			}
			fmt.Fprintf(&table, "| [%s](results/reference/%s/summary.md) | %s | %s | %d | %d | %s | %s | %s |\n", dir, dir, g[0].Dataset, variant, g[0].Epochs, len(g),
				percent(g, func(r report.RunRow) *float64 { return r.ValAccuracy }), testAccuracy(g), minutes(g))
		}
	}
	return table.String()
}

// referenceDirs are the results of experiments that train, in the order of Steps.
func referenceDirs(t *testing.T) (dirs []string) {
	t.Helper()
	for _, e := range Steps {
		for _, suffix := range []string{"", "-*"} {
			found, err := filepath.Glob(filepath.Join(reference, e.Name+suffix, "runs.csv"))
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range found {
				dirs = append(dirs, filepath.Base(filepath.Dir(path)))
			}
		}
	}
	return dirs
}

// referenceRuns are the runs of a directory, those that differ in their seed alone
// together.
func referenceRuns(t *testing.T, dir string) (groups [][]report.RunRow) {
	t.Helper()
	rows, err := report.ReadRuns(filepath.Join(reference, dir, "runs.csv"))
	if err != nil {
		t.Fatal(err)
	}
	at := make(map[string]int)
	for _, row := range rows {
		name := variantOf(row)
		if _, ok := at[name]; !ok {
			at[name] = len(groups)
			groups = append(groups, nil)
		}
		groups[at[name]] = append(groups[at[name]], row)
	}
	return groups
}

// variantOf is what a run's id says before its seed: dropout, learning rate 0.01.
func variantOf(row report.RunRow) string {
	id, _, _ := strings.Cut(row.Run, fmt.Sprintf("-s%d-", row.Seed))
	label, rate, ok := strings.Cut(id, "lr")
	if !ok || label == "" {
		return "learning rate " + rate
	}
	return strings.TrimPrefix(strings.TrimSuffix(label, "-"), row.Dataset+"-")
}

func testAccuracy(rows []report.RunRow) string {
	return percent(rows, func(r report.RunRow) *float64 { return r.TestAccuracy })
}

// percent is the mean and, of several, the standard deviation; where one is not
// done there is none.
func percent(rows []report.RunRow, of func(report.RunRow) *float64) string {
	var values []float64
	for _, row := range rows {
		if row.Status == report.StatusDone && of(row) != nil {
			values = append(values, 100**of(row))
		}
	}
	switch {
	case len(values) < len(rows):
		return fmt.Sprintf("%d of %d diverged", len(rows)-len(values), len(rows))
	case len(values) == 1:
		return fmt.Sprintf("%.2f %%", values[0])
	}
	return meanAndSD(values) + " %"
}

func meanAndSD(values []float64) string {
	return fmt.Sprintf("%.2f ± %.2f", report.Mean(values), report.SD(values))
}

func minutes(rows []report.RunRow) string {
	var sum float64
	for _, row := range rows {
		if row.Seconds == nil {
			return ""
		}
		sum += *row.Seconds
	}
	return fmt.Sprintf("%.1f", sum/float64(len(rows))/60)
}

// referenceCSV reads a file of the reference results: its rows, by column.
func referenceCSV(t *testing.T, path ...string) (rows []map[string]string) {
	t.Helper()
	f, err := os.Open(filepath.Join(append([]string{reference}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil || len(lines) < 2 {
		t.Fatalf("%v has %d lines: %v", path, len(lines), err)
	}
	for _, line := range lines[1:] {
		row := make(map[string]string)
		for i, cell := range line {
			row[lines[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}

// numeral reads a number.
func numeral(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// median is the middle one of an odd number of values.
func median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	return values[len(values)/2]
}
