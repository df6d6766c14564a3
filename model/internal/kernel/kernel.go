// Package kernel holds the arithmetic of training on plain []float32: the forward and
// backward loops of the operations and the update rules of the solvers. It knows
// shapes but no Gorgonia, and allocates only scratch that it keeps. It gives the same
// bits on any number of cores: work is cut into blocks that depend on the shape alone,
// and partial sums are added in the order of the blocks.
//
// There are three sets of loops: plain Go (purego), and assembly for AVX2 with FMA and
// for AVX-512, which the program in gen writes. The fastest that the processor can run
// is chosen at the start. Where a loop is limited by memory, AVX-512 uses the one for
// AVX2. Both give the same bits: a lane adds the same products in the same order.
//
// Arrays are dense and row-major; images are N×C×H×W. The functions trust the lengths:
// package ops checks the shapes once, when a graph is built.
//
// These words have one meaning each:
//
//	block    one of eight parts of a batch, whose partial sums are added in order
//	chunk    a part of a long array that is worth another core
//	lane     one of the 16 columns of a panel; each has a place in a vector register
//	panel    16 columns of a matrix product, such as 16 maps of a convolution
//	step     one summand of a matrix product
//	tile     2×2 results of a Winograd convolution, which come from a 4×4 window
//	place    one of the 16 entries of such a window
//	strip    rows of tiles that are computed at a time
//	side     the geometry of a Winograd product: forward, or back to the input
package kernel

import (
	"os"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"golang.org/x/sys/cpu"
)

//go:generate go run -C gen .

// variable is the environment variable that selects a set of loops by its name.
const variable = "CNNLAB_KERNEL"

// loops is a set of loops; a greater one is faster.
type loops int

const (
	purego loops = iota
	avx2
	avx512
)

var names = []string{"purego", "avx2", "avx512"}

// using is the set in use. choiceErr tells why it is not the one asked for.
var using, choiceErr = choose(os.Getenv(variable), fastest())

// fastest returns the fastest set that this program has and this processor can run.
func fastest() loops {
	x := &cpu.X86
	switch {
	case !assembled || !x.HasAVX2 || !x.HasFMA:
		return purego
	case !x.HasAVX512F || !x.HasAVX512BW || !x.HasAVX512DQ || !x.HasAVX512VL:
		return avx2
	}
	return avx512
}

// choose returns the set of that name, or the fastest if the name is empty.
func choose(asked string, fastest loops) (loops, error) {
	if asked == "" {
		return fastest, nil
	}
	set := loops(slices.Index(names, asked))
	switch {
	case set < 0:
		return fastest, errors.Errorf("%s=%q, want avx512, avx2 or purego", variable, asked)
	case set > fastest:
		return fastest, errors.Errorf("%s=%s cannot run here, on this processor or in this build of the program; want %s", variable, asked, strings.Join(names[:fastest+1], " or "))
	}
	return set, nil
}

// Name returns the name of the set of loops in use. The bits of a training depend on
// it.
func Name() string { return names[using] }

// Err returns the error of asking for a set of loops that cannot run here.
func Err() error { return choiceErr }
