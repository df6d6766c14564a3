// Package kernel holds the arithmetic of training on plain []float32: the forward and
// backward loops of the operations and the update rules of the solvers. It does not
// depend on Gorgonia, and allocates only scratch that it keeps. It gives the same bits
// on any number of cores: it cuts work into blocks that depend only on the shape, and
// adds partial sums in the order of the blocks.
//
// There are four sets of loops: plain Go (purego), assembly for AVX2 with FMA and for
// AVX-512, which the program in gen writes, and for NEON. The package starts with the
// fastest set that the processor can run. Where memory limits a loop, AVX-512 uses the AVX2
// one. Both give the same bits: a lane adds the same products in the same order. NEON has
// the panels, but not Winograd's transforms, so its convolutions round as direct ones do.
//
// Arrays are dense and row-major; images are N×C×H×W. The functions trust the lengths:
// package ops checks the shapes once, when a graph is built.
//
// Terms:
//
//	block    one of eight parts, usually of a batch; partial sums are added in order
//	chunk    a part of a long array, large enough to be worth another core
//	lane     one of the 16 columns of a panel, at a fixed position in a vector register
//	panel    16 columns of a matrix product, such as 16 maps of a convolution
//	step     one summand of a matrix product
//	tile     4×4 results of a Winograd convolution, which come from a 6×6 window; 2 instead of
//	         4 where two or one are left at the end of a row or column
//	place    one of the 36 entries of such a window
//	strip    the rows of tiles that are computed together
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
	neon
	avx2
	avx512
)

var names = []string{"purego", "neon", "avx2", "avx512"}

// using is the set in use. choiceErr says why it is not the one asked for.
var using, choiceErr = choose(os.Getenv(variable), fastest())

// fastest returns the fastest set that this program has and this processor can run.
func fastest() loops {
	x := &cpu.X86
	switch {
	case withNEON:
		return neon
	case !assembled || !x.HasAVX2 || !x.HasFMA:
		return purego
	case !x.HasAVX512F || !x.HasAVX512BW || !x.HasAVX512DQ || !x.HasAVX512VL:
		return avx2
	}
	return avx512
}

// canRun reports whether a set can run where the given one is the fastest.
func canRun(set, fastest loops) bool {
	return set == purego || set == fastest || set == avx2 && fastest == avx512
}

// choose returns the set named asked, or the fastest if asked is empty.
func choose(asked string, fastest loops) (loops, error) {
	if asked == "" {
		return fastest, nil
	}
	set := loops(slices.Index(names, asked))
	switch {
	case set < 0:
		return fastest, errors.Errorf("%s=%q, want avx512, avx2, neon or purego", variable, asked)
	case !canRun(set, fastest):
		var can []string
		for i, name := range names {
			if canRun(loops(i), fastest) {
				can = append(can, name)
			}
		}
		return fastest, errors.Errorf("%s=%s cannot run here, on this processor or in this build of the program; want %s", variable, asked, strings.Join(can, " or "))
	}
	return set, nil
}

// revision counts the arithmetics of the loops in assembly.
const revision = ".4"

// Name returns the name of the set of loops in use, with its revision, such as avx512.4.
// The bits of a training depend on it.
func Name() string {
	if using == purego {
		return names[using] // has never changed
	}
	return names[using] + revision
}

// Err returns an error if $CNNLAB_KERNEL asks for a set of loops that cannot run here.
func Err() error { return choiceErr }
