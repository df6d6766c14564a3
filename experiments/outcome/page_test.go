package outcome

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"cnnlab/experiments/report/chart"
	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/table"
)

// TestAFileThatCannotBeWrittenKeepsNoOtherFromBeing: a directory is in the way of
// the SVG, and the error names it; everything else is written and named.
func TestAFileThatCannotBeWrittenKeepsNoOtherFromBeing(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "p.svg", "x"), 0o777); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("no more numbers")
	page := Page{Title: "title", Figures: []Figure{{"p", chart.Figure{}}, {"q", chart.Figure{}}},
		Files: []File{CSV("rows.csv", []runs.StepRow{{Run: "a"}}), {"broken.csv", func(io.Writer) error { return broken }}}}
	var stdout bytes.Buffer
	err := page.Write(dir, []string{"merged.csv"}, &stdout, io.Discard)
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want the first", err)
	}
	page.Files = page.Files[:1]
	stdout.Reset()
	err = page.Write(dir, []string{"merged.csv"}, &stdout, io.Discard)
	if err == nil || !strings.Contains(err.Error(), filepath.Join(dir, "p.svg")) {
		t.Errorf("error %v, want that of the SVG", err)
	}
	_, list, _ := strings.Cut(stdout.String(), "written:\n")
	want := "  merged.csv\n"
	for _, name := range []string{"rows.csv", "p.png", "q.png", "q.svg", "summary.md"} {
		want += "  " + filepath.Join(dir, name) + "\n"
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if list != want {
		t.Errorf("written:\n%s, want\n%s", list, want)
	}
}

func TestTheSummaryIsAPage(t *testing.T) {
	dir := t.TempDir()
	page := Page{Title: "title", Text: "below", Figures: []Figure{{"p", chart.Figure{}}},
		Table: table.Table{Columns: []table.Column{{Name: "a"}}, Rows: [][]string{{"1"}}}}
	if err := page.Write(dir, nil, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "summary.md"))
	if want := "# title\n\n| a |\n|---|\n| 1 |\n\nbelow\n\n![p](p.svg)\n"; err != nil || string(got) != want {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
}

func TestAPageWithoutTextHasNoGap(t *testing.T) {
	dir := t.TempDir()
	var stdout bytes.Buffer
	page := Page{Title: "title", Text: Paragraphs("", "\n\n"), Table: table.Table{Columns: []table.Column{{Name: "a"}}, Rows: [][]string{{"1"}}}}
	if err := page.Write(dir, nil, &stdout, io.Discard); err != nil {
		t.Fatal(err)
	}
	summary, err := os.ReadFile(filepath.Join(dir, "summary.md"))
	if err != nil || strings.Contains(string(summary), "\n\n\n") || strings.HasSuffix(string(summary), "\n\n") || strings.Contains(stdout.String(), "\n\n\n") {
		t.Errorf("empty lines in %q or %q; %v", stdout.String(), summary, err)
	}
}

// TestProseIsWrappedInATerminalOnly: a pipe and summary.md keep their lines.
func TestProseIsWrappedInATerminalOnly(t *testing.T) {
	page := Page{Title: "title", Text: "Words below a table.\n\n- a: list item of words",
		Table: table.Table{Columns: []table.Column{{Name: "a"}}, Rows: [][]string{{"1"}}}}
	for columns, want := range map[int]string{
		0:  "\ntitle\n\na\n1\n\nWords below a table.\n\n- a: list item of words\n\nwritten:\n  results/x.csv\n",
		14: "\ntitle\n\na\n1\n\nWords below a\ntable.\n\n- a: list item\n  of words\n\nwritten:\n  results/x.csv\n",
	} {
		if got, err := page.terminal(columns, []string{"results/x.csv"}); err != nil || got.String() != want {
			t.Errorf("%d columns: %q, %v, want %q", columns, got, err, want)
		}
	}
	var summary strings.Builder
	if err := page.writeSummary(&summary); err != nil || !strings.Contains(summary.String(), page.Text) {
		t.Errorf("summary.md %q, %v", &summary, err)
	}
}

func TestParagraphsSkipWhatIsEmpty(t *testing.T) {
	if got := Paragraphs("", "one\n", " \n", "two"); got != "one\n\ntwo" {
		t.Errorf("%q", got)
	}
}

// TestThePageSaysWhoseConfusionIsDrawn if there was a choice.
func TestThePageSaysWhoseConfusionIsDrawn(t *testing.T) {
	o := comparedVariants(3)
	groups := o.Groups(o.ByVariant)
	c := o.Confusion(groups)
	m := c.Figure().Drawing.(chart.Matrix)
	if m.Title != "Confusion on the tiny test set: best, 3 seeds" || c.Text() != "The confusion matrix and the mistakes show best, which has the highest mean val accuracy; the filters and feature maps come from its first seed." {
		t.Errorf("title %q, text %q", m.Title, c.Text())
	}
	if want := "accuracy 100.00 % of 130 images, each counted once for each of 3 seeds"; !slices.Equal(m.Footnote, []string{want}) {
		t.Errorf("footnote %q, want %q", m.Footnote, want)
	}
	if alone := o.Confusion(groups[:1]); alone.Text() != "" {
		t.Errorf("of one group: %q", alone.Text())
	}
	o.Runs[0].Status = runs.StatusDiverged
	none := o.Confusion(o.Groups(o.ByVariant)[:1])
	if none.Figure().Drawing.(chart.Matrix).Title != "Confusion on the tiny test set: no run is done" || none.Text() != "" {
		t.Errorf("of none: %+v, %q", none.Figure(), none.Text())
	}
}

func TestConfusionAsCSV(t *testing.T) {
	o := comparedVariants(3)
	o.Dataset.Classes = []string{"a", "b,c"}
	c := o.Confusion(o.Groups(o.ByVariant)[:1]) // 8, 9 and 10 of 130 wrong
	var files []string
	for _, f := range c.Files() {
		var b strings.Builder
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		files = append(files, b.String())
	}
	if want := "variant,actual,predicted,count\nplain,a,a,363\nplain,a,\"b,c\",27\nplain,\"b,c\",a,0\nplain,\"b,c\",\"b,c\",0\n"; files[0] != want {
		t.Errorf("%s, want %s", files[0], want)
	}
	if !strings.HasPrefix(files[1], "variant,class,images,correct,accuracy,low,high\nplain,a,390,363,0.9307692307692308,0.87") ||
		!strings.HasSuffix(files[1], "plain,\"b,c\",0,0,,,\n") {
		t.Errorf("%s: want the columns, and empty cells for a class of no images", files[1])
	}
}

func TestThePageSaysWhatAugmentationDoes(t *testing.T) {
	o := &Outcome{Dataset: Dataset{Augmentation: "random flip"}, Runs: []runs.RunRow{{}, {Config: runs.Config{Augment: true}}}}
	if got := o.Augmentation(); got != "augmentation (random flip)" {
		t.Errorf("%q", got)
	}
	o.Runs = o.Runs[:1]
	if got := o.Augmentation(); got != "augmentation (off here)" {
		t.Errorf("%q though no run has it", got)
	}
}
