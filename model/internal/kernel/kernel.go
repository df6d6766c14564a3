// Package kernel holds the arithmetic of training on plain []float32: the
// forward and backward loops of the operations and the update rules of the
// solvers. It knows shapes but no Gorgonia, allocates only scratch it keeps,
// and gives the same bits whatever the number of cores: work is cut into
// blocks that depend on the shape alone, and partial sums are added in the
// order of the blocks.
//
// There are three sets of loops: Go (purego), and assembly for AVX2 with FMA and
// for AVX-512, which gen writes. One is chosen when the program starts. Where a
// loop is bound by memory, AVX-512 uses that of AVX2. The two give the same bits:
// a lane adds the same products in the same order.
//
// Arrays are dense and row-major; images are N×C×H×W. Lengths are the
// caller's promise: the operations check shapes once, when a graph is built.
package kernel

import (
	"os"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"golang.org/x/sys/cpu"
)

//go:generate go run -C gen . -out ../simd_amd64.s -stubs ../simd_amd64.go -pkg kernel

// variable is the environment variable that forces a set of loops by its name.
const variable = "CNNLAB_KERNEL"

// loops is a set of loops, the faster the greater.
type loops int

const (
	purego loops = iota
	avx2
	avx512
)

var names = []string{"purego", "avx2", "avx512"}

// using is the set in use, and choiceErr why it is not the one asked for.
var using, choiceErr = choose(os.Getenv(variable), fastest())

// fastest is the fastest set that this program has and this processor can run.
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

// choose returns the set of the name asked for, or the fastest if none is.
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

// Name names the set of loops in use: the bits of a training depend on it.
func Name() string { return names[using] }

// Err is the error of a set of loops asked for that there is not.
func Err() error { return choiceErr }
