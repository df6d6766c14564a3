package runs

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestACopyOfAnExperimentIsListedOnce as cp -r makes one, and the copy that differs is
// named.
func TestACopyOfAnExperimentIsListedOnce(t *testing.T) {
	experiment := testRecord("a").Experiment
	change := func(file string) func(dir string) error {
		return func(dir string) error { return os.WriteFile(filepath.Join(dir, file), []byte("x"), 0o666) }
	}
	for name, c := range map[string]struct {
		original, copied string // names of directories
		change           func(dir string) error
		changed          string   // in which of the two
		want             []string // at the ends of the warnings
	}{
		"equal":                       {experiment, experiment + ".bak", nil, "", []string{experiment + ".bak: copies of 2 runs in ORIGINAL"}},
		"equal, sorted first":         {experiment, "a-copy", nil, "", []string{"a-copy: copies of 2 runs in ORIGINAL"}},
		"on another data set":         {experiment + "-" + testRecord("a").Config.Dataset, "a-copy", nil, "", []string{"a-copy: copies of 2 runs in ORIGINAL"}},
		"a copy that is damaged":      {experiment, "a-copy", change(StepsName), "a-copy", []string{"steps.csv: ", "a-copy/runs/b: a copy of ORIGINAL/runs/b that differs in steps.csv", "a-copy: copies of 1 run in ORIGINAL"}},
		"an original that is damaged": {experiment, "a-copy", change(StepsName), experiment, []string{"steps.csv: ", "ORIGINAL/runs/b: a copy of RESULTS/a-copy/runs/b that differs in steps.csv", "a-copy: copies of 1 run in ORIGINAL"}},
	} {
		results := t.TempDir()
		original, copied := filepath.Join(results, c.original), filepath.Join(results, c.copied)
		finishedRun(t, original, "a", 2)
		finishedRun(t, original, "b", 3)
		must(t, os.CopyFS(copied, os.DirFS(original)))
		if c.change != nil {
			must(t, c.change(Path(filepath.Join(results, c.changed), "b")))
		}
		warnings, err := MergeAll(results)
		must(t, err)
		rows, err := ReadRuns(filepath.Join(results, RunsName))
		slices.SortFunc(rows, func(a, b RunRow) int { return strings.Compare(a.Run, b.Run) })
		want := []RunRow{testRecord("a").Row(), testRecord("b").Row()}
		if diff := cmp.Diff(want, rows); diff != "" || err != nil {
			t.Errorf("%s: %s %v", name, diff, err)
		}
		var said []string
		for _, w := range warnings {
			said = append(said, w.String())
		}
		if len(said) != len(c.want) {
			t.Errorf("%s: %d warnings, want %d:\n%s", name, len(said), len(c.want), strings.Join(said, "\n"))
			continue
		}
		for i, w := range c.want {
			w = strings.ReplaceAll(strings.ReplaceAll(w, "ORIGINAL", original), "RESULTS", results)
			if !strings.Contains(filepath.ToSlash(said[i]), filepath.ToSlash(w)) {
				t.Errorf("%s: %q, want %q", name, said[i], w)
			}
		}
	}
}
