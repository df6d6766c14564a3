package data

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func unchanged(int) change { return change{} }

// walked is what a walk over 50 images shows, batch by batch, up to batch last.
func walked(d *Dataset, size int, order []int, prefetch bool, last int) (x [][]float32, y [][]int) {
	for b, batch := range d.batches(d.Train, size, order, prefetch, unchanged) {
		if b != len(x) {
			panic(fmt.Sprintf("batch %d after %d batches", b, len(x)))
		}
		x, y = append(x, slices.Clone(batch.X)), append(y, slices.Clone(batch.Y))
		if b == last {
			break
		}
	}
	return x, y
}

func TestBatchesMadeAheadAreTheSame(t *testing.T) {
	d := colours(50)
	for _, order := range [][]int{nil, Shuffle(50, 1, 1), {3}, {}} {
		for _, size := range []int{1, 7, 25, 49, 50, 80} {
			x, y := walked(d, size, order, false, -1)
			gotX, gotY := walked(d, size, order, true, -1)
			if !slices.EqualFunc(gotX, x, slices.Equal) || !slices.EqualFunc(gotY, y, slices.Equal) {
				t.Errorf("size %d, order %v: other batches", size, order)
			}
		}
	}
}

// A batch stays as it is until the loop's body ends, however long that takes.
func TestBatchIsLeftAloneWhileTheNextIsMade(t *testing.T) {
	d := noisy(&mnist, 40)
	for _, batch := range d.AugmentedBatches(d.Train, 4, nil, 1, 1) {
		before := slices.Clone(batch.X)
		time.Sleep(2 * time.Millisecond)
		if !slices.Equal(batch.X, before) {
			t.Fatal("the batch changed under the loop's body")
		}
	}
}

func TestNothingIsMadeAheadOfALoopThatEnded(t *testing.T) {
	d := colours(50)
	before := runtime.NumGoroutine()
	for last := range 50 {
		if x, _ := walked(d, 1, nil, true, last); len(x) != last+1 {
			t.Fatalf("%d batches, want %d", len(x), last+1)
		}
		func() {
			defer func() { _ = recover() }()
			for b := range d.AugmentedBatches(d.Train, 1, nil, 1, 1) {
				if b == last {
					panic("in the loop's body")
				}
			}
		}()
		// It has nothing to do any more when its loop ends, but to end itself.
		deadline := time.Now().Add(5 * time.Second)
		for runtime.NumGoroutine() > before && time.Now().Before(deadline) {
			runtime.Gosched()
		}
		if n := runtime.NumGoroutine(); n > before {
			t.Fatalf("%d goroutines after batch %d, %d before", n, last, before)
		}
	}
}

func TestIndexOutsideTheSplitPanicsInTheLoop(t *testing.T) {
	d := colours(50)
	for _, prefetch := range []bool{false, true} {
		seen := 0
		func() {
			defer func() {
				if fault := fmt.Sprint(recover()); !strings.Contains(fault, "out of range") {
					t.Errorf("prefetch %v: panic %q", prefetch, fault)
				}
			}()
			order := []int{0, 1, 2, 50, 3}
			for range d.batches(d.Train, 1, order, prefetch, unchanged) {
				seen++
			}
		}()
		if seen != 3 {
			t.Errorf("prefetch %v: %d batches before the panic, want 3", prefetch, seen)
		}
	}
}
