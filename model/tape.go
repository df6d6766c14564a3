package model

import (
	"math"
	"runtime/debug"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
)

// tape runs the operations that some nodes of a graph depend on, in topological
// order, on the calling goroutine. Gorgonia's tape machine would run them on another
// goroutine and tie the caller to its thread while it waits. That costs two changes
// of thread per step, lets trainings that run side by side push one another off
// their cores, and ends the process if an operation panics.
type tape struct {
	operations []operation
	watch      bool // end at the first NaN
}

// operation computes the value of a node from the values of its inputs.
type operation struct {
	node   *gorgonia.Node
	inputs gorgonia.Nodes
	values []gorgonia.Value // of the inputs, in the run
}

// newTape returns a tape of the operations that outputs depend on, and no others.
func newTape(g *gorgonia.ExprGraph, outputs gorgonia.Nodes, watch bool) (*tape, error) {
	sorted, err := gorgonia.Sort(g) // each node comes before its inputs
	if err != nil {
		return nil, err
	}
	needed := make(map[*gorgonia.Node]bool)
	for _, n := range outputs {
		needed[n] = true
	}
	t := &tape{watch: watch}
	for _, n := range sorted {
		inputs := g.From(n.ID())
		if !needed[n] || inputs.Len() == 0 {
			continue
		}
		o := operation{node: n}
		for inputs.Next() {
			input := inputs.Node().(*gorgonia.Node)
			needed[input] = true
			o.inputs = append(o.inputs, input)
		}
		o.values = make([]gorgonia.Value, len(o.inputs))
		t.operations = append(t.operations, o)
	}
	slices.Reverse(t.operations)
	return t, nil
}

// run runs all operations. It returns a panic as an error and, with watch, a NaN as
// ErrDiverged.
func (t *tape) run() (err error) {
	var current *gorgonia.Node
	defer func() {
		if p := recover(); p != nil {
			err = errors.Errorf("operation %v panicked: %v\n%s", current.Op(), p, debug.Stack())
		}
	}()
	for _, o := range t.operations {
		current = o.node
		for i, n := range o.inputs {
			o.values[i] = n.Value()
		}
		v, err := o.node.Op().Do(o.values...)
		if err != nil {
			return errors.Wrapf(err, "operation %v", o.node.Op())
		}
		if t.watch && hasNaN(v) {
			return errors.Wrapf(ErrDiverged, "NaN from %v", o.node.Op())
		}
		if v == o.node.Value() { // the buffer of the last run
			continue
		}
		if err := gorgonia.UnsafeLet(o.node, v); err != nil {
			return errors.Wrapf(err, "operation %v", o.node.Op())
		}
	}
	return nil
}

func hasNaN(v gorgonia.Value) bool {
	switch x := v.Data().(type) {
	case float32:
		return math.IsNaN(float64(x))
	case []float32:
		return slices.ContainsFunc(x, func(x float32) bool { return x != x })
	}
	return false
}
