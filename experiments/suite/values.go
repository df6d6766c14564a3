package suite

import (
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"cnnlab/data"
	"cnnlab/experiments/report/runs"
	"cnnlab/model"
)

// value parses the argument of a flag and stores it in to, a pointer to the parsed type.
// Its error says what is wanted.
type value func(s string, to any) error

// parsed accepts the values of type T that parse accepts; want describes them.
func parsed[T any](want string, parse func(s string) (v T, ok bool)) value {
	return func(s string, to any) error {
		v, ok := parse(s)
		if !ok {
			return errors.New("want " + want)
		}
		*to.(*T) = v
		return nil
	}
}

var (
	filled = parsed("a value, got an empty one", func(s string) (string, bool) { return s, s != "" })
	list   = parsed("names separated by commas", func(s string) ([]string, bool) {
		all := strings.Split(s, ",")
		return all, !slices.Contains(all, "")
	})
	boolean = parsed("true or false", func(s string) (bool, bool) {
		b, err := strconv.ParseBool(s)
		return b, err == nil
	})
	wide = parsed(fmt.Sprintf("a whole number from 0 to %d", uint64(math.MaxUint64)), func(s string) (uint64, bool) {
		n, err := strconv.ParseUint(s, 10, 64)
		return n, err == nil
	})
	fraction = below(1)
)

// dataset accepts the name of a known data set, or a path.
var dataset = parsed("one of "+strings.Join(data.Names(), ", ")+", or the path of a folder or an .npz file, such as ./pictures", func(s string) (string, bool) {
	return s, slices.Contains(data.Names(), s) || data.IsOwn(s)
})

// Completed lists the values of flags that have few, for a shell.
func Completed() map[string][]string {
	return map[string][]string{"dataset": data.Names(), "solver": model.SolverNames(), "schedule": scheduleNames, "ops": {"fast", "gorgonia"}, "format": {"text", "csv", "markdown", "json"}}
}

// arrays are the variables by which schedulers tell a task its index in an array, and the
// index of the first.
var arrays = []struct {
	variable string
	first    int
}{{"SLURM_ARRAY_TASK_ID", 0}, {"JOB_COMPLETION_INDEX", 0}, {"PBS_ARRAY_INDEX", 0}, {"LSB_JOBINDEX", 1}, {"SGE_TASK_ID", 1}}

// trial accepts the number of a run, or auto.
var trial = parsed("a whole number from 0, or auto within a job array (SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX, PBS_ARRAY_INDEX, LSB_JOBINDEX, SGE_TASK_ID)", func(s string) (int, bool) {
	first := 0
	if s == "auto" {
		for _, a := range arrays {
			if value := os.Getenv(a.variable); value != "" && value != "undefined" && s == "auto" {
				s, first = value, a.first
			}
		}
	}
	n, err := strconv.Atoi(s)
	return n - first, err == nil && n >= first && n <= math.MaxInt32
})

func oneOf(names ...string) value {
	return parsed("one of "+strings.Join(names, ", "), func(s string) (string, bool) { return s, slices.Contains(names, s) })
}

// whole accepts a whole number from low to high.
func whole(low, high int) value {
	return parsed(fmt.Sprintf("a whole number from %d to %d", low, high), func(s string) (int, bool) {
		n, err := strconv.Atoi(s)
		return n, err == nil && n >= low && n <= high
	})
}

// below accepts a finite number of at least 0 and less than high.
func below(high float64) value {
	want := "a number of 0 or more"
	if !math.IsInf(high, 1) {
		want = fmt.Sprintf("a number of at least 0 and less than %v", high)
	}
	return parsed(want, func(s string) (float64, bool) {
		v, err := strconv.ParseFloat(s, 64)
		return v + 0, err == nil && v >= 0 && v < high // -0 becomes 0
	})
}

// sizes accepts whole numbers from low to high, separated by commas.
func sizes(low, high int) value {
	return func(s string, to any) error {
		var all runs.Sizes
		for _, item := range strings.Split(s, ",") {
			n, err := strconv.Atoi(strings.TrimSpace(item))
			if err != nil || n < low || n > high {
				return errors.Errorf("%q is not a number of feature maps; want whole numbers from %d to %d, separated by commas, such as 32,64", item, low, high)
			}
			all = append(all, n)
		}
		*to.(*runs.Sizes) = all
		return nil
	}
}

// learningRates accepts learning rates separated by commas, and drops duplicates.
func learningRates(stderr io.Writer) value {
	return func(s string, to any) error {
		var all []float64
		for _, item := range strings.Split(s, ",") {
			lr, err := strconv.ParseFloat(strings.TrimSpace(item), 64)
			if err != nil || !(lr > 0 && lr <= math.MaxFloat32) {
				return errors.Errorf("%q is not a learning rate; want numbers above 0, separated by commas", item)
			}
			if slices.Contains(all, lr) {
				fmt.Fprintf(stderr, "-lr: %s is given twice; using it once\n", item)
				continue
			}
			all = append(all, lr)
		}
		*to.(*[]float64) = all
		return nil
	}
}
