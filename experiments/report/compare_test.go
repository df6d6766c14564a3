package report

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// comparedRun is a finished run of experiment.
func comparedRun(experiment, id string, lr, accuracy float64) RunRow {
	row := testRecord(id).row()
	row.Experiment, row.LR, row.TestAccuracy = experiment, lr, new(accuracy)
	return row
}

// writeRuns writes rows as the runs.csv of the directory that the elements name.
func writeRuns(t *testing.T, rows []RunRow, elements ...string) {
	t.Helper()
	dir := filepath.Join(elements...)
	must(t, os.MkdirAll(dir, 0o777))
	must(t, WriteFile(filepath.Join(dir, runsName), func(w io.Writer) error { return WriteRows(w, rows) }))
}

// idsOf are the experiments and runs of c, in order.
func idsOf(c Comparison) string {
	var ids []string
	for _, row := range c.rows {
		ids = append(ids, row.cells[1]+"/"+row.cells[0])
	}
	return strings.Join(ids, " ")
}

// testResults is a results directory of two experiments, with their runs.csv
// and its own.
func testResults(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "results")
	sweep := []RunRow{comparedRun("lr-sweep", "a", 0.01, 0.97), comparedRun("lr-sweep", "b", 0.1, 0.985)}
	base := []RunRow{comparedRun("baseline", "a", 0.1, 0.99)}
	writeRuns(t, sweep, dir, "lr-sweep")
	writeRuns(t, base, dir, "baseline")
	writeRuns(t, append(base[:1:1], sweep...), dir)
	return dir
}

func TestCompareFindsRunsByEveryKindOfPath(t *testing.T) {
	dir := testResults(t)
	const all = "baseline/a lr-sweep/b lr-sweep/a" // best test accuracy first
	for _, test := range []struct {
		paths []string
		want  string
	}{
		{[]string{dir}, all},
		{[]string{dir, dir + "/", filepath.Join(dir, "lr-sweep"), filepath.Join(dir, "baseline")}, all},
		{[]string{filepath.Join(dir, "lr-sweep")}, "lr-sweep/b lr-sweep/a"},
		{[]string{filepath.Join(dir, "lr-sweep", runsName)}, "lr-sweep/b lr-sweep/a"},
		{[]string{RunDir(filepath.Join(dir, "lr-sweep"), "a")}, "lr-sweep/a"},
		{[]string{RunDir(filepath.Join(dir, "baseline"), "a"), RunDir(filepath.Join(dir, "lr-sweep"), "a")},
			"baseline/a lr-sweep/a"},
	} {
		c, warnings, err := Compare(test.paths, "")
		if got := idsOf(c); got != test.want || warnings != nil || err != nil {
			t.Errorf("%v: runs %s, warnings %v, error %v, want %s", test.paths, got, warnings, err, test.want)
		}
	}
	must(t, os.Remove(filepath.Join(dir, runsName)))
	c, _, err := Compare([]string{dir}, "")
	if idsOf(c) != all || err != nil {
		t.Errorf("from the experiments below: runs %s, error %v, want %s", idsOf(c), err, all)
	}
}

func TestCompareFindsARunInTheResultsWhereItsExperimentHasNot(t *testing.T) {
	dir := testResults(t)
	later := comparedRun("lr-sweep", "c", 0.3, 0.5)
	other := comparedRun("baseline", "c", 0.3, 0.6)
	writeRuns(t, []RunRow{other, later}, dir)
	run := RunDir(filepath.Join(dir, "lr-sweep"), "c")
	must(t, os.MkdirAll(run, 0o777))
	t.Chdir(run)
	c, warnings, err := Compare([]string{"."}, "")
	if idsOf(c) != "lr-sweep/c" || warnings != nil || err != nil {
		t.Errorf("runs %s, warnings %v, error %v, want lr-sweep/c", idsOf(c), warnings, err)
	}
	t.Chdir(dir)
	_, _, err = Compare([]string{"lr-sweep/runs/d"}, "")
	if want := "it has no line in " + filepath.Join("lr-sweep", runsName) + " and it has no line in " + runsName; err == nil ||
		!strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}

func TestComparePrefersTheStateThatEnded(t *testing.T) {
	dir := testResults(t)
	stale := comparedRun("lr-sweep", "a", 0.01, 0.97)
	stale.Status, stale.TestAccuracy = StatusRunning, nil
	writeRuns(t, []RunRow{stale}, dir)
	c, _, err := Compare([]string{dir, filepath.Join(dir, "lr-sweep")}, "")
	must(t, err)
	if idsOf(c) != "lr-sweep/b lr-sweep/a" || c.rows[1].status != StatusDone {
		t.Errorf("runs %s, the last %s, want each once and done", idsOf(c), c.rows[1].status)
	}
}

func TestCompareTellsResultsDirectoriesApart(t *testing.T) {
	one, two := testResults(t), testResults(t)
	changed := comparedRun("baseline", "a", 0.1, 0.98)
	writeRuns(t, []RunRow{changed, comparedRun("lr-sweep", "b", 0.1, 0.985)}, two)
	c, warnings, err := Compare([]string{filepath.Join(one, "baseline"), filepath.Join(one, "lr-sweep"), two}, "")
	if idsOf(c) != "baseline/a lr-sweep/b baseline/a lr-sweep/a" || warnings != nil || err != nil {
		t.Fatalf("runs %s, warnings %v, error %v, want the changed run twice, the equal one once", idsOf(c), warnings, err)
	}
	table := c.Table()
	if table.Columns[0].Name != resultsColumn || table.Rows[0][0] != one || table.Rows[2][0] != two {
		t.Errorf("columns %v, rows %v, want the results directories first", table.Columns, table.Rows)
	}
}

func TestCompareListsWhatCannotBeRead(t *testing.T) {
	dir := testResults(t)
	foreign := filepath.Join(dir, "lr-sweep", runsName)
	must(t, os.WriteFile(foreign, []byte("time,value\n1,\x1b[2J\n"), 0o666))
	must(t, os.WriteFile(filepath.Join(dir, runsName), []byte(header[RunRow]()+"torn,li"), 0o666))
	c, warnings, err := Compare([]string{dir, filepath.Join(dir, "absent"), ""}, "")
	if idsOf(c) != "baseline/a" || err != nil {
		t.Errorf("runs %s, error %v, want the good ones", idsOf(c), err)
	}
	var said []string
	for _, warning := range warnings {
		said = append(said, warning.String())
	}
	for i, want := range []string{filepath.Join(dir, runsName) + ": line 2: found 2 columns", foreign + ": line 1: found the header",
		filepath.Join(dir, "absent") + ": ", `"": an empty path`} {
		if i >= len(said) || !strings.HasPrefix(said[i], "left out: "+want) {
			t.Errorf("warnings %q, want %q", said, want)
		}
	}
}

func TestNothingToCompareIsAnErrorThatSaysWhereItLooked(t *testing.T) {
	dir := t.TempDir()
	writeRuns(t, nil, dir, "empty")
	must(t, os.Mkdir(filepath.Join(dir, "bare\x1b"), 0o777))
	for _, test := range []struct{ path, want string }{
		{filepath.Join(dir, "empty"), "no runs in it yet"},
		{filepath.Join(dir, "bare\x1b"), "no runs.csv in it nor in a directory below it"},
		{filepath.Join(dir, "absent"), "want a directory with a runs.csv"},
		{RunDir(filepath.Join(dir, "bare\x1b"), "x"), "there is no " + filepath.Join(dir, "bare\uFFFD", runsName)},
	} {
		_, warnings, err := Compare([]string{test.path}, "")
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\x1b") || warnings != nil {
			t.Errorf("%q: error %v, warnings %v, want %q alone", test.path, err, warnings, test.want)
		}
	}
	if _, _, err := Compare(nil, ""); err == nil || !strings.Contains(err.Error(), "no directory given") {
		t.Errorf("error %v, want that nothing was given", err)
	}
}

func TestCompareSortsByAnyColumn(t *testing.T) {
	dir := t.TempDir()
	diverged := comparedRun("sweep", "d", 3, 0)
	diverged.TestAccuracy = nil
	a, b, c := comparedRun("sweep", "a", 0.1, 0.9), comparedRun("sweep", "b", 1e-3, 0.9), comparedRun("sweep", "c", 0.02, 0.95)
	a.Channels, b.Channels, c.Channels, diverged.Channels = Sizes{32, 64}, Sizes{8, 16}, Sizes{32}, Sizes{128}
	writeRuns(t, []RunRow{a, diverged, b, c}, dir, "sweep")
	for order, want := range map[string]string{
		"": "c a b d", "test_accuracy": "a b c d", "-test-accuracy": "c a b d",
		"lr": "b c a d", "-LR": "d a c b", "run": "a b c d", "-run": "d c b a", "channels": "b c a d", "seed": "a d b c",
	} {
		got, _, err := Compare([]string{filepath.Join(dir, "sweep")}, order)
		if ids := strings.ReplaceAll(idsOf(got), "sweep/", ""); ids != want || err != nil {
			t.Errorf("by %q: %s, error %v, want %s", order, ids, err, want)
		}
	}
	for order, want := range map[string]string{
		"lrr": "did you mean lr?", "-val_acuracy": "did you mean val_accuracy?", "test_acc": "did you mean test_accuracy?",
		"zzzzzzzzzzzzzzzz": "no such column (columns: run, experiment, dataset,", "-": `sort by ""`, "\x1b": `"\x1b"`,
	} {
		_, _, err := Compare([]string{dir}, order)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("by %q: error %v, want %q", order, err, want)
		}
	}
}
