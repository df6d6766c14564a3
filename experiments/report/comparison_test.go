package report

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestComparisonHidesWhatDoesNotDiffer(t *testing.T) {
	c, _, err := Compare([]string{filepath.Join(testResults(t), "lr-sweep")}, "")
	must(t, err)
	var text strings.Builder
	must(t, c.WriteText(&text, 0))
	const want = `Common: experiment lr-sweep, dataset mnist, train_images 5000, channels 32 64, kernel 3, hidden 128, ` +
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
	c, _, err := Compare([]string{RunDir(filepath.Join(testResults(t), "lr-sweep"), "a")}, "")
	must(t, err)
	if got, want := len(c.Table().Columns), len(columns[RunRow]()); got != want || c.common() != nil {
		t.Errorf("%d columns and %v, want %d and nothing in common", got, c.common(), want)
	}
}

func TestComparisonAsCSVIsARunsCSV(t *testing.T) {
	dir := testResults(t)
	c, _, err := Compare([]string{dir}, "run")
	must(t, err)
	path := filepath.Join(t.TempDir(), runsName)
	must(t, WriteFile(path, c.WriteCSV))
	rows, err := ReadRuns(path)
	want := []RunRow{comparedRun("baseline", "a", 0.1, 0.99), comparedRun("lr-sweep", "a", 0.01, 0.97), comparedRun("lr-sweep", "b", 0.1, 0.985)}
	if diff := cmp.Diff(want, rows); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestComparisonLetsNoNameCommandATerminal(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "results")
	hostile := comparedRun("lr-sweep", "a\x1b[2J\r\nb|<script>", 0.1, 0.9)
	hostile.Dataset = "x\x07\u202e"
	writeRuns(t, []RunRow{hostile, hostile, comparedRun("e", "c", 0.1, 0.9)}, dir)
	c, _, err := Compare([]string{dir}, "")
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
