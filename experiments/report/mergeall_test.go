package report

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMergeAllTakesEveryRunThereIs(t *testing.T) {
	results := t.TempDir()
	finishedRun(t, filepath.Join(results, "lr-sweep"), "b", 1)
	finishedRun(t, filepath.Join(results, "lr-sweep"), "a", 1)
	finishedRun(t, filepath.Join(results, "baseline"), "c", 1)
	finishedRun(t, filepath.Join(results, "[odd"), "d", 1)
	must(t, os.Mkdir(filepath.Join(results, "empty"), 0o777))
	must(t, os.WriteFile(filepath.Join(results, "empty", "runs"), nil, 0o666))
	corrupt := RunDir(filepath.Join(results, "baseline"), "corrupt")
	must(t, os.Mkdir(corrupt, 0o777))
	must(t, os.WriteFile(filepath.Join(corrupt, recordName), []byte("\x00\x00"), 0o666))
	warnings, err := MergeAll(results)
	must(t, err)
	if len(warnings) != 2 {
		t.Errorf("warnings %v, want two: the corrupt run, the file in place of a directory", warnings)
	}
	rows, err := ReadRuns(filepath.Join(results, runsName))
	must(t, err)
	var got []string
	for _, row := range rows {
		got = append(got, row.Run)
	}
	if diff := cmp.Diff([]string{"d", "c", "a", "b"}, got); diff != "" {
		t.Error(diff)
	}
}
