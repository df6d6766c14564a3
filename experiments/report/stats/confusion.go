package stats

// Confusion counts how the images of each class were classified.
type Confusion struct {
	Counts [][]int // images, [actual][predicted], each once for every run
	Runs   int     // runs that classified the same images
}

// NewConfusion returns an empty count for the given number of classes.
func NewConfusion(classes int) Confusion {
	c := Confusion{Counts: make([][]int, classes)}
	for i := range c.Counts {
		c.Counts[i] = make([]int, classes)
	}
	return c
}

// Add counts another run: the label of each image, and the class predicted for it.
func (c *Confusion) Add(labels, predicted []int) {
	for i, label := range labels {
		c.Counts[label][predicted[i]]++
	}
	c.Runs++
}

// Class returns how many images a class has and how many were classified correctly,
// summed over the runs.
func (c Confusion) Class(actual int) (images, correct int) {
	for _, n := range c.Counts[actual] {
		images += n
	}
	return images, c.Counts[actual][actual]
}

// Total returns how many images there are and how many were classified correctly,
// summed over the runs.
func (c Confusion) Total() (images, correct int) {
	for actual := range c.Counts {
		n, right := c.Class(actual)
		images, correct = images+n, correct+right
	}
	return images, correct
}

// PerRun divides a count summed over all runs by their number.
func (c Confusion) PerRun(n int) int { return n / max(1, c.Runs) }

// Accuracy returns the share of a class's images classified correctly, averaged over
// the runs, with its 95 % interval for the images of one test set: more runs do not
// mean more images. All three are NaN for a class without images.
func (c Confusion) Accuracy(actual int) (accuracy, low, high float64) {
	images, correct := c.Class(actual)
	accuracy = float64(correct) / float64(images)
	low, high = Wilson(accuracy, c.PerRun(images))
	return accuracy, low, high
}
