package data

import (
	"encoding/binary"

	"github.com/pkg/errors"

	"cnnlab/data/fetch"
)

// formIDX names the file format of these sets in messages.
const formIDX = "the four IDX files"

// mnist is the original distribution, byte for byte.
var mnist = set{
	channels: 1, height: 28, width: 28, train: 60_000,
	classes: []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}, centred: true,
	augmentation: augmentation{shift: 2, rotate: true},
	format:       set.parseMNIST,
	sha256:       "b2d8f5bf39174ee5ffeefa97e42d673c35432b411bb5d1f74fbbeddae7f1690a",
	Set: fetch.Set{Name: "mnist", Title: "MNIST", Mirrors: []string{
		"https://ossci-datasets.s3.amazonaws.com/mnist/",
		"https://storage.googleapis.com/cvdf-datasets/mnist/",
	}, Files: []fetch.File{
		fetch.Packed("train-images-idx3-ubyte",
			9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
			47040016, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
		fetch.Packed("train-labels-idx1-ubyte",
			28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
			60008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
		fetch.Packed("t10k-images-idx3-ubyte",
			1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
			7840016, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
		fetch.Packed("t10k-labels-idx1-ubyte",
			4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
			10008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
	}, Form: formIDX, Others: []fetch.Form{
		{Title: "MNIST as NumPy arrays", Names: []string{"mnist*.npz"}},
		{Title: "MNIST pickled for Python", Names: []string{"mnist.pkl*"}},
		{Title: "MNIST in a MATLAB file", Names: []string{"mnist*.mat"}},
		{Title: "MNIST as text", Names: []string{"mnist*.csv"}},
		{Title: "MNIST as PyTorch tensors", Names: []string{"processed/training.pt", "mnist/training.pt"}},
		{Title: "a Parquet file", Names: []string{"mnist/*.parquet"}},
	}},
}

// fashionMNIST is the original distribution, byte for byte.
var fashionMNIST = set{
	channels: 1, height: 28, width: 28, train: 60_000,
	classes: []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
		"Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"},
	augmentation: augmentation{shift: 2, flip: true},
	format:       set.parseMNIST,
	Set: fetch.Set{Name: "fashion-mnist", Title: "Fashion-MNIST", Mirrors: []string{
		"https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
		"https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
	}, Files: []fetch.File{
		fetch.Packed("train-images-idx3-ubyte",
			26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
			47040016, "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
		fetch.Packed("train-labels-idx1-ubyte",
			29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
			60008, "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
		fetch.Packed("t10k-images-idx3-ubyte",
			4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
			7840016, "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
		fetch.Packed("t10k-labels-idx1-ubyte",
			5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
			10008, "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
	}, Form: formIDX, Others: []fetch.Form{
		{Title: "Fashion-MNIST as NumPy arrays", Names: []string{"fashion*mnist*.npz"}},
		{Title: "Fashion-MNIST as text", Names: []string{"fashion*mnist*.csv"}},
		{Title: "a Parquet file", Names: []string{"fashion*mnist/*.parquet"}},
	}},
}

// kmnist is Kuzushiji-MNIST, cursive Japanese characters (Clanuwat et al. 2018,
// arXiv:1812.01718). The checksums come from TensorFlow Datasets.
var kmnist = set{
	channels: 1, height: 28, width: 28, train: 60_000,
	classes:      []string{"o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"},
	augmentation: mnist.augmentation,
	format:       set.parseMNIST,
	Set: fetch.Set{Name: "kmnist", Title: "Kuzushiji-MNIST", Mirrors: []string{
		"http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
	}, Files: []fetch.File{
		fetch.Packed("train-images-idx3-ubyte", 18165135, "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4", 47040016, ""),
		fetch.Packed("train-labels-idx1-ubyte", 29497, "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17", 60008, ""),
		fetch.Packed("t10k-images-idx3-ubyte", 3041136, "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5", 7840016, ""),
		fetch.Packed("t10k-labels-idx1-ubyte", 5120, "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c", 10008, ""),
	}, Form: "the four packed IDX files", Others: []fetch.Form{
		{Title: "Kuzushiji-MNIST as NumPy arrays", Names: []string{"kmnist*.npz"}},
	}},
}

// parseMNIST is the format of MNIST: training images, training labels, test images,
// test labels.
func (s set) parseMNIST(contents [][]byte) (train, test Split, err error) {
	if train, err = s.parseSplit(contents[0], contents[1]); err != nil {
		return train, test, errors.WithMessage(err, "train")
	}
	test, err = s.parseSplit(contents[2], contents[3])
	return train, test, errors.WithMessage(err, "t10k")
}

func (s set) parseSplit(images, labels []byte) (split Split, err error) {
	if split.Pixels, err = parseIDX(images, s.height, s.width); err != nil {
		return split, errors.WithMessage(err, "images")
	}
	if split.Labels, err = s.parseLabels(labels); err != nil {
		return split, errors.WithMessage(err, "labels")
	}
	if n := len(split.Pixels) / s.image(); n != split.Len() {
		return split, errors.Errorf("%d images but %d labels, want equal numbers", n, split.Len())
	}
	return split, nil
}

// parseLabels returns the labels in an uncompressed IDX file.
func (s set) parseLabels(b []byte) ([]byte, error) {
	labels, err := parseIDX(b)
	last := s.first + len(s.classes) - 1
	for i, label := range labels {
		if int(label) < s.first || int(label) > last {
			return nil, errors.Errorf("offset %d: label %d of sample %d, want %d to %d", 8+i, label, i, s.first, last)
		}
		labels[i] = label - byte(s.first)
	}
	return labels, err
}

// parseIDX returns the body of an uncompressed IDX file: samples of this shape, in
// bytes. The body is a part of b: nothing is allocated, whatever the header states.
// Before it are the magic number, which holds the type, 8 for bytes, and the number
// of dimensions, and then the dimensions (http://yann.lecun.com/exdb/mnist).
func parseIDX(b []byte, shape ...int) ([]byte, error) {
	header, magic := 8+4*len(shape), uint32(0x801+len(shape))
	if len(b) < header {
		return nil, errors.Errorf("offset %d: the file ends within its header, want %d bytes", len(b), header)
	}
	if found := binary.BigEndian.Uint32(b); found != magic {
		return nil, errors.Errorf("offset 0: bad magic %#x, want %#x", found, magic)
	}
	count := binary.BigEndian.Uint32(b[4:])
	if count == 0 {
		return nil, errors.New("offset 4: 0 samples, want at least 1")
	}
	want := uint64(count) // bytes; cannot overflow, since the shape is not from the file
	for i, side := range shape {
		at := 8 + 4*i
		if found := binary.BigEndian.Uint32(b[at:]); uint64(found) != uint64(side) {
			return nil, errors.Errorf("offset %d: images with a side of %d, want %d", at, found, side)
		}
		want *= uint64(side)
	}
	if uint64(len(b)-header) != want {
		return nil, errors.Errorf("offset 4: a count of %d samples needs %d bytes from offset %d on, found %d",
			count, want, header, len(b)-header)
	}
	return b[header:], nil
}
