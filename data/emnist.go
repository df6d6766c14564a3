package data

import (
	"strings"

	"github.com/pkg/errors"

	"cnnlab/data/fetch"
)

// EMNIST: handwritten letters and digits in MNIST's form (Cohen et al. 2017,
// arXiv:1702.05373). One archive holds all its sets; TensorFlow Datasets publishes the
// checksum. The archive stores every image transposed.
var (
	// emnistLetters merges upper and lower case. Its labels begin with 1.
	emnistLetters = emnist("letters", "a b c d e f g h i j k l m n o p q r s t u v w x y z", 124_800, 20_800, 1)
	// emnistBalanced has the same number of images in every class. It merges a lower-case
	// letter with its upper case where the two look alike.
	emnistBalanced = emnist("balanced", "0 1 2 3 4 5 6 7 8 9 A B C D E F G H I J K L M N O P Q R S T U V W X Y Z a b d e f g h n q r t", 112_800, 18_800, 0)
)

func emnist(name, classes string, train, test, first int) set {
	images := func(part string, n int) []fetch.Member {
		return []fetch.Member{
			{Name: "emnist-" + name + "-" + part + "-images-idx3-ubyte", Size: 16 + 784*int64(n)},
			{Name: "emnist-" + name + "-" + part + "-labels-idx1-ubyte", Size: 8 + int64(n)},
		}
	}
	return set{
		channels: 1, height: 28, width: 28, train: train,
		classes: strings.Fields(classes), first: first,
		augmentation: mnist.augmentation,
		format:       set.parseEMNIST,
		Set: fetch.Set{Name: "emnist-" + name, Dir: "emnist", Title: "EMNIST", Mirrors: []string{
			"https://biometrics.nist.gov/cs_links/EMNIST/",
			"https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/",
		}, Files: []fetch.File{{
			Member: fetch.Member{Name: "gzip.zip", Size: 561753746,
				SHA256: "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e"},
			Folder:  "gzip",
			Members: append(images("train", train), images("test", test)...),
		}}, Form: "the archive of IDX files, gzip.zip", Others: []fetch.Form{
			{Title: "EMNIST in MATLAB files", Names: []string{"emnist*.mat", "matlab.zip"}},
			{Title: "EMNIST as text", Names: []string{"emnist*.csv"}},
		}},
	}
}

// parseEMNIST is parseMNIST for transposed images.
func (s set) parseEMNIST(contents [][]byte) (train, test Split, err error) {
	if train, test, err = s.parseMNIST(s.Files[0].Parts(contents[0])); err != nil {
		return train, test, errors.WithMessage(err, s.Name)
	}
	for _, pixels := range [][]byte{train.Pixels, test.Pixels} {
		for ; len(pixels) > 0; pixels = pixels[s.image():] {
			for y := range s.height {
				for x := range y {
					pixels[y*s.width+x], pixels[x*s.width+y] = pixels[x*s.width+y], pixels[y*s.width+x]
				}
			}
		}
	}
	return train, test, nil
}
