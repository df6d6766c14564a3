package experiments

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

const maxInt = math.MaxInt32

// text takes a value that is not empty.
func text(to *string) func(string) error {
	return func(s string) error {
		if s == "" {
			return errors.New("want a value, found nothing")
		}
		*to = s
		return nil
	}
}

// names takes some of what is called so, separated by commas.
func names(to *[]string, called string) func(string) error {
	return func(s string) error {
		all := strings.Split(s, ",")
		if slices.Contains(all, "") {
			return errors.Errorf("want %s, separated by commas", called)
		}
		*to = all
		return nil
	}
}

// oneOf takes one of the names.
func oneOf(names []string, put func(string)) func(string) error {
	return func(s string) error {
		if !slices.Contains(names, s) {
			return errors.Errorf("want one of %s", strings.Join(names, ", "))
		}
		put(s)
		return nil
	}
}

// integer takes a whole number from low to high.
func integer(low, high int, put func(int)) func(string) error {
	return func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil || n < low || n > high {
			return errors.Errorf("want a whole number from %d to %d", low, high)
		}
		put(n)
		return nil
	}
}

// number takes a finite number of at least 0 and less than high.
func number(high float64, put func(float64)) func(string) error {
	return func(s string) error {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || !(v >= 0 && v < high) {
			return errors.Errorf("want a number of at least 0 and less than %v", high)
		}
		put(v + 0) // -0 is 0
		return nil
	}
}

// seed takes a whole number of 64 bits.
func seed(put func(uint64)) func(string) error {
	return func(s string) error {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			return errors.Errorf("want a whole number from 0 to %d", uint64(math.MaxUint64))
		}
		put(n)
		return nil
	}
}

// boolean takes true or false.
func boolean(put func(bool)) func(string) error {
	return func(s string) error {
		b, err := strconv.ParseBool(s)
		if err != nil {
			return errors.New("want true or false")
		}
		put(b)
		return nil
	}
}

// rates takes learning rates, each once.
func rates(to *[]float64, stderr io.Writer) func(string) error {
	return func(s string) error {
		var all []float64
		for _, item := range strings.Split(s, ",") {
			lr, err := strconv.ParseFloat(strings.TrimSpace(item), 64)
			if err != nil || !(lr > 0 && lr <= math.MaxFloat32) {
				return errors.Errorf("%q is no learning rate; want numbers above 0, separated by commas", item)
			}
			if slices.Contains(all, lr) {
				fmt.Fprintf(stderr, "-lr: %s is given twice and tried once\n", item)
				continue
			}
			all = append(all, lr)
		}
		*to = all
		return nil
	}
}

// channels takes the sizes of the convolution blocks.
func channels(put func([]int)) func(string) error {
	return func(s string) error {
		var all []int
		for _, item := range strings.Split(s, ",") {
			n, err := strconv.Atoi(strings.TrimSpace(item))
			if err != nil || n < 1 || n > 4096 {
				return errors.Errorf("%q is no number of maps; want whole numbers from 1 to 4096, separated by commas, such as 32,64", item)
			}
			all = append(all, n)
		}
		put(all)
		return nil
	}
}
