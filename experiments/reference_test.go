package experiments

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"cnnlab/data"
	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/suite"
	"cnnlab/model"
)

// reference is the directory of the reference results.
const reference = "../results/reference"

// TestReferenceResultsAreThoseOfTheirCommands holds that the commands of
// results/reference/README.md plan the runs that runs.csv has.
func TestReferenceResultsAreThoseOfTheirCommands(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(reference, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	held := make(map[string]bool)
	for _, line := range strings.Split(string(content), "\n") {
		dir, command, ok := strings.Cut(strings.TrimPrefix(line, "| `"), "` | `go run . ")
		if !ok {
			continue
		}
		command, _, _ = strings.Cut(command, "`")
		e, o := commandLine(t, strings.Fields(command))
		training, ok := e.(suite.Training)
		if !ok {
			continue
		}
		held[dir] = true
		rows, err := runs.ReadRuns(filepath.Join(reference, dir, runs.RunsName))
		if err != nil {
			t.Fatal(err)
		}
		var found []suite.Config
		for _, row := range rows {
			found = append(found, row.Config)
		}
		sweep := "lr-sweep" // of the data set, unless the experiment keeps MNIST's rate
		if _, set, ok := strings.Cut(dir, "-fashion"); ok && !training.KeepRate {
			sweep += "-fashion" + set
		}
		if want, err := training.Plan(o, chosenRate(t, sweep)); err != nil || !reflect.DeepEqual(found, want) {
			t.Errorf("%s has runs of\n%+v\nits command plans\n%+v; %v", dir, found, want, err)
		}
	}
	for _, dir := range referenceDirs(t) {
		if !held[dir] {
			t.Errorf("results/reference/README.md has no command of %s", dir)
		}
	}
}

// commandLine is what the arguments of a command ask for.
func commandLine(t *testing.T, args []string) (suite.Experiment, suite.Options) {
	t.Helper()
	o := suite.NewOptions()
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	name := fs.String("exp", "", "")
	o.Flags(fs, io.Discard)
	if err := fs.Parse(args); err != nil {
		t.Fatal(args, err)
	}
	e, ok := Find(*name)
	if !ok {
		t.Fatalf("%q names no experiment", args)
	}
	return e, o
}

// TestReferenceWeightsScoreAsTheirRunSays scores the committed weights, those of the
// run of the full recipe that is the best on val, on the real test set. Other
// arithmetic than they were trained with may tip an image or two.
func TestReferenceWeightsScoreAsTheirRunSays(t *testing.T) {
	root := os.Getenv("CNNLAB_DATA")
	if root == "" {
		t.Skip("CNNLAB_DATA is not set: no real data to test with")
	}
	paths, err := filepath.Glob(filepath.Join(reference, "*", runs.WeightsName))
	if err != nil || len(paths) < 2 {
		t.Fatalf("weights of %v, want those of MNIST and CIFAR-10; %v", paths, err)
	}
	for _, path := range paths {
		row := bestRun(t, filepath.Base(filepath.Dir(path)))
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		set, err := data.Load(context.Background(), row.Dataset, data.Options{Dir: root})
		if err != nil {
			t.Fatal(err)
		}
		net, err := cnn(row.Config, set)
		if err != nil {
			t.Fatal(err)
		}
		if err := net.ReadWeights(file); err != nil {
			t.Fatal(err)
		}
		evaluator, err := model.NewEvaluator(net, 100)
		if err != nil {
			t.Fatal(err)
		}
		s, err := suite.Score(evaluator, row.Config, set, set.Test, nil)
		if err != nil {
			t.Fatal(err)
		}
		if want := *row.TestAccuracy; math.Abs(s.Accuracy()-want) > 2.5/10_000 {
			t.Errorf("%s: accuracy %v on test, want %v", row.Run, s.Accuracy(), want)
		}
	}
}

// TestReferenceSumsAreOfItsRuns holds that weights.sha256 has a line for each run with five
// seeds that ended, and for no other.
func TestReferenceSumsAreOfItsRuns(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(reference, "weights.sha256"))
	if err != nil {
		t.Fatal(err)
	}
	sums := make(map[string]string)
	for line := range strings.Lines(string(content)) {
		sum, path, _ := strings.Cut(strings.TrimSpace(line), "  ")
		sums[path] = sum
	}
	found := 0
	for _, dir := range referenceDirs(t) {
		for _, g := range referenceRuns(t, dir) {
			for _, row := range g {
				if len(g) != 5 || row.Status != runs.StatusDone {
					continue
				}
				found++
				path := strings.TrimSuffix(dir, "-parts") + "/runs/" + row.Run + "/weights.safetensors"
				if sum, err := hex.DecodeString(sums[path]); err != nil || len(sum) != sha256.Size {
					t.Errorf("%s has the sum %q", path, sums[path])
				}
			}
		}
	}
	if found == 0 || found != len(sums) {
		t.Errorf("weights.sha256 has %d lines, want %d", len(sums), found)
	}
}

// bestRun is the run of the full recipe with the best accuracy on val.
func bestRun(t *testing.T, dir string) (best runs.RunRow) {
	t.Helper()
	rows, err := runs.ReadRuns(filepath.Join(reference, dir, runs.RunsName))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if row.EMA > 0 && (best.ValAccuracy == nil || *row.ValAccuracy > *best.ValAccuracy) {
			best = row
		}
	}
	if best.TestAccuracy == nil {
		t.Fatalf("%s has no run of the full recipe", dir)
	}
	return best
}

// chosenRate is the rate that the sweep in a directory chose.
func chosenRate(t *testing.T, sweep string) float64 {
	t.Helper()
	c, err := runs.ReadChoice(filepath.Join(reference, sweep, runs.ChoiceName))
	if err != nil {
		t.Fatal(err)
	}
	return c.LR
}

// referenceDirs are the results of experiments that train, in the order of List.
func referenceDirs(t *testing.T) (dirs []string) {
	t.Helper()
	for _, e := range List {
		name, _ := e.Title()
		for _, suffix := range []string{"", "-*"} {
			found, err := filepath.Glob(filepath.Join(reference, name+suffix, runs.RunsName))
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

// referenceRuns are the runs of a directory, those that differ only in their seed
// together.
func referenceRuns(t *testing.T, dir string) (groups [][]runs.RunRow) {
	t.Helper()
	rows, err := runs.ReadRuns(filepath.Join(reference, dir, runs.RunsName))
	if err != nil {
		t.Fatal(err)
	}
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
func variantOf(row runs.RunRow) string {
	id, _, _ := strings.Cut(row.Run, fmt.Sprintf("-s%d-", row.Seed))
	label, rate, ok := strings.Cut(strings.TrimPrefix(id, row.Dataset+"-"), "lr")
	if !ok || label == "" {
		return "learning rate " + rate
	}
	return strings.TrimSuffix(label, "-")
}

// referenceCSV reads a file of the reference results: its rows, by column.
func referenceCSV(t *testing.T, path ...string) (rows []map[string]string) {
	t.Helper()
	return readCSV(t, append([]string{reference}, path...)...)
}

// readCSV returns the rows of a CSV by the names of their columns.
func readCSV(t *testing.T, path ...string) (rows []map[string]string) {
	t.Helper()
	f, err := os.Open(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil || len(lines) < 2 {
		t.Fatalf("%v has %d lines: %v", path, len(lines), err)
	}
	for _, line := range lines[1:] {
		row := make(map[string]string)
		for i, cell := range line {
			row[lines[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}

// numeral reads a number.
func numeral(t *testing.T, cell string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(cell, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
