package experiments

import (
	"bytes"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cnnlab/data"
	"cnnlab/experiments/report"
)

// TestTheReportIsOfWhatWasMerged though runs.csv is in use and stays as it was.
func TestTheReportIsOfWhatWasMerged(t *testing.T) {
	before := small(t, Options{Rates: []float64{0.01, 0.05}})
	before.finish(t)
	path := filepath.Join(before.dir, "runs.csv")
	if out, err := exec.Command("chattr", "+i", path).CombinedOutput(); err != nil {
		t.Skipf("needs root and a file system with chattr: %v %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("chattr", "-i", path).Run() })
	var stderr bytes.Buffer
	s := smallAt(Options{Rates: []float64{0.02}, Out: before.Out})
	s.stderr = &stderr
	s.trained(t)
	o, err := s.report(io.Discard)
	if err != nil || len(o.Runs) != 1 || o.Runs[0].LR != 0.02 || o.Runs[0].Status != report.StatusDone {
		t.Fatalf("report of %+v, %v; want the run of 0.02", o.Runs, err)
	}
	if said := stderr.String(); !strings.Contains(said, "runs.new1.csv") || strings.Contains(said, "left out") {
		t.Errorf("stderr %q, want where the file is, and nothing left out", said)
	}
	if !slices.Contains(o.written, filepath.Join(s.dir, "runs.new1.csv")) || slices.Contains(o.written, path) {
		t.Errorf("written: %q", o.written)
	}
}

func TestBothPicturesAreTriedAndNamedAsWritten(t *testing.T) {
	o := &Outcome{Dir: t.TempDir(), stderr: io.Discard}
	if err := os.Mkdir(o.path("p.svg"), 0o777); err != nil {
		t.Fatal(err)
	}
	beside := o.path("p.new1.png")
	err := o.draw("p", func(path string) error {
		if filepath.Ext(path) == ".png" {
			return &report.WrittenBeside{Path: path, Beside: beside, Err: os.ErrPermission}
		}
		return report.Plot(path, report.Figure{})
	})
	if err == nil || !strings.Contains(err.Error(), o.path("p.svg")) || !slices.Equal(o.written, []string{beside}) {
		t.Errorf("error %v, written %q; want that of the SVG, and the PNG beside its place", err, o.written)
	}
}

// TestGradientsAreToldApart: no mark hides another, and no tolerance looks like a
// method.
func TestGradientsAreToldApart(t *testing.T) {
	var rows []gradientRow
	for shape := 1; shape <= 3; shape++ {
		for _, m := range gradientMethods {
			rows = append(rows, gradientRow{Shape: shape, Method: m.name, Precision: m.precision, Error: 1e-9})
		}
	}
	f := gradientsFigure(rows)
	taken := make(map[float64]bool)
	for _, s := range f.Series {
		if s.Reference {
			continue
		}
		for i, x := range s.X {
			if taken[x] || math.Abs(x-float64(i+1)) > 0.4 || !s.NoLine {
				t.Errorf("%s: shape %d at %v, want a mark of its own near %d, and no line", s.Name, i+1, x, i+1)
			}
			taken[x] = true
		}
	}
	if len(taken) != len(rows) || len(f.Notes) != 2 {
		t.Errorf("%d marks and %d named tolerances, want %d and 2", len(taken), len(f.Notes), len(rows))
	}
}

// TestTheSummarySaysWhoseConfusionIsDrawn and why.
func TestTheSummarySaysWhoseConfusionIsDrawn(t *testing.T) {
	o := comparedVariants(t)
	o.Set = &data.Dataset{Name: "tiny", Classes: []string{"a", "b"}}
	var stdout bytes.Buffer
	o.stdout = &stdout
	if err := o.confusion(o.groups(o.label)); err != nil {
		t.Fatal(err)
	}
	if err := o.finish("title", "", report.Table{}); err != nil {
		t.Fatal(err)
	}
	svg, err := os.ReadFile(o.path("confusion.svg"))
	if err != nil || !strings.Contains(string(svg), ">Confusion on the tiny test set: best, 3 seeds<") {
		t.Errorf("no such title: %v", err)
	}
	if want := "The confusion is that of best, the best on val."; !strings.Contains(stdout.String(), want) {
		t.Errorf("%q, want %q", stdout.String(), want)
	}
}

func TestTheSummarySaysWhatAugmentationDoes(t *testing.T) {
	o := &Outcome{Set: data.Digits(1, 100, 10), Runs: []report.RunRow{{}, {Config: Config{Augment: true}}}}
	if got, want := o.augmentation(), "augmentation ("+o.Set.Augmentation()+")"; got != want || o.Set.Augmentation() == "none" {
		t.Errorf("%q, want %q", got, want)
	}
	o.Runs = o.Runs[:1]
	if got := o.augmentation(); got != "augmentation (off here)" {
		t.Errorf("%q though no run has it", got)
	}
}

func TestAReportWithoutTextHasNoGap(t *testing.T) {
	var stdout bytes.Buffer
	o := &Outcome{Dir: t.TempDir(), stdout: &stdout, stderr: io.Discard}
	table := report.Table{Columns: []report.Column{{Name: "a"}}, Rows: [][]string{{"1"}}}
	if err := o.finish("title", "\n\n", table); err != nil {
		t.Fatal(err)
	}
	summary, err := os.ReadFile(o.path("summary.md"))
	if err != nil || strings.Contains(string(summary), "\n\n\n") || strings.HasSuffix(string(summary), "\n\n") || strings.Contains(stdout.String(), "\n\n\n") {
		t.Errorf("empty lines in %q or %q; %v", stdout.String(), summary, err)
	}
}
