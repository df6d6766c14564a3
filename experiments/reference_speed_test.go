package experiments

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// thousands writes 12106 as 12,106.
func thousands(v float64) string {
	n := int(math.Round(v))
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

// settings of the table of speeds: the columns of training.csv that choose them.
var speedSettings = []struct{ shape, cores string }{{"mnist", "1"}, {"mnist", "2"}, {"cifar", "1"}, {"cifar", "2"}}

// speeds are the samples per second of a program in the settings.
func speeds(t *testing.T, program string) (v []float64) {
	t.Helper()
	for _, s := range speedSettings {
		v = append(v, numeral(t, speedRow(t, program, s.shape, s.cores)["samples_per_second"]))
	}
	return v
}

func speedRow(t *testing.T, program, shape, cores string) map[string]string {
	t.Helper()
	for _, row := range referenceCSV(t, "speed", "training.csv") {
		if row["program"] == program && row["shape"] == shape && row["cores"] == cores {
			return row
		}
	}
	t.Fatalf("training.csv has no %s, %s, %s cores", program, shape, cores)
	return nil
}

// speedTable compares the programs.
func speedTable(t *testing.T) string {
	t.Helper()
	var table strings.Builder
	table.WriteString("| | MNIST, 1 core | MNIST, 2 cores | CIFAR-10, 1 core | CIFAR-10, 2 cores | memory |\n|---|---|---|---|---|---|\n")
	line := func(name, memory, form string, cells []float64) {
		fmt.Fprintf(&table, "| %s |", name)
		for _, v := range cells {
			text := thousands(v)
			if form != "" {
				text = fmt.Sprintf(form, v)
			}
			fmt.Fprintf(&table, " %s |", text)
		}
		fmt.Fprintf(&table, " %s |\n", memory)
	}
	names := [][2]string{{"cnnlab-fast", "cnnlab"}, {"pytorch-tuned", "PyTorch 1.13, tuned"}, {"pytorch", "PyTorch 1.13 as usually written"}, {"gorgonia", "Gorgonia 0.9.18 as it comes"}}
	for _, n := range names {
		var memory []float64
		for _, s := range speedSettings {
			memory = append(memory, numeral(t, speedRow(t, n[0], s.shape, s.cores)["memory_mb"]))
		}
		line(n[1], fmt.Sprintf("%.0f–%.0f MB", slices.Min(memory), slices.Max(memory)), "", speeds(t, n[0]))
	}
	line("direct convolution at the processor's peak", "", "", atPeak(t))
	ours := speeds(t, "cnnlab-fast")
	for _, n := range []struct{ program, name, form string }{{"pytorch-tuned", "cnnlab / PyTorch tuned", "%.1f"}, {"gorgonia", "cnnlab / Gorgonia", "%.0f"}} {
		ratios := speeds(t, n.program)
		for i := range ratios {
			ratios[i] = ours[i] / ratios[i]
		}
		line(n.name, "", n.form, ratios)
	}
	return table.String()
}

// atPeak is how many samples a second one and two cores could train at the peak of
// their arithmetic, to two digits, if every convolution were computed as defined.
func atPeak(t *testing.T) (v []float64) {
	t.Helper()
	peak := 1e9 * programMedian(t, "peak of one core with AVX-512")
	for _, flop := range []float64{trainingFLOP(1, 28), trainingFLOP(3, 32)} {
		for _, cores := range []float64{1, 2} {
			v = append(v, 100*math.Round(cores*peak/flop/100))
		}
	}
	return v
}

// trainingFLOP is what a sample of the default network costs: each layer forward
// and two gradients, save that of the images.
func trainingFLOP(channels, side float64) float64 {
	conv1 := 2 * side * side * 9 * channels * 32
	conv2 := 2 * side / 2 * side / 2 * 9 * 32 * 64
	dense := 2 * (side/4*side/4*64*128 + 128*10)
	return 3*(conv1+conv2+dense) - conv1
}

// growthTable is how the speed follows from batch and maps, on MNIST.
func growthTable(t *testing.T) string {
	t.Helper()
	rows := referenceCSV(t, "speed", "growth.csv")
	var table strings.Builder
	for i, part := range []struct{ title, column string }{{"batch", "batch"}, {"maps, batch 64", "channels"}} {
		var names []string
		speed := make(map[string]string)
		for _, row := range rows {
			if row["varied"] == part.column && row["cores"] == "1" {
				names = append(names, row[part.column])
			}
			if row["varied"] == part.column {
				speed[row["cores"]+" "+row[part.column]] = thousands(numeral(t, row["samples_per_second"]))
			}
		}
		if i > 0 {
			table.WriteString("\n")
		}
		fmt.Fprintf(&table, "| %s | %s |\n|%s\n", part.title, strings.Join(names, " | "), strings.Repeat("---|", len(names)+1))
		for _, cores := range []string{"1", "2"} {
			fmt.Fprintf(&table, "| %s |", map[string]string{"1": "1 core", "2": "2 cores"}[cores])
			for _, name := range names {
				fmt.Fprintf(&table, " %s |", speed[cores+" "+name])
			}
			table.WriteString("\n")
		}
	}
	return table.String()
}

// programMedian is the median of what was measured of the program as a whole.
func programMedian(t *testing.T, what string) float64 {
	t.Helper()
	return medianOf(t, "program.csv", what)
}

// medianOf is the median of the values of a line.
func medianOf(t *testing.T, name, what string) float64 {
	t.Helper()
	for _, row := range referenceCSV(t, "speed", name) {
		if row["what"] != what {
			continue
		}
		var values []float64
		for _, field := range strings.Fields(row["values"]) {
			values = append(values, numeral(t, field))
		}
		return median(values)
	}
	t.Fatalf("%s has no %q", name, what)
	return 0
}

func TestReadmeHasTheTimesOfTheProgram(t *testing.T) {
	readmeSays(t,
		fmt.Sprintf("take %.0f seconds on the two cores", programMedian(t, "lr-sweep on all of MNIST")),
		fmt.Sprintf("%.1f times as many", programMedian(t, "sweep of two runs on two cores against one run on one core")),
		fmt.Sprintf("%.2f s on MNIST", programMedian(t, "start to the first step on MNIST")),
		fmt.Sprintf("%.2f s on CIFAR-10", programMedian(t, "start to the first step on CIFAR-10")),
		fmt.Sprintf("%.0f GFLOP/s a core", programMedian(t, "peak of one core with AVX-512")),
		fmt.Sprintf("allocates %.0f KB on one core and %.0f KB on two", programMedian(t, "allocated in a step of batch 64 on one core")/1000,
			programMedian(t, "allocated in a step of batch 64 on two cores")/1000),
		fmt.Sprintf("costs %.0f MFLOP a sample of MNIST and %.0f of CIFAR-10", trainingFLOP(1, 28)/1e6, trainingFLOP(3, 32)/1e6))
}

func TestReadmeHasTheSlownessOfTheReferenceBLAS(t *testing.T) {
	var times []float64
	for i, v := range speeds(t, "pytorch-tuned") {
		set := []string{"MNIST", "MNIST", "CIFAR-10", "CIFAR-10"}[i]
		cores := []string{"one core", "two cores"}[i%2]
		times = append(times, v/programMedian(t, fmt.Sprintf("pytorch-tuned with the reference BLAS on %s with %s", set, cores)))
	}
	readmeSays(t, fmt.Sprintf("%.1f to %.1f times slower", slices.Min(times), slices.Max(times)))
}

func TestReadmeHasWhatTheKernelsReach(t *testing.T) {
	peak := medianOf(t, "kernel.csv", "PeakFMA")
	var shares []float64
	for _, pass := range []string{"forward", "gradX", "gradW"} {
		shares = append(shares, 100*medianOf(t, "kernel.csv", "Dense/"+pass)/peak)
	}
	readmeSays(t, fmt.Sprintf("reaches %.0f to %.0f %% of the processor's peak in the dense layers", slices.Min(shares), slices.Max(shares)))
}

// TestReadmeHasTheSpeedOfOneEpoch holds what is said of one epoch of MNIST, with
// each size of the kernels.
func TestReadmeHasTheSpeedOfOneEpoch(t *testing.T) {
	for kernel, form := range map[string]string{
		"3": "takes %s s and reaches %s %% on test; PyTorch, tuned, with the same recipe %s s and %s %%",
		"5": "it takes %s s and reaches %s %%, PyTorch %s s and %s %%",
	} {
		var said []any
		for _, program := range []string{"cnnlab", "pytorch-tuned"} {
			var seconds, test []float64
			for _, row := range referenceCSV(t, "speed", "one-epoch.csv") {
				if row["program"] == program && row["kernel"] == kernel {
					seconds, test = append(seconds, numeral(t, row["seconds"])), append(test, 100*numeral(t, row["test_accuracy"]))
				}
			}
			said = append(said, fmt.Sprintf("%.1f", median(seconds)), meanAndSD(test))
		}
		readmeSays(t, fmt.Sprintf(form, said...))
	}
}
