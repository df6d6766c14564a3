// Package kernel holds the arithmetic of training on plain []float32: the
// forward and backward loops of the operations and the update rules of the
// solvers. It knows shapes but no Gorgonia, allocates only scratch it keeps,
// and gives the same bits whatever the number of cores: work is cut into
// blocks that depend on the shape alone, and partial sums are added in the
// order of the blocks.
//
// There are two sets of loops: Go (purego), and assembly for AVX2 and FMA,
// which gen writes. One is chosen when the program starts.
//
// Arrays are dense and row-major; images are N×C×H×W. Lengths are the
// caller's promise: the operations check shapes once, when a graph is built.
package kernel

import (
	"os"

	"github.com/pkg/errors"
	"golang.org/x/sys/cpu"
)

//go:generate go run -C gen . -out ../avx2_amd64.s -stubs ../avx2_amd64.go -pkg kernel

// Variable is the environment variable that forces a set of loops by its name.
const Variable = "CNNLAB_KERNEL"

// avx2 says that assembly is used.
var avx2, choiceErr = choose(os.Getenv(Variable), assembled && cpu.X86.HasAVX2 && cpu.X86.HasFMA)

// choose returns whether assembly is to be used, given what is asked for and
// whether it can run here.
func choose(asked string, able bool) (bool, error) {
	switch asked {
	case "":
		return able, nil
	case "purego":
		return false, nil
	case "avx2":
		if !able {
			return false, errors.Errorf("%s=avx2: this processor or this build of the program has no AVX2 and FMA", Variable)
		}
		return true, nil
	}
	return able, errors.Errorf("%s=%q, want avx2 or purego", Variable, asked)
}

// Name names the set of loops in use: the bits of a training depend on it.
func Name() string {
	if avx2 {
		return "avx2"
	}
	return "purego"
}

// Err is the error of a set of loops asked for that there is not.
func Err() error { return choiceErr }
