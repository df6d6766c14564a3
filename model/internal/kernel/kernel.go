// Package kernel holds the arithmetic of training on plain []float32: the
// forward and backward loops of the operations and the update rules of the
// solvers. It knows shapes but no Gorgonia, allocates only scratch it keeps,
// and gives the same bits whatever the number of cores: work is cut into
// blocks that depend on the shape alone, and partial sums are added in the
// order of the blocks.
//
// Arrays are dense and row-major; images are N×C×H×W. Lengths are the
// caller's promise: the operations check shapes once, when a graph is built.
package kernel

// Name names this set of loops: the bits of a training depend on it.
const Name = "gonum"
