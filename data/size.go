package data

// TrainImages is the number of images that the named data set has to train on,
// val left out; 0 if there is no such set. It is known before anything is read.
func TrainImages(name string) int {
	switch name {
	case mnist.name, fashionMNIST.name, "digits":
		return 55_000
	case cifar10.name, "shapes":
		return 45_000
	}
	return 0
}
