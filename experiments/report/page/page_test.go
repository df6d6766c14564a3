package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"cnnlab/experiments/report/runs"
)

var known = []Step{{Name: "baseline", Question: "How well <does> it learn?", Curves: "loss"}, {Name: "lr-sweep", Curves: "error"}}

// write makes a run of an experiment in directory dir, with 40 steps in two epochs.
func write(t *testing.T, dir, experiment, id string, seed uint64, lr float64) *runs.Dir {
	t.Helper()
	d, err := runs.Open(filepath.Join(dir, experiment), id)
	if err != nil {
		t.Fatal(err)
	}
	c := runs.Config{Dataset: "mnist", TrainImages: 200, Batch: 10, Epochs: 2, LR: lr, Seed: seed, Channels: runs.Sizes{2}}
	if err := d.Begin(runs.Record{ID: id, Experiment: experiment, Config: c, Started: time.Now()}); err != nil {
		t.Fatal(err)
	}
	add(t, d, 1, 40)
	for epoch := 1; epoch <= 2; epoch++ {
		if err := d.AppendEpoch(runs.EpochRow{Epoch: epoch, Step: 20 * epoch, TrainLoss: 0.5, TrainAccuracy: 0.75, ValLoss: 0.6, ValAccuracy: 0.7}); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func add(t *testing.T, d *runs.Dir, from, to int) {
	t.Helper()
	for step := from; step <= to; step++ {
		if err := d.AppendStep(runs.StepRow{Step: step, Epoch: 1, TrainLoss: float64(step), TrainError: 1 / float64(step)}); err != nil {
			t.Fatal(err)
		}
	}
}

// end records that a run is done.
func end(t *testing.T, d *runs.Dir, val, test float64) {
	t.Helper()
	record, err := runs.ReadRecord(d.Path())
	if err != nil {
		t.Fatal(err)
	}
	record.Status, record.Metrics = runs.StatusDone, runs.Metrics{ValAccuracy: &val, TestAccuracy: &test}
	record.Machine = runs.Machine{CPU: "<b>fast</b>", Cores: 2}
	if err := d.WriteRecord(record); err != nil {
		t.Fatal(err)
	}
}

func close(t *testing.T, d *runs.Dir) {
	t.Helper()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

func refresh(t *testing.T, r *Results) []Event {
	t.Helper()
	events, err := r.Refresh()
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// TestResultsFollowTheFiles follows a run from its beginning to its end.
func TestResultsFollowTheFiles(t *testing.T) {
	dir := t.TempDir()
	r := NewResults(dir, known)
	if events := refresh(t, r); len(events) != 0 {
		t.Errorf("an empty directory has %d events", len(events))
	}
	d := write(t, dir, "lr-sweep", "lr0.1-s1-00000001", 1, 0.1)
	events := refresh(t, r)
	if len(events) != 1 || events[0].Kind != KindSection {
		t.Fatalf("a new run: %v, want its section", events)
	}
	s := events[0].Data.(*Section)
	if len(s.Runs) != 1 || len(s.Runs[0].Steps.X) != 40 || s.Runs[0].Group != "learning rate 0.1" || s.Runs[0].State.Text != "running, step 40 of 40" {
		t.Errorf("the section has the runs %+v", s.Runs)
	}
	if events := refresh(t, r); len(events) != 0 {
		t.Errorf("%d events without a change", len(events))
	}
	add(t, d, 41, 42)
	if events = refresh(t, r); len(events) != 1 || events[0].Kind != KindCurve {
		t.Fatalf("two steps: %v, want a gain", events)
	}
	if g := events[0].Data.(Gain); g.At != 39 || len(g.Steps.X) != 3 || g.Steps.Loss[2] != 42 || g.Section != "lr-sweep" {
		t.Errorf("two steps: %+v, want the points from 39 on", g)
	}
	end(t, d, 0.9, 0.8)
	if events = refresh(t, r); len(events) != 1 || events[0].Data.(Gain).State.Text != "done, test accuracy 80.00 %" {
		t.Errorf("at its end: %+v", events)
	}
	close(t, d)

	// The same run begun again; then it is interrupted, which only its lock says.
	d = write(t, dir, "lr-sweep", "lr0.1-s1-00000001", 1, 0.1)
	time.Sleep(1100 * time.Millisecond) // records hold whole seconds
	if events = refresh(t, r); len(events) != 1 || len(events[0].Data.(Gain).Steps.X) == 0 {
		t.Errorf("begun again: %+v", events)
	}
	close(t, d)
	time.Sleep(lockEvery)
	if events = refresh(t, r); len(events) != 1 || events[0].Data.(Gain).State.Status != runs.StatusInterrupted {
		t.Errorf("with a free lock: %+v", events)
	}
	if err := os.RemoveAll(filepath.Join(dir, "lr-sweep")); err != nil {
		t.Fatal(err)
	}
	if events = refresh(t, r); len(events) != 1 || events[0].Kind != KindRemoved || events[0].Data != "lr-sweep" {
		t.Errorf("removed: %+v", events)
	}
}

// TestPointsAreMeansOfEqualIntervals compares the points of a long run with means by a
// loop of its own.
func TestPointsAreMeansOfEqualIntervals(t *testing.T) {
	row := runs.RunRow{Run: "a", Config: runs.Config{TrainImages: 1000, Batch: 1, Epochs: 3}}
	r := newRun(row, "", maxCurve)
	if r.Width != 8 {
		t.Fatalf("a point has %d steps, want 8 for 3,000 steps and 400 points", r.Width)
	}
	for step := 1; step <= 3000; step++ {
		r.addStep(runs.StepRow{Step: step, TrainLoss: math.Sin(float64(step)), TrainError: 0.5})
	}
	for i := range r.Steps.X {
		var sum, n float64
		for step := 8*i + 1; step <= min(8*i+8, 3000); step++ {
			sum, n = sum+math.Sin(float64(step)), n+1
		}
		if math.Abs(r.Steps.Loss[i]-sum/n) > 1e-12 || r.Steps.X[i] != float64(8*i+1)+(n-1)/2 {
			t.Fatalf("point %d is (%v, %v), want (%v, %v)", i, r.Steps.X[i], r.Steps.Loss[i], float64(8*i+1)+(n-1)/2, sum/n)
		}
	}
	if len(r.Steps.X) != 375 {
		t.Errorf("%d points, want 375", len(r.Steps.X))
	}
}

// TestGroupsAreNamedByWhatDiffers names runs as the tables do.
func TestGroupsAreNamedByWhatDiffers(t *testing.T) {
	config := func(lr float64, epochs int, seed uint64) runs.Config {
		return runs.Config{Dataset: "cifar-10", LR: lr, Epochs: epochs, Seed: seed}
	}
	make := func(id string, c runs.Config) *run { return newRun(runs.RunRow{Run: id, Config: c}, "", 10) }
	one := []*run{
		make("cifar-10-none-lr0.1-s1-0a1b2c3d", config(0.1, 2, 1)), make("cifar-10-none-lr0.1-s2-0a1b2c3e", config(0.1, 2, 2)),
		make("cifar-10-both-lr0.1-s1-0a1b2c3f", config(0.1, 2, 1)), make("cifar-10-none-lr0.1-s1-0a1b2c40", config(0.1, 4, 1)),
	}
	name(one)
	two := []*run{make("lr1e-05-s1-0a1b2c3d", config(1e-5, 2, 1)), make("cifar-10-lr0.1-s1-0a1b2c3d", config(0.1, 2, 1)), make("cifar-10-a-lr0.1-s1-0a1b2c3d", config(0.1, 2, 1))}
	name(two)
	var got []string
	for _, r := range append(one, two...) {
		got = append(got, r.Group)
	}
	if want := "none|none|both|none (epochs 4)|learning rate 1e-05|learning rate 0.1|a 0.1"; strings.Join(got, "|") != want {
		t.Errorf("the groups are %s, want %s", strings.Join(got, "|"), want)
	}
}

// TestNothingFromAFileIsMarkup puts markup wherever a file holds text.
func TestNothingFromAFileIsMarkup(t *testing.T) {
	dir := t.TempDir()
	const evil = `</script><script>alert(1)</script><img src=x onerror=alert(1)>`
	d := write(t, dir, "baseline", "lr0.1-s1-00000001", 1, 0.1)
	end(t, d, 0.9, 0.8)
	close(t, d)
	var b bytes.Buffer
	if err := runs.WriteRows(&b, []runs.RunRow{{Run: "lr0.1-s1-00000001", Experiment: evil, Config: runs.Config{Dataset: evil}, Status: runs.Status(evil)}}); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"summary.md":    "# " + evil + "\n\n**Answer:** " + evil + "\n\n| a | b |\n|---|---|\n| " + evil + " | [x](javascript:alert(1)) |\n\n" + evil + "\n\nDiagnosis:\n\n- " + evil + "\n",
		"command.txt":   evil,
		"runs.csv":      b.String(),
		"confusion.csv": "variant,actual,predicted,count\n\"" + evil + "\",\"" + evil + "\",0,1\n",
		evil[:8] + ".x": evil,
	} {
		if err := os.WriteFile(filepath.Join(dir, "baseline", strings.ReplaceAll(name, "/", "-")), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	path, err := WriteFile(dir, known)
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(page), "<script"); n != len(scripts)+1 {
		t.Errorf("%d script tags, want %d", n, len(scripts)+1)
	}
	for _, bad := range []string{"<img src=x", "alert(1)</script>", `href="javascript`, "<b>fast", "<does>"} {
		if strings.Contains(string(page), bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if !strings.Contains(string(page), "&lt;does&gt;") || !strings.Contains(string(page), "Trained on") {
		t.Error("the page lacks its question or the hardware")
	}
}

// TestThePageIsWholeAndItsPolicyHolds reads the page as a browser does.
func TestThePageIsWholeAndItsPolicyHolds(t *testing.T) {
	dir := t.TempDir()
	for seed := uint64(1); seed <= 2; seed++ {
		d := write(t, dir, "lr-sweep", fmt.Sprintf("lr0.1-s%d-00000001", seed), seed, 0.1)
		end(t, d, 0.9, 0.8)
		close(t, d)
	}
	path, err := WriteFile(dir, known)
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data := regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`).FindSubmatch(page)
	var sections []struct {
		Name, Answer string
		Runs         []struct {
			Steps struct{ X, Loss []*float64 }
		}
	}
	if err := json.Unmarshal(data[1], &sections); err != nil {
		t.Fatal(err)
	}
	if len(sections) != 1 || len(sections[0].Runs) != 2 || len(sections[0].Runs[0].Steps.Loss) != 40 || !strings.Contains(sections[0].Answer, "80.00 ± 0.00 %") {
		t.Errorf("the page's data are %+v", sections)
	}
	for _, outside := range []string{`src="http`, `href="http`, "@import", "url(http", "//cdn"} {
		if strings.Contains(string(page), outside) {
			t.Errorf("the page asks for something else: %s", outside)
		}
	}
	policy := Policy("'none'")
	for _, name := range scripts {
		if !strings.Contains(string(page), "<script>"+asset(name)+"</script>") {
			t.Errorf("the page lacks %s as it is", name)
		}
	}
	if !strings.Contains(string(page), strings.ReplaceAll(strings.ReplaceAll(policy, "'", "&#39;"), "+", "&#43;")) || strings.Contains(policy, "script-src 'unsafe") {
		t.Errorf("the page's policy is not %s", policy)
	}
}

// TestHandWrittenScriptStaysShort counts the lines of our own.
func TestHandWrittenScriptStaysShort(t *testing.T) {
	lines := 0
	for _, name := range scripts {
		if !strings.HasPrefix(name, "uplot/") {
			lines += strings.Count(asset(name), "\n") - 1
		}
	}
	if lines >= 600 {
		t.Errorf("%d lines of script, want fewer than 600", lines)
	}
}
