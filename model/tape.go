package model

import (
	"reflect"
	"runtime/debug"
	"unsafe" // for go:linkname, too

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
)

// tape runs a tape machine on the calling goroutine. The machine's own RunAll
// starts another goroutine for that and ties the caller to its thread while it
// waits, which costs two changes of thread a step, lets trainings that run side
// by side push one another off their cores (a sweep on two cores lost a quarter
// of its speed), and ends the process if an operation panics.
type tape struct {
	gorgonia.VM
	errs chan error // both hold one
	done chan struct{}
}

func newTape(vm gorgonia.VM) tape { return tape{vm, make(chan error, 1), make(chan struct{}, 1)} }

// runall is the loop of Gorgonia's tape machine over its instructions, as of the
// version that go.mod names. It sends to errs or to done and returns.
//
//go:linkname runall gorgonia.org/gorgonia.(*tapeMachine).runall
func runall(machine unsafe.Pointer, errs chan error, done chan struct{})

// RunAll runs all instructions. A panic of an operation is an error.
func (t tape) RunAll() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.Errorf("an operation panicked: %v\n%s", p, debug.Stack())
		}
	}()
	runall(reflect.ValueOf(t.VM).UnsafePointer(), t.errs, t.done)
	select {
	case err := <-t.errs:
		return err
	case <-t.done:
		return nil
	}
}
