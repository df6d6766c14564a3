package data

import (
	"slices"

	"github.com/pkg/errors"
)

// cifar10 is the "binary version". The archive is the original distribution; one
// packed anew is read just as well, for what counts are the six members. The
// first two mirrors are addresses of the authors' own; the third is the copy
// that the models of Swift for TensorFlow were given.
var cifar10 = source{
	name: "cifar-10", title: "CIFAR-10", channels: 3, height: 32, width: 32,
	sha256: "013ba16d14ecc4829da62bf2af648ca30f600491ecb3e7f329c827db0dd17522",
	varied: variation{shift: 4, flip: true}, format: (*source).parseBatches,
	classes: []string{"airplane", "automobile", "bird", "cat", "deer",
		"dog", "frog", "horse", "ship", "truck"},
	mirrors: []string{
		"https://www.cs.toronto.edu/~kriz/",
		"https://cave.cs.toronto.edu/kriz/",
		"https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/",
	},
	files: []file{{
		name:   "cifar-10-binary.tar.gz",
		size:   170052171,
		sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
		folder: "cifar-10-batches-bin",
		members: []member{ // training batches, then the test batch
			{"data_batch_1.bin", 30730000, "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"},
			{"data_batch_2.bin", 30730000, "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"},
			{"data_batch_3.bin", 30730000, "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"},
			{"data_batch_4.bin", 30730000, "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"},
			{"data_batch_5.bin", 30730000, "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"},
			{"test_batch.bin", 30730000, "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"},
		},
	}},
}

// parseBatches is the format of CIFAR-10: the last member is the test set, those
// before it are the training set. The pixels move together where they lie, for
// a second copy would be as large as the set.
func (s *source) parseBatches(contents [][]byte) (train, test Split, err error) {
	names, batches := s.files[0].members, s.files[0].parts(contents[0])
	last := len(batches) - 1
	if train, err = s.parseRecords(contents[0][:0], names[:last], batches[:last]); err != nil {
		return train, test, err
	}
	test, err = s.parseRecords(batches[last][:0], names[last:], batches[last:])
	return train, test, err
}

// parseRecords appends the images of some batches to pixels, which may end where
// the first batch begins or before. A batch is records of one byte of label and
// C×H×W of pixels. What is allocated is less than what is there to parse.
func (s *source) parseRecords(pixels []byte, names []member, batches [][]byte) (Split, error) {
	record, total := 1+s.size(), 0
	for i, b := range batches {
		if len(b) == 0 || len(b)%record != 0 {
			return Split{}, errors.Errorf("%s: %d bytes, want records of %d bytes each, at least one",
				names[i].name, len(b), record)
		}
		total += len(b) / record
	}
	all := Split{slices.Grow(pixels, total*s.size()), make([]byte, 0, total)}
	for i, b := range batches {
		for first := 0; first < len(b); first += record {
			label := b[first]
			if int(label) >= len(s.classes) {
				return Split{}, errors.Errorf("%s: offset %d: label %d of record %d, want 0 to %d",
					names[i].name, first, label, first/record, len(s.classes)-1)
			}
			all.Labels = append(all.Labels, label)
			all.Pixels = append(all.Pixels, b[first+1:first+record]...)
		}
	}
	return all, nil
}
