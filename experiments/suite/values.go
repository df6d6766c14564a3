package suite

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"cnnlab/experiments/report/runs"
)

// value parses what is given to a flag and stores it in to, a pointer to the type
// that it parses. Its error says what is wanted.
type value func(s string, to any) error

// filled takes any text but an empty one.
func filled(s string, to any) error {
	if s == "" {
		return errors.New("found nothing, want a value")
	}
	*to.(*string) = s
	return nil
}

// list takes names separated by commas.
func list(s string, to any) error {
	all := strings.Split(s, ",")
	if slices.Contains(all, "") {
		return errors.New("want names separated by commas")
	}
	*to.(*[]string) = all
	return nil
}

// oneOf takes one of names.
func oneOf(names ...string) value {
	return func(s string, to any) error {
		if !slices.Contains(names, s) {
			return errors.Errorf("want one of %s", strings.Join(names, ", "))
		}
		*to.(*string) = s
		return nil
	}
}

// whole takes a whole number from low to high.
func whole(low, high int) value {
	return func(s string, to any) error {
		n, err := strconv.Atoi(s)
		if err != nil || n < low || n > high {
			return errors.Errorf("want a whole number from %d to %d", low, high)
		}
		*to.(*int) = n
		return nil
	}
}

// wide takes a whole number of 64 bits.
func wide(s string, to any) error {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return errors.Errorf("want a whole number from 0 to %d", uint64(math.MaxUint64))
	}
	*to.(*uint64) = n
	return nil
}

// fraction takes a number of at least 0 and less than 1.
var fraction = below(1)

// below takes a finite number of at least 0 and less than high.
func below(high float64) value {
	want := "a number of 0 or more"
	if !math.IsInf(high, 1) {
		want = fmt.Sprintf("a number of at least 0 and less than %v", high)
	}
	return func(s string, to any) error {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || !(v >= 0 && v < high) {
			return errors.New("want " + want)
		}
		*to.(*float64) = v + 0 // -0 is 0
		return nil
	}
}

// boolean takes true or false.
func boolean(s string, to any) error {
	b, err := strconv.ParseBool(s)
	if err != nil {
		return errors.New("want true or false")
	}
	*to.(*bool) = b
	return nil
}

// sizes takes whole numbers from low to high, separated by commas.
func sizes(low, high int) value {
	return func(s string, to any) error {
		var all runs.Sizes
		for _, item := range strings.Split(s, ",") {
			n, err := strconv.Atoi(strings.TrimSpace(item))
			if err != nil || n < low || n > high {
				return errors.Errorf("%q is no number of feature maps; want whole numbers from %d to %d, separated by commas, such as 32,64", item, low, high)
			}
			all = append(all, n)
		}
		*to.(*runs.Sizes) = all
		return nil
	}
}

// learningRates takes learning rates separated by commas, and warns of those given
// twice.
func learningRates(stderr io.Writer) value {
	return func(s string, to any) error {
		var all []float64
		for _, item := range strings.Split(s, ",") {
			lr, err := strconv.ParseFloat(strings.TrimSpace(item), 64)
			if err != nil || !(lr > 0 && lr <= math.MaxFloat32) {
				return errors.Errorf("%q is no learning rate; want numbers above 0, separated by commas", item)
			}
			if slices.Contains(all, lr) {
				fmt.Fprintf(stderr, "-lr: %s is given twice; it is tried once\n", item)
				continue
			}
			all = append(all, lr)
		}
		*to.(*[]float64) = all
		return nil
	}
}
