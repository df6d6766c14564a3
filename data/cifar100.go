package data

import (
	"strings"

	"cnnlab/data/fetch"
)

// cifar100 is the binary version with its hundred fine classes (Krizhevsky 2009). The
// checksum of the archive comes from TensorFlow Datasets.
var cifar100 = set{
	channels: 3, height: 32, width: 32, train: 50_000,
	classes: strings.Fields(`apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle
		bowl boy bridge bus butterfly camel can castle caterpillar cattle
		chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur
		dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard
		lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain
		mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree
		plain plate poppy porcupine possum rabbit raccoon ray road rocket
		rose sea seal shark shrew skunk skyscraper snail snake spider
		squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor
		train trout tulip turtle wardrobe whale willow_tree wolf woman worm`),
	coarse:       1,
	augmentation: augmentation{shift: 4, flip: true},
	format:       set.parseBatches,
	Set: fetch.Set{Name: "cifar-100", Title: "CIFAR-100", Mirrors: []string{
		"https://www.cs.toronto.edu/~kriz/",
		"https://cave.cs.toronto.edu/kriz/",
	}, Files: []fetch.File{{
		Member: fetch.Member{Name: "cifar-100-binary.tar.gz", Size: 168513733,
			SHA256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec"},
		Folder: "cifar-100-binary",
		Members: []fetch.Member{
			{Name: "train.bin", Size: 50_000 * (2 + 3072)},
			{Name: "test.bin", Size: 10_000 * (2 + 3072)},
		},
	}}, Form: "the archive of the binary version", Others: []fetch.Form{
		{Title: "the MATLAB version", Names: []string{"cifar-100-matlab*"}},
		{Title: "the Python version", Names: []string{"cifar-100-python*", "cifar-100-python/*"}},
		{Title: "the unpacked binary version", Names: []string{"cifar-100-binary/*.bin"}},
	}},
}
