package experiments

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"cnnlab/data"
	"cnnlab/experiments/report"
)

// TestReadmeNumbersAreThoseOfTheirCSV holds the numbers of the assignment's table
// against the reference results.
func TestReadmeNumbersAreThoseOfTheirCSV(t *testing.T) {
	chosen, told := chosenRate(t), 0
	for _, g := range referenceRuns(t, "lr-sweep") {
		if g[0].LR == chosen {
			readmeSays(t, fmt.Sprintf("%s on test at the chosen rate %v after %d epochs", testAccuracy(g), chosen, g[0].Epochs))
			told++
		}
	}
	if told != 1 {
		t.Errorf("%d rates of the sweep are the chosen one, want one", told)
	}
	for dir, form := range map[string]string{
		"baseline":    "%s on test after %d epochs",
		"regularized": "test after %d epochs: %s",
		"cifar":       "test after %d epochs: %s",
	} {
		groups := referenceRuns(t, dir)
		if dir == "baseline" {
			readmeSays(t, fmt.Sprintf(form, testAccuracy(groups[0]), groups[0][0].Epochs))
			continue
		}
		var parts []string
		for _, g := range groups {
			parts = append(parts, variantOf(g[0])+" "+testAccuracy(g))
		}
		readmeSays(t, fmt.Sprintf(form, groups[0][0].Epochs, strings.Join(parts, ", ")))
	}
	for dir, form := range map[string]string{
		"recipe":               "MNIST %s after %d epochs",
		"recipe-cifar-10":      "CIFAR-10 %s after %d epochs",
		"recipe-cifar-10-wide": "with three times the maps and mirror images scored too %s after %d epochs",
	} {
		groups := referenceRuns(t, dir)
		full := groups[len(groups)-1]
		readmeSays(t, fmt.Sprintf(form, testAccuracy(full), full[0].Epochs))
	}
}

// TestReadmeHasWhatThePartsBring holds the differences that the README tells.
func TestReadmeHasWhatThePartsBring(t *testing.T) {
	smallest := 1.0
	for _, row := range referenceCSV(t, "regularized", "test-accuracy.csv")[1:] {
		smallest = min(smallest, numeral(t, row["mcnemar_p"]))
	}
	cifar := referenceCSV(t, "cifar", "test-accuracy.csv")
	plain, regularised := cifar[0], cifar[1]
	points := func(rows []map[string]string, i int) float64 {
		return 100 * (numeral(t, rows[i]["test_accuracy"]) - numeral(t, rows[i-1]["test_accuracy"]))
	}
	wide := referenceCSV(t, "recipe-cifar-10-wide", "test-accuracy.csv")
	parts := referenceCSV(t, "recipe-cifar-10-parts", "test-accuracy.csv")
	readmeSays(t,
		fmt.Sprintf("the smallest p of McNemar's test is %.2f", smallest),
		fmt.Sprintf("knows %.1f %% of its training images by heart and stays at %.1f %%", 100*numeral(t, plain["train_accuracy"]), 100*numeral(t, plain["test_accuracy"])),
		fmt.Sprintf("dropout and decay are worth %.1f points (p = %.0e)", points(cifar, 1), numeral(t, regularised["mcnemar_p"])),
		fmt.Sprintf("dropout and decay bring %.1f points, augmentation %.1f, the schedule", points(parts, 1), points(parts, 2)),
		fmt.Sprintf("five times higher, %.1f, and averaged weights, on top of a rate that falls to zero, %.1f", points(parts, 3), points(parts, 4)),
		fmt.Sprintf("mirror images there are worth %.1f points (p = %.0e)", points(wide, 1), numeral(t, wide[1]["mcnemar_p"])))
}

// chosenRate is that of the reference sweep.
func chosenRate(t *testing.T) float64 {
	t.Helper()
	var chosen choice
	text, err := os.ReadFile(filepath.Join(reference, "lr-sweep", "chosen.json"))
	if err == nil {
		err = json.Unmarshal(text, &chosen)
	}
	if err != nil {
		t.Fatal(err)
	}
	return chosen.LR
}

func TestReadmeHasWhatTheTheoryGave(t *testing.T) {
	largest := map[string]float64{}
	for _, row := range referenceCSV(t, "gradients", "gradients.csv") {
		largest[row["precision"]] = max(largest[row["precision"]], numeral(t, row["max_relative_error"]))
	}
	steps := referenceCSV(t, "weight-sharing", "weight-sharing.csv")
	readmeSays(t, fmt.Sprintf("largest relative error %.1e in float32, %.1e in float64", largest["float32"], largest["float64"]),
		fmt.Sprintf("the same bits after %s steps", steps[len(steps)-1]["step"]))
	for _, row := range steps {
		if row["way"] == "summed" && row["difference_to_tied"] != "0" {
			t.Errorf("step %s: the summed copies are %s off the tied weights", row["step"], row["difference_to_tied"])
		}
	}
}

// TestReferenceResultsAreThoseOfTheirCommands holds that the commands of
// results/reference/README.md plan the runs that runs.csv has.
func TestReferenceResultsAreThoseOfTheirCommands(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(reference, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	held := make(map[string]bool)
	for _, line := range strings.Split(string(text), "\n") {
		dir, command, ok := strings.Cut(strings.TrimPrefix(line, "| `"), "` | `go run . ")
		if !ok {
			continue
		}
		command, _, _ = strings.Cut(command, "`")
		o := commandLine(t, strings.Fields(command))
		if o.Experiment.Variants == nil {
			continue
		}
		held[dir] = true
		rows, err := report.ReadRuns(filepath.Join(reference, dir, "runs.csv"))
		if err != nil {
			t.Fatal(err)
		}
		var found []Config
		for _, row := range rows {
			found = append(found, row.Config)
		}
		if want := planned(t, o); !reflect.DeepEqual(found, want) {
			t.Errorf("%s has runs of\n%+v\nits command plans\n%+v", dir, found, want)
		}
	}
	for _, dir := range referenceDirs(t) {
		if !held[dir] {
			t.Errorf("results/reference/README.md has no command of %s", dir)
		}
	}
}

// commandLine is what the arguments of a command ask for.
func commandLine(t *testing.T, args []string) Options {
	t.Helper()
	o := Options{Seeds: 1, Trial: -1}
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	name := fs.String("exp", "", "")
	o.Flags(fs, io.Discard)
	if err := fs.Parse(args); err != nil {
		t.Fatal(args, err)
	}
	var ok bool
	if o.Experiment, ok = Find(*name); !ok {
		t.Fatalf("%q names no experiment", args)
	}
	return o
}

// planned are the configurations that a command plans, at the rate that the
// reference sweep kept unless it has its own.
func planned(t *testing.T, o Options) (all []Config) {
	t.Helper()
	rates := o.Rates
	if rates == nil {
		rates = o.Experiment.Rates
	}
	if rates == nil {
		rates = []float64{chosenRate(t)}
	}
	variants, err := o.variants(rates)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range variants {
		for i := range o.Seeds {
			c := v.Config
			c.Dataset, c.TrainImages, c.Seed = o.dataset(), data.TrainImages(o.dataset()), c.Seed+uint64(i)
			all = append(all, c)
		}
	}
	return all
}
