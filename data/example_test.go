package data_test

import (
	"fmt"

	"cnnlab/data"
)

// One epoch over a small generated set: every image once, the last batch smaller.
func ExampleDataset_Batches() {
	d := data.Digits(1, 60, 10)
	order := data.Shuffle(d.Train.Len(), 1, 1)
	for i, b := range d.Batches(d.Train, 25, order) {
		fmt.Println(i, len(b.Y), len(b.X)) // X is N×1×28×28
	}
	// Output:
	// 0 25 19600
	// 1 25 19600
	// 2 4 3136
}
