package experiments

import (
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"cnnlab/experiments/report/runs"
	"cnnlab/experiments/report/stats"
	"cnnlab/experiments/report/text"
	"cnnlab/experiments/serve"
	"cnnlab/experiments/suite"
	"cnnlab/experiments/trained"
)

var update = flag.Bool("update", false, "write the generated numbers and tables into the documentation")

// pages hold numbers and tables that this test generates from the reference results.
var pages = []string{"../README.md", "README.md", "../model/README.md", "../results/reference/README.md"}

// generated marks what is generated: <!--value arguments-->text<!--/-->. The words
// around it are free.
var generated = regexp.MustCompile(`<!--([a-z][^>]*)-->((?s:.*?))<!--/-->`)

// TestNumbersInTheDocumentationAreThoseOfTheResults generates every marked number
// and table from the CSVs of the reference results and compares:
//
//	go test ./experiments -run Documentation -update
func TestNumbersInTheDocumentationAreThoseOfTheResults(t *testing.T) {
	found := 0
	for _, page := range pages {
		content, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		wanted := generated.ReplaceAllStringFunc(string(content), func(marked string) string {
			m := generated.FindStringSubmatch(marked)
			words := strings.Fields(m[1])
			value, ok := values[words[0]]
			if !ok {
				t.Errorf("%s: %q generates nothing", page, m[1])
				return marked
			}
			found++
			want := value(t, words[1:])
			if strings.Contains(want, "\n") {
				want = "\n\n" + want + "\n"
			}
			if m[2] != want && !*update {
				t.Errorf("%s: %s is %q, want %q: go test ./experiments -run Documentation -update", page, m[1], m[2], want)
			}
			return "<!--" + m[1] + "-->" + want + "<!--/-->"
		})
		if *update && wanted != string(content) {
			if err := os.WriteFile(page, []byte(wanted), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	if found < 30 {
		t.Errorf("%d generated numbers and tables, want more: are they found?", found)
	}
}

// TestEveryMeasuredNumberOfTheReadmeIsGenerated: none with ± or p = stands in the
// free text.
func TestEveryMeasuredNumberOfTheReadmeIsGenerated(t *testing.T) {
	content, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	free := generated.ReplaceAllString(string(content), "")
	for _, number := range regexp.MustCompile(`.{0,30}(?:± \d|\bp = \d).{0,30}`).FindAllString(free, -1) {
		t.Errorf("not generated: %q", number)
	}
}

// values are what can be generated.
var values map[string]func(t *testing.T, args []string) string

func init() { // values refers to itself through the functions
	values = map[string]func(t *testing.T, args []string) string{
		"results": func(t *testing.T, _ []string) string { return resultsTable(t) },
		"speed":   func(t *testing.T, args []string) string { return speedTable(t, args[0]) },
		"wide":    func(t *testing.T, args []string) string { return wideTable(t, args[0]) },
		"growth":  func(t *testing.T, args []string) string { return growthTable(t, args[0]) },
		"flags":   func(*testing.T, []string) string { return flagTable() },
		"rate":    func(t *testing.T, args []string) string { return runs.FormatRate(chosenRate(t, args[0])) },
		"epochs":  func(t *testing.T, args []string) string { return fmt.Sprint(group(t, args)[0].Epochs) },
		"test": func(t *testing.T, args []string) string {
			return percent(group(t, args), func(r runs.RunRow) *float64 { return r.TestAccuracy })
		},
		"train": func(t *testing.T, args []string) string { return share(t, args, "train_accuracy") },
		"gain": func(t *testing.T, args []string) string {
			return difference(t, args, 100, 2, " points", func(r runs.RunRow) *float64 { return r.TestAccuracy })
		},
		"loss": func(t *testing.T, args []string) string {
			return difference(t, args, 1, 4, "", func(r runs.RunRow) *float64 { return r.TestLoss })
		},
		"error":  largestError,
		"shared": sharedSteps,
		"median": func(t *testing.T, args []string) string { return median(t, args) },
		"ratio":  func(t *testing.T, args []string) string { return ratio(t, args[0], args[1]) },
		"peak":   func(t *testing.T, _ []string) string { return shareOfPeak(t) },
		"flop": func(t *testing.T, args []string) string {
			return fmt.Sprintf("%.0f", trainingFLOP(numeral(t, args[0]), numeral(t, args[1]))/1e6)
		},
		"epoch": oneEpoch,
		"peer":  func(t *testing.T, _ []string) string { return peerTable(t) },
	}
}

// group is the runs of a variant: <directory> [<variant>]. Without a variant it is
// the only one, or of the sweep the chosen rate.
func group(t *testing.T, args []string) []runs.RunRow {
	t.Helper()
	groups := referenceRuns(t, args[0])
	for _, g := range groups {
		switch {
		case len(args) == 2 && variantOf(g[0]) == args[1], len(args) == 1 && len(groups) == 1, strings.HasPrefix(args[0], "lr-sweep") && g[0].LR == chosenRate(t, args[0]):
			return g
		}
	}
	t.Fatalf("no runs of %q", args)
	return nil
}

// accuracyRow is the row of a variant in test-accuracy.csv.
func accuracyRow(t *testing.T, args []string) map[string]string {
	t.Helper()
	for _, row := range referenceCSV(t, args[0], "test-accuracy.csv") {
		if isVariant(row, args[1]) {
			return row
		}
	}
	t.Fatalf("no row of %q", args)
	return nil
}

// isVariant reports whether a row of test-accuracy.csv is of a variant, whose rate
// may follow.
func isVariant(row map[string]string, name string) bool {
	label, _, _ := strings.Cut(row["variant"], " ")
	return label == name
}

func share(t *testing.T, args []string, column string) string {
	return fmt.Sprintf("%.1f %%", 100*numeral(t, accuracyRow(t, args)[column]))
}

// difference returns the mean difference between two variants in test accuracy or test
// loss, with its 95 % interval and its p by a paired t-test over the seeds, corrected for
// the comparisons of the directory: <directory> <variant> first|before.
func difference(t *testing.T, args []string, scale float64, digits int, unit string, of func(runs.RunRow) *float64) string {
	t.Helper()
	groups := referenceRuns(t, args[0])
	var all []stats.Difference
	var p []float64
	at := -1
	for i, g := range groups[1:] {
		other := groups[0]
		if args[2] == "before" {
			other = groups[i]
		}
		var differences []float64
		for j, row := range g {
			differences = append(differences, scale*(*of(row)-*of(other[j])))
		}
		if variantOf(g[0]) == args[1] {
			at = i
		}
		d := stats.PairedT(differences)
		all, p = append(all, d), append(p, d.P)
	}
	if at < 0 {
		t.Fatalf("no runs of %q", args)
	}
	text := fmt.Sprintf("%+.*f [%+.*f, %+.*f]%s, p = %.2g", digits, all[at].Mean, digits, all[at].Low, digits, all[at].High, unit, stats.Holm(p)[at])
	if stats.Holm(p)[at] < 0.0001 {
		text, _, _ = strings.Cut(text, " = ")
		text += " < 0.0001"
	}
	return strings.ReplaceAll(text, "-", "−")
}

func largestError(t *testing.T, args []string) string {
	largest := 0.0
	for _, row := range referenceCSV(t, "gradients", "gradients.csv") {
		if row["precision"] == args[0] {
			largest = max(largest, numeral(t, row["max_relative_error"]))
		}
	}
	return fmt.Sprintf("%.1e", largest)
}

// sharedSteps is after how many steps the summed copies still equal the tied weights.
func sharedSteps(t *testing.T, _ []string) string {
	steps := ""
	for _, row := range referenceCSV(t, "weight-sharing", "weight-sharing.csv") {
		if row["way"] == "summed" && row["difference_to_tied"] != "0" {
			t.Errorf("step %s: the summed copies are %s off the tied weights", row["step"], row["difference_to_tied"])
		}
		steps = row["step"]
	}
	return steps
}

// resultsTable has a line for each variant of each directory of results.
func resultsTable(t *testing.T) string {
	t.Helper()
	usual := runs.Sizes(lrSweep.Defaults.Channels).String()
	var b strings.Builder
	b.WriteString("| results | data set | variant | epochs | seeds | val accuracy | test accuracy | test loss | minutes per run |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, dir := range referenceDirs(t) {
		for _, g := range referenceRuns(t, dir) {
			variant := variantOf(g[0])
			if maps := g[0].Channels.String(); maps != usual {
				variant += ", maps " + strings.ReplaceAll(maps, " ", ", ")
			}
			if extra := g[0].ExtraConvs; extra > 0 {
				variant += fmt.Sprintf(", %d convolutions in each block", 1+extra)
			}
			minutes := 0.0
			for _, row := range g {
				minutes += *row.Seconds / 60 / float64(len(g))
			}
			fmt.Fprintf(&b, "| [%s](%s/summary.md) | %s | %s | %d | %d | %s | %s | %s | %.1f |\n", dir, dir, g[0].Dataset, variant, g[0].Epochs, len(g),
				percent(g, func(r runs.RunRow) *float64 { return r.ValAccuracy }), percent(g, func(r runs.RunRow) *float64 { return r.TestAccuracy }), nats(g), minutes)
		}
	}
	return b.String()
}

// percent is the mean and, of several, the standard deviation; if a run diverged,
// how many did.
func percent(rows []runs.RunRow, of func(runs.RunRow) *float64) string {
	var v []float64
	for _, row := range rows {
		if row.Status == runs.StatusDone && of(row) != nil {
			v = append(v, 100**of(row))
		}
	}
	switch {
	case len(v) < len(rows):
		return fmt.Sprintf("%d of %d diverged", len(rows)-len(v), len(rows))
	case len(v) == 1:
		return fmt.Sprintf("%.2f %%", v[0])
	}
	return fmt.Sprintf("%.2f ± %.2f %%", stats.Mean(v), stats.SD(v))
}

// nats is the mean test loss and, of several runs, its standard deviation; empty if a run
// diverged.
func nats(rows []runs.RunRow) string {
	var v []float64
	for _, row := range rows {
		if row.Status != runs.StatusDone || row.TestLoss == nil {
			return ""
		}
		v = append(v, *row.TestLoss)
	}
	if len(v) == 1 {
		return fmt.Sprintf("%.4f", v[0])
	}
	return fmt.Sprintf("%.4f ± %.4f", stats.Mean(v), stats.SD(v))
}

// flagTable lists the flags of an experiment and of a comparison.
func flagTable() string {
	o, c := suite.NewOptions(), suite.Comparing{}
	var v serve.Viewing
	var u trained.Using
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	o.Flags(fs, io.Discard)
	c.Flags(fs)
	v.Flags(fs)
	u.Flags(fs)
	var b strings.Builder
	b.WriteString("| flag | meaning | default |\n|---|---|---|\n")
	fs.VisitAll(func(f *flag.Flag) {
		arg, help := flag.UnquoteUsage(f)
		help = strings.ReplaceAll(help, "[=ADDR]", "ADDR")
		help, value, _ := strings.Cut(strings.TrimSuffix(help, ")"), " (default ")
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", strings.Replace(strings.TrimSpace("-"+f.Name+" "+arg), " [", "[", 1), help, value)
	})
	return b.String()
}

// speedSettings are the columns of training-*.csv that choose those of the table of
// speeds.
var speedSettings = []struct{ shape, cores string }{{"mnist", "1"}, {"mnist", "2"}, {"cifar", "1"}, {"cifar", "2"}}

// speeds are a program's samples_per_second, in training, or scored_per_second, and its
// memory in MB, on a processor: zen3, zen4 or zen5. They are nil if the program was not
// measured there.
func speeds(t *testing.T, processor, program, column string) (speed, memory []float64) {
	t.Helper()
	file := "training-" + processor + ".csv"
	for _, s := range speedSettings {
		for _, row := range referenceCSV(t, "speed", file) {
			if row["program"] == program && row["shape"] == s.shape && row["cores"] == s.cores {
				speed, memory = append(speed, numeral(t, row[column])), append(memory, numeral(t, row["memory_mb"]))
			}
		}
	}
	if n := len(speed); n != 0 && n != len(speedSettings) {
		t.Fatalf("%s has %d rows of %s", file, len(speed), program)
	}
	return speed, memory
}

// speedTable compares the programs.
func speedTable(t *testing.T, processor string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| | MNIST, 1 core | MNIST, 2 cores | CIFAR-10, 1 core | CIFAR-10, 2 cores | memory |\n|---|---|---|---|---|---|\n")
	line := func(name, memory, form string, cells []float64) {
		fmt.Fprintf(&b, "| %s |", name)
		for _, v := range cells {
			cell := text.Grouped(int(math.Round(v)))
			if form != "" {
				cell = fmt.Sprintf(form, v)
			}
			fmt.Fprintf(&b, " %s |", cell)
		}
		fmt.Fprintf(&b, " %s |\n", memory)
	}
	for _, n := range [][2]string{{"cnnlab-fast", "cnnlab"}, {"pytorch-tuned", "PyTorch 2.15, tuned"}, {"pytorch", "PyTorch 2.15, default settings"}, {"gorgonia", "Gorgonia 0.9.18"}} {
		speed, memory := speeds(t, processor, n[0], "samples_per_second")
		if speed == nil {
			continue
		}
		line(n[1], fmt.Sprintf("%.0f–%.0f MB", slices.Min(memory), slices.Max(memory)), "", speed)
	}
	line("direct convolution at the processor's peak", "", "", atPeak(t, processor))
	for _, n := range []struct{ program, name, form, column string }{
		{"pytorch-tuned", "cnnlab / PyTorch, tuned", "%.1f", "samples_per_second"},
		{"gorgonia", "cnnlab / Gorgonia", "%.0f", "samples_per_second"},
		{"", "scored by cnnlab", "", "scored_per_second"},
		{"pytorch-tuned", "scored, cnnlab / PyTorch, tuned", "%.1f", "scored_per_second"},
	} {
		cells, _ := speeds(t, processor, "cnnlab-fast", n.column)
		if n.program != "" {
			others, _ := speeds(t, processor, n.program, n.column)
			if others == nil {
				continue
			}
			for i := range cells {
				cells[i] /= others[i]
			}
		}
		line(n.name, "", n.form, cells)
	}
	return b.String()
}

// atPeak is how many samples per second one and two cores could train at the peak of
// their arithmetic, to two digits, if every convolution were computed as defined.
func atPeak(t *testing.T, processor string) (v []float64) {
	t.Helper()
	peak := 1e9 * measured(t, "program.csv", "peak of one core, "+processor)
	for _, flop := range []float64{trainingFLOP(1, 28), trainingFLOP(3, 32)} {
		for _, cores := range []float64{1, 2} {
			v = append(v, 100*math.Round(cores*peak/flop/100))
		}
	}
	return v
}

// trainingFLOP is the cost of a sample of the default network: each layer forward
// and two gradients, except that of the images.
func trainingFLOP(channels, side float64) float64 {
	conv1 := 2 * side * side * 9 * channels * 32
	conv2 := 2 * side / 2 * side / 2 * 9 * 32 * 64
	dense := 2 * (side/4*side/4*64*128 + 128*10)
	return 3*(conv1+conv2+dense) - conv1
}

// growthTable is how the speed on MNIST follows from the batch or the feature maps.
func growthTable(t *testing.T, column string) string {
	t.Helper()
	var names []string
	speed := make(map[string]string)
	for _, row := range referenceCSV(t, "speed", "growth.csv") {
		if row["varied"] != column {
			continue
		}
		if row["cores"] == "1" {
			names = append(names, row[column])
		}
		speed[row["cores"]+" "+row[column]] = text.Grouped(int(math.Round(numeral(t, row["samples_per_second"]))))
	}
	title := map[string]string{"batch": "batch", "channels": "maps, batch 64"}[column]
	var b strings.Builder
	fmt.Fprintf(&b, "| %s | %s |\n|%s\n", title, strings.Join(names, " | "), strings.Repeat("---|", len(names)+1))
	for _, cores := range []string{"1", "2"} {
		fmt.Fprintf(&b, "| %s |", map[string]string{"1": "1 core", "2": "2 cores"}[cores])
		for _, name := range names {
			fmt.Fprintf(&b, " %s |", speed[cores+" "+name])
		}
		b.WriteString("\n")
	}
	return b.String()
}

// measured is the median of the values of a line.
func measured(t *testing.T, file, what string) float64 {
	t.Helper()
	for _, row := range referenceCSV(t, "speed", file) {
		if row["what"] != what {
			continue
		}
		var v []float64
		for _, field := range strings.Fields(row["values"]) {
			v = append(v, numeral(t, field))
		}
		return stats.Median(v)
	}
	t.Fatalf("%s has no %q", file, what)
	return 0
}

// median is a median of program.csv: <decimals> <divisor> <what was measured>.
func median(t *testing.T, args []string) string {
	decimals, err := strconv.Atoi(args[0])
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%.*f", decimals, measured(t, "program.csv", strings.Join(args[2:], " "))/numeral(t, args[1]))
}

// ratio is how many times as fast as PyTorch we are, at least and at most, in
// samples_per_second or scored_per_second.
func ratio(t *testing.T, column, processor string) string {
	ours, _ := speeds(t, processor, "cnnlab-fast", column)
	theirs, _ := speeds(t, processor, "pytorch-tuned", column)
	for i := range ours {
		ours[i] /= theirs[i]
	}
	return fmt.Sprintf("%.1f to %.1f", slices.Min(ours), slices.Max(ours))
}

// wideTable compares how fast wider networks are trained on MNIST.
func wideTable(t *testing.T, processor string) string {
	t.Helper()
	var names []string
	speed := make(map[string]float64)
	for _, row := range referenceCSV(t, "speed", "wide-"+processor+".csv") {
		name := row["channels"] + ", " + text.Count(int(numeral(t, row["cores"])), "core")
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		speed[row["program"]+name] = numeral(t, row["samples_per_second"])
	}
	var b strings.Builder
	fmt.Fprintf(&b, "| maps | %s |\n|---%s|\n", strings.Join(names, " | "), strings.Repeat("|---", len(names)))
	for _, program := range []string{"cnnlab-fast", "pytorch-tuned", ""} {
		fmt.Fprintf(&b, "| %s |", map[string]string{"cnnlab-fast": "cnnlab", "pytorch-tuned": "PyTorch 2.15, tuned", "": "cnnlab / PyTorch, tuned"}[program])
		for _, name := range names {
			if program != "" {
				fmt.Fprintf(&b, " %s |", text.Grouped(int(speed[program+name])))
			} else {
				fmt.Fprintf(&b, " %.1f |", speed["cnnlab-fast"+name]/speed["pytorch-tuned"+name])
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// shareOfPeak is what the dense layers reach, at least and at most.
func shareOfPeak(t *testing.T) string {
	var v []float64
	for _, pass := range []string{"forward", "gradX", "gradW"} {
		v = append(v, 100*measured(t, "kernel.csv", "Dense/"+pass)/measured(t, "kernel.csv", "PeakFMA"))
	}
	return fmt.Sprintf("%.0f to %.0f %%", slices.Min(v), slices.Max(v))
}

// oneEpoch is the median time of one epoch of MNIST, or the test accuracy after it:
// seconds|test <program>.
func oneEpoch(t *testing.T, args []string) string {
	var seconds, test []float64
	for _, row := range referenceCSV(t, "speed", "one-epoch.csv") {
		if row["program"] == args[1] {
			seconds, test = append(seconds, numeral(t, row["seconds"])), append(test, 100*numeral(t, row["test_accuracy"]))
		}
	}
	if args[0] == "seconds" {
		return fmt.Sprintf("%.1f s", stats.Median(seconds))
	}
	return fmt.Sprintf("%.2f ± %.2f %%", stats.Mean(test), stats.SD(test))
}

// peerTable compares the recipe in both programs, with the difference of their means and its 95 %
// interval by Welch's t (Biometrika 34, 1947), since no seed is common to both.
func peerTable(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| data set | accuracy on | cnnlab | PyTorch | difference, 95 % interval |\n|---|---|---|---|---|\n")
	rows := referenceCSV(t, "pytorch", "recipe.csv")
	for _, dataset := range []string{"mnist", "fashion-mnist", "cifar-10"} {
		for _, part := range []string{"val", "test"} {
			var v [2][]float64
			for _, row := range rows {
				if row["dataset"] == dataset {
					i := slices.Index([]string{"cnnlab", "pytorch"}, row["program"])
					v[i] = append(v[i], 100*numeral(t, row[part+"_accuracy"]))
				}
			}
			difference, half := stats.Mean(v[0])-stats.Mean(v[1]), welch(v[0], v[1])
			fmt.Fprintf(&b, "| %s | %s | %.2f ± %.2f %% | %.2f ± %.2f %% | %+.2f (%+.2f to %+.2f) |\n", dataset, part,
				stats.Mean(v[0]), stats.SD(v[0]), stats.Mean(v[1]), stats.SD(v[1]), difference, difference-half, difference+half)
		}
	}
	return b.String()
}

// welch is half the 95 % interval of the difference of two means.
func welch(a, b []float64) float64 {
	va, vb := stats.SD(a)*stats.SD(a)/float64(len(a)), stats.SD(b)*stats.SD(b)/float64(len(b))
	freedom := (va + vb) * (va + vb) / (va*va/float64(len(a)-1) + vb*vb/float64(len(b)-1))
	return distuv.StudentsT{Sigma: 1, Nu: freedom}.Quantile(0.975) * math.Sqrt(va+vb)
}

func TestWelchGivesSciPysInterval(t *testing.T) {
	// scipy.stats.ttest_ind([1, 2, 4], [2, 3, 7, 9], equal_var=False).confidence_interval()
	const low, high = -7.928629338154147, 2.095296004820814
	if half := welch([]float64{1, 2, 4}, []float64{2, 3, 7, 9}); math.Abs(half-(high-low)/2) > 1e-9 {
		t.Errorf("half of it is %v, want %v", half, (high-low)/2)
	}
}
