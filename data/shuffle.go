package data

// Shuffle returns the order in which the n images of an epoch are taken: a
// permutation of 0..n-1 that depends on (n, seed, epoch) alone. A run that
// continues at epoch 7 needs no generator's state to take the same order.
func Shuffle(n int, seed uint64, epoch int) []int {
	random := newStream(seed, "shuffle", uint64(epoch))
	order := make([]int, n)
	for i := range order { // Fisher and Yates, from the inside out
		j := random.intN(i + 1)
		order[i] = order[j]
		order[j] = i
	}
	return order
}
