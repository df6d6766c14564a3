package experiments

import (
	"encoding/csv"
	"encoding/json"
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

var update = flag.Bool("update", false, "write the README's table of results from results/reference")

const (
	readme    = "../README.md"
	reference = "../results/reference"
	opening   = "<!-- results -->\n"
	closing   = "<!-- /results -->\n"
)

// TestReadmeTableIsThatOfTheReferenceResults generates the README's table of
// results from the CSVs and compares:
//
//	go test ./experiments -run Reference -update
func TestReadmeTableIsThatOfTheReferenceResults(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(text), opening)
	found, after, ok := strings.Cut(rest, closing)
	if !ok {
		t.Fatalf("the README has no %q and %q", opening, closing)
	}
	want := referenceTable(t)
	if *update {
		if err := os.WriteFile(readme, []byte(before+opening+want+closing+after), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if found != want {
		t.Errorf("the README's table is\n%s, want\n%s: go test ./experiments -run Reference -update", found, want)
	}
}

// referenceTable has a line for each variant of each directory of results.
func referenceTable(t *testing.T) string {
	t.Helper()
	var table strings.Builder
	table.WriteString("\n| experiment | data set | variant | epochs | seeds | val accuracy | test accuracy | minutes a run |\n|---|---|---|---|---|---|---|---|\n")
	for _, dir := range referenceDirs(t) {
		rows, err := report.ReadRuns(filepath.Join(reference, dir, "runs.csv"))
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range variants(rows) {
			fmt.Fprintf(&table, "| `%s` | %s | %s | %d | %d | %s | %s | %s |\n", dir, g[0].Dataset, variantOf(g[0]), g[0].Epochs, len(g),
				percent(g, func(r report.RunRow) *float64 { return r.ValAccuracy }),
				percent(g, func(r report.RunRow) *float64 { return r.TestAccuracy }), minutes(g))
		}
	}
	return table.String() + "\n"
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

// variants gathers the runs that differ in their seed alone.
func variants(rows []report.RunRow) (groups [][]report.RunRow) {
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

// percent is the mean and, of several, the standard deviation.
func percent(rows []report.RunRow, of func(report.RunRow) *float64) string {
	var values []float64
	for _, row := range rows {
		if row.Status != report.StatusDone || of(row) == nil {
			return string(row.Status)
		}
		values = append(values, 100**of(row))
	}
	if len(values) == 1 {
		return fmt.Sprintf("%.2f %%", values[0])
	}
	return fmt.Sprintf("%.2f ± %.2f %%", report.Mean(values), report.SD(values))
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

// TestReadmeNumbersAreThoseOfTheirCSV holds the numbers of the assignment's table
// against the reference results.
func TestReadmeNumbersAreThoseOfTheirCSV(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	for experiment, says := range map[string]func(rows []report.RunRow, test string) string{
		"lr-sweep": func(rows []report.RunRow, test string) string {
			if rows[0].LR != chosenRate(t) {
				return ""
			}
			return fmt.Sprintf("%s on test at the chosen rate %v after %d epochs", test, rows[0].LR, rows[0].Epochs)
		},
		"baseline": func(rows []report.RunRow, test string) string {
			return fmt.Sprintf("%s on test after %d epochs", test, rows[0].Epochs)
		},
		"regularized":     func(rows []report.RunRow, test string) string { return variantOf(rows[0]) + " " + test },
		"cifar":           func(rows []report.RunRow, test string) string { return variantOf(rows[0]) + " " + test },
		"recipe":          func(_ []report.RunRow, test string) string { return "MNIST " + test },
		"recipe-cifar-10": func(_ []report.RunRow, test string) string { return "CIFAR-10 " + test },
	} {
		rows, err := report.ReadRuns(filepath.Join(reference, experiment, "runs.csv"))
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range variants(rows) {
			want := says(g, percent(g, func(r report.RunRow) *float64 { return r.TestAccuracy }))
			if !strings.Contains(string(text), want) {
				t.Errorf("the README does not say %q", want)
			}
		}
	}
	if want := referenceGradients(t); !strings.Contains(string(text), want) {
		t.Errorf("the README does not say %q", want)
	}
}

// chosenRate is that of the reference sweep.
func chosenRate(t *testing.T) float64 {
	t.Helper()
	var chosen struct {
		LR float64 `json:"lr"`
	}
	text, err := os.ReadFile(filepath.Join(reference, "lr-sweep", "chosen.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &chosen); err != nil {
		t.Fatal(err)
	}
	return chosen.LR
}

// referenceGradients says how far the derivatives agree.
func referenceGradients(t *testing.T) string {
	t.Helper()
	rows := referenceCSV(t, "gradients", "gradients.csv")
	precision, worst := slices.Index(rows[0], "precision"), slices.Index(rows[0], "max_relative_error")
	largest := map[string]float64{}
	for _, row := range rows[1:] {
		v, err := strconv.ParseFloat(row[worst], 64)
		if err != nil {
			t.Fatal(err)
		}
		largest[row[precision]] = max(largest[row[precision]], v)
	}
	return fmt.Sprintf("largest relative error %.1e in float32, %.1e in float64", largest["float32"], largest["float64"])
}

// referenceCSV reads a file of the reference results, which has a header and rows.
func referenceCSV(t *testing.T, path ...string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join(append([]string{reference}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%v has %d rows: %v", path, len(rows), err)
	}
	return rows
}

// TestReadmeHasTheSpeedsOfTheirCSV looks for each number of results/reference/speed
// that is of the tables.
func TestReadmeHasTheSpeedsOfTheirCSV(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"training.csv", "growth.csv"} {
		rows := referenceCSV(t, "speed", name)
		speed := slices.Index(rows[0], "samples_per_second")
		for _, row := range rows[1:] {
			n, err := strconv.Atoi(row[speed])
			if err != nil {
				t.Fatal(err)
			}
			digits := strconv.Itoa(n)
			if n >= 1000 {
				digits = fmt.Sprintf("%d,%03d", n/1000, n%1000)
			}
			if row[0] != "cnnlab-gorgonia" && !strings.Contains(string(text), "| "+digits+" |") {
				t.Errorf("the README's tables have no %s, which is of %v", digits, row)
			}
		}
	}
}

// TestReadmeHasTheSpeedOfOneEpoch holds what is said of one epoch of MNIST.
func TestReadmeHasTheSpeedOfOneEpoch(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	seconds, test := map[string][]float64{}, map[string][]float64{}
	for _, row := range referenceCSV(t, "speed", "one-epoch.csv")[1:] {
		for column, values := range map[int]map[string][]float64{2: seconds, 4: test} {
			v, err := strconv.ParseFloat(row[column], 64)
			if err != nil {
				t.Fatal(err)
			}
			values[row[0]] = append(values[row[0]], v)
		}
	}
	for program := range seconds {
		slices.Sort(seconds[program])
		for i := range test[program] {
			test[program][i] *= 100
		}
		for _, want := range []string{
			fmt.Sprintf("%.1f s", seconds[program][1]),
			fmt.Sprintf("%.2f ± %.2f %%", report.Mean(test[program]), report.SD(test[program])),
		} {
			if !strings.Contains(string(text), want) {
				t.Errorf("the README does not say %q of %s", want, program)
			}
		}
	}
}

// TestReadmeHasTheTimesOfTheProgram holds the medians of what was measured of the
// program as a whole.
func TestReadmeHasTheTimesOfTheProgram(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	for i, form := range []string{"take %.0f seconds on the two cores", "%.1f times as many", "%.3f s on MNIST", "%.3f s on CIFAR-10", "%.0f GFLOP/s a core"} {
		row := referenceCSV(t, "speed", "program.csv")[1+i]
		var values []float64
		for _, field := range strings.Fields(row[2]) {
			v, err := strconv.ParseFloat(field, 64)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, v)
		}
		slices.Sort(values)
		if want := fmt.Sprintf(form, values[len(values)/2]); !strings.Contains(string(text), want) {
			t.Errorf("the README does not say %q, which is of %v", want, row)
		}
	}
}
