package suite

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cnnlab/experiments/report/runs"
)

// timed are the columns that no two runs have alike.
var timed = []string{"seconds", "samples_per_second"}

// files returns what is in the results, by name, without times: the records and
// the checkpoints, which hold some, and the columns timed are left out, and so
// are locks and what a killed process was writing.
func (s *study) files(t *testing.T) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.Walk(s.dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		name, _ := filepath.Rel(s.dir, path)
		switch base := filepath.Base(name); {
		case base == "run.json", strings.HasPrefix(base, "checkpoint."), strings.HasPrefix(base, "."):
		case strings.HasSuffix(base, ".csv"):
			files[filepath.ToSlash(name)] = withoutTimes(t, string(content))
		default:
			files[filepath.ToSlash(name)] = string(content)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// readSteps is the whole of a steps.csv.
func readSteps(path string) (rows []runs.StepRow, err error) {
	for row, err := range runs.ReadSteps(path) {
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// withoutTimes empties the columns timed of a CSV.
func withoutTimes(t *testing.T, text string) string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range timed {
		if at := slices.Index(rows[0], name); at >= 0 {
			for _, row := range rows[1:] {
				row[at] = ""
			}
		}
	}
	return fmt.Sprint(rows)
}

// wantFiles fails unless got has the bytes of want, timings apart.
func wantFiles(t *testing.T, what string, want, got map[string]string) {
	t.Helper()
	if len(want) < 2 || len(got) != len(want) {
		t.Errorf("%s: %d files, want %d", what, len(got), len(want))
	}
	for name, content := range want {
		if got[name] != content {
			t.Errorf("%s: %s differs", what, name)
		}
	}
}
