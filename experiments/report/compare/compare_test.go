package compare

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cnnlab/data/durable"
	"cnnlab/experiments/report/runs"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// testRow is a finished run.
func testRow(id string) runs.RunRow {
	return runs.RunRow{Run: id, Experiment: "lr-sweep", Status: runs.StatusDone,
		Config: runs.Config{Dataset: "mnist", TrainImages: 5000, Channels: runs.Sizes{32, 64}, Kernel: 3, Hidden: 128,
			Batch: 100, Epochs: 2, Solver: "sgd", LR: 0.1, Schedule: "constant", Momentum: 0.9, Shuffle: true, Ops: "fast", Seed: 1},
		Metrics: runs.Metrics{BestEpoch: new(2), ValAccuracy: new(0.98), TestLoss: new(0.05), TestAccuracy: new(0.985), Parameters: new(421642)},
		Timing:  runs.Timing{Seconds: new(12.5), SamplesPerSecond: new(800.0)}}
}

// comparedRun is a finished run of experiment.
func comparedRun(experiment, id string, lr, accuracy float64) runs.RunRow {
	row := testRow(id)
	row.Experiment, row.LR, row.TestAccuracy = experiment, lr, new(accuracy)
	return row
}

// writeRuns writes rows as the runs.csv of the directory that the elements name.
func writeRuns(t *testing.T, rows []runs.RunRow, elements ...string) {
	t.Helper()
	dir := filepath.Join(elements...)
	must(t, os.MkdirAll(dir, 0o777))
	must(t, durable.WriteFile(durable.Disk{}, filepath.Join(dir, runs.RunsName), func(w io.Writer) error { return runs.WriteRows(w, rows) }))
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
	sweep := []runs.RunRow{comparedRun("lr-sweep", "a", 0.01, 0.97), comparedRun("lr-sweep", "b", 0.1, 0.985)}
	base := []runs.RunRow{comparedRun("baseline", "a", 0.1, 0.99)}
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
		{[]string{filepath.Join(dir, "lr-sweep", runs.RunsName)}, "lr-sweep/b lr-sweep/a"},
		{[]string{runs.Path(filepath.Join(dir, "lr-sweep"), "a")}, "lr-sweep/a"},
		{[]string{runs.Path(filepath.Join(dir, "baseline"), "a"), runs.Path(filepath.Join(dir, "lr-sweep"), "a")},
			"baseline/a lr-sweep/a"},
	} {
		c, warnings, err := Runs(test.paths, "")
		if got := idsOf(c); got != test.want || warnings != nil || err != nil {
			t.Errorf("%v: runs %s, warnings %v, error %v, want %s", test.paths, got, warnings, err, test.want)
		}
	}
	must(t, os.Remove(filepath.Join(dir, runs.RunsName)))
	c, _, err := Runs([]string{dir}, "")
	if idsOf(c) != all || err != nil {
		t.Errorf("from the experiments below: runs %s, error %v, want %s", idsOf(c), err, all)
	}
}

func TestCompareFindsARunInTheResultsWhereItsExperimentHasNot(t *testing.T) {
	dir := testResults(t)
	later := comparedRun("lr-sweep", "c", 0.3, 0.5)
	other := comparedRun("baseline", "c", 0.3, 0.6)
	writeRuns(t, []runs.RunRow{other, later}, dir)
	run := runs.Path(filepath.Join(dir, "lr-sweep"), "c")
	must(t, os.MkdirAll(run, 0o777))
	t.Chdir(run)
	c, warnings, err := Runs([]string{"."}, "")
	if idsOf(c) != "lr-sweep/c" || warnings != nil || err != nil {
		t.Errorf("runs %s, warnings %v, error %v, want lr-sweep/c", idsOf(c), warnings, err)
	}
	t.Chdir(dir)
	_, _, err = Runs([]string{"lr-sweep/runs/d"}, "")
	if want := "it has no line in " + filepath.Join("lr-sweep", runs.RunsName) + " and it has no line in " + runs.RunsName; err == nil ||
		!strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}

func TestComparePrefersTheStateThatEnded(t *testing.T) {
	dir := testResults(t)
	stale := comparedRun("lr-sweep", "a", 0.01, 0.97)
	stale.Status, stale.TestAccuracy = runs.StatusRunning, nil
	writeRuns(t, []runs.RunRow{stale}, dir)
	c, _, err := Runs([]string{dir, filepath.Join(dir, "lr-sweep")}, "")
	must(t, err)
	if idsOf(c) != "lr-sweep/b lr-sweep/a" || c.rows[1].status != runs.StatusDone {
		t.Errorf("runs %s, the last %s, want each once and done", idsOf(c), c.rows[1].status)
	}
}

func TestCompareTellsResultsDirectoriesApart(t *testing.T) {
	one, two := testResults(t), testResults(t)
	changed := comparedRun("baseline", "a", 0.1, 0.98)
	writeRuns(t, []runs.RunRow{changed, comparedRun("lr-sweep", "b", 0.1, 0.985)}, two)
	c, warnings, err := Runs([]string{filepath.Join(one, "baseline"), filepath.Join(one, "lr-sweep"), two}, "")
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
	foreign := filepath.Join(dir, "lr-sweep", runs.RunsName)
	must(t, os.WriteFile(foreign, []byte("time,value\n1,\x1b[2J\n"), 0o666))
	must(t, os.WriteFile(filepath.Join(dir, runs.RunsName), []byte(strings.Join(runs.Columns[runs.RunRow](), ",")+"\n"+"torn,li"), 0o666))
	c, warnings, err := Runs([]string{dir, filepath.Join(dir, "absent"), ""}, "")
	if idsOf(c) != "baseline/a" || err != nil {
		t.Errorf("runs %s, error %v, want the good ones", idsOf(c), err)
	}
	var said []string
	for _, warning := range warnings {
		said = append(said, warning.String())
	}
	for i, want := range []string{filepath.Join(dir, runs.RunsName) + ": line 2: found 2 columns", foreign + ": line 1: no column run, experiment",
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
		{runs.Path(filepath.Join(dir, "bare\x1b"), "x"), "there is no " + filepath.Join(dir, "bare\uFFFD", runs.RunsName)},
	} {
		_, warnings, err := Runs([]string{test.path}, "")
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\x1b") || warnings != nil {
			t.Errorf("%q: error %v, warnings %v, want %q alone", test.path, err, warnings, test.want)
		}
	}
	if _, _, err := Runs(nil, ""); err == nil || !strings.Contains(err.Error(), "no directory given") {
		t.Errorf("error %v, want that nothing was given", err)
	}
}

func TestCompareSortsByAnyColumn(t *testing.T) {
	dir := t.TempDir()
	diverged := comparedRun("sweep", "d", 3, 0)
	diverged.TestAccuracy = nil
	a, b, c := comparedRun("sweep", "a", 0.1, 0.9), comparedRun("sweep", "b", 1e-3, 0.9), comparedRun("sweep", "c", 0.02, 0.95)
	a.Channels, b.Channels, c.Channels, diverged.Channels = runs.Sizes{32, 64}, runs.Sizes{8, 16}, runs.Sizes{32}, runs.Sizes{128}
	writeRuns(t, []runs.RunRow{a, diverged, b, c}, dir, "sweep")
	for order, want := range map[string]string{
		"": "c a b d", "test_accuracy": "a b c d", "-test-accuracy": "c a b d",
		"lr": "b c a d", "-LR": "d a c b", "run": "a b c d", "-run": "d c b a", "channels": "b c a d", "seed": "a d b c",
	} {
		got, _, err := Runs([]string{filepath.Join(dir, "sweep")}, order)
		if ids := strings.ReplaceAll(idsOf(got), "sweep/", ""); ids != want || err != nil {
			t.Errorf("by %q: %s, error %v, want %s", order, ids, err, want)
		}
	}
	for order, want := range map[string]string{
		"lrr": "did you mean lr?", "-val_acuracy": "did you mean val_accuracy?", "test_acc": "did you mean test_accuracy?",
		"zzzzzzzzzzzzzzzz": "no such column (columns: run, experiment, dataset,", "-": `sort by ""`, "\x1b": `"\x1b"`,
	} {
		_, _, err := Runs([]string{dir}, order)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("by %q: error %v, want %q", order, err, want)
		}
	}
}

func TestComparisonHidesWhatDoesNotDiffer(t *testing.T) {
	c, _, err := Runs([]string{filepath.Join(testResults(t), "lr-sweep")}, "")
	must(t, err)
	var text strings.Builder
	must(t, c.WriteText(&text, 0))
	const want = `Common: experiment lr-sweep, dataset mnist, train_images 5000, channels 32 64, extra_convs 0, kernel 3, hidden 128, ` +
		`batch 100, epochs 2, solver sgd, schedule constant, momentum 0.9, weight_decay 0, ema 0, dropout 0, conv_dropout 0, ` +
		`augment false, tta false, shuffle true, ops fast, seed 1, status done, best_epoch 2, val_accuracy 98.00 %, ` +
		`test_loss 0.0500, parameters 421642, seconds 12.5, samples_per_second 800

run    lr  test_accuracy
b     0.1        98.50 %
a    0.01        97.00 %
`
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Error(diff)
	}
	text.Reset()
	must(t, c.WriteText(&text, 20))
	if !strings.HasSuffix(text.String(), "\n\nrun    lr\nb     0.1\na    0.01\n\nrun  test_accuracy\nb          98.50 %\na          97.00 %\n") {
		t.Errorf("the table is not folded: %s", text.String())
	}
	for line := range strings.Lines(text.String()) {
		if len(line) > 21 {
			t.Errorf("a line of %d, want 20: %q", len(line)-1, line)
		}
	}
	text.Reset()
	must(t, c.WriteMarkdown(&text))
	if got := text.String(); !strings.HasPrefix(got, `Common: experiment lr-sweep, dataset mnist, train\_images 5000,`) ||
		!strings.HasSuffix(got, "\n\n| run | lr | test\\_accuracy |\n|---|---:|---:|\n| b | 0.1 | 98.50 % |\n| a | 0.01 | 97.00 % |\n") {
		t.Errorf("markdown:\n%s", got)
	}
}

func TestComparisonOfOneRunHidesNothing(t *testing.T) {
	c, _, err := Runs([]string{runs.Path(filepath.Join(testResults(t), "lr-sweep"), "a")}, "")
	must(t, err)
	var b strings.Builder
	must(t, c.WriteText(&b, 0))
	if got, want := len(c.Table().Columns), len(runs.Columns[runs.RunRow]()); got != want || strings.Contains(b.String(), "Common") {
		t.Errorf("%d columns, want %d and nothing in common:\n%s", got, want, &b)
	}
}

func TestComparisonAsCSVIsARunsCSV(t *testing.T) {
	dir := testResults(t)
	c, _, err := Runs([]string{dir}, "run")
	must(t, err)
	path := filepath.Join(t.TempDir(), runs.RunsName)
	must(t, durable.WriteFile(durable.Disk{}, path, c.WriteCSV))
	rows, err := runs.ReadRuns(path)
	want := []runs.RunRow{comparedRun("baseline", "a", 0.1, 0.99), comparedRun("lr-sweep", "a", 0.01, 0.97), comparedRun("lr-sweep", "b", 0.1, 0.985)}
	if diff := cmp.Diff(want, rows); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestComparisonLetsNoNameCommandATerminal(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "results")
	hostile := comparedRun("lr-sweep", "a\x1b[2J\r\nb|<script>", 0.1, 0.9)
	hostile.Dataset = "x\x07\u202e"
	writeRuns(t, []runs.RunRow{hostile, hostile, comparedRun("e", "c", 0.1, 0.9)}, dir)
	c, _, err := Runs([]string{dir}, "")
	must(t, err)
	if len(c.rows) != 2 {
		t.Errorf("%d runs, want 2", len(c.rows))
	}
	var markdown strings.Builder
	must(t, c.WriteMarkdown(&markdown))
	if strings.Contains(markdown.String(), "<script") || !strings.Contains(markdown.String(), `b\|&lt;script`) {
		t.Errorf("markup from a name: %s", markdown.String())
	}
	var text strings.Builder
	must(t, c.WriteText(&text, 80))
	must(t, c.WriteCSV(&text))
	if got := markdown.String() + text.String(); strings.ContainsAny(got, "\x1b\x07\r\u202e") {
		t.Errorf("control characters got through: %q", got)
	}
}

// TestRoundingHidesNoDifference: 98.001 and 98.002 % are not "98.00 % in common".
func TestRoundingHidesNoDifference(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sweep")
	writeRuns(t, []runs.RunRow{comparedRun("sweep", "a", 0.1, 0.98001), comparedRun("sweep", "b", 0.1, 0.98002)}, dir)
	c, _, err := Runs([]string{dir}, "run")
	must(t, err)
	var b strings.Builder
	must(t, c.WriteText(&b, 0))
	if !strings.HasSuffix(b.String(), "run  test_accuracy\na          0.98001\nb          0.98002\n") {
		t.Errorf("%s", &b)
	}
}
