package data

import (
	"github.com/pkg/errors"

	"cnnlab/data/fetch"
)

// cifar10 is the binary version, or the Python version, whose batches are turned into
// those of the binary one. The archive is the original distribution; one that was packed
// again is accepted as well, because only the six members count. The first two mirrors are the authors' own; the third is the copy for the models of Swift for
// TensorFlow.
var cifar10 = set{
	channels: 3, height: 32, width: 32, train: 50_000,
	classes: []string{"airplane", "automobile", "bird", "cat", "deer",
		"dog", "frog", "horse", "ship", "truck"},
	augmentation: augmentation{shift: 4, flip: true},
	format:       set.parseBatches,
	sha256:       "013ba16d14ecc4829da62bf2af648ca30f600491ecb3e7f329c827db0dd17522",
	Set: fetch.Set{Name: "cifar-10", Title: "CIFAR-10", Mirrors: []string{
		"https://www.cs.toronto.edu/~kriz/",
		"https://cave.cs.toronto.edu/kriz/",
		"https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/",
	}, Files: []fetch.File{{
		Member: fetch.Member{Name: "cifar-10-binary.tar.gz", Size: 170052171,
			SHA256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"},
		Folder: "cifar-10-batches-bin",
		Members: []fetch.Member{ // training batches, then the test batch
			{Name: "data_batch_1.bin", Size: 30730000, SHA256: "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"},
			{Name: "data_batch_2.bin", Size: 30730000, SHA256: "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"},
			{Name: "data_batch_3.bin", Size: 30730000, SHA256: "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"},
			{Name: "data_batch_4.bin", Size: 30730000, SHA256: "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"},
			{Name: "data_batch_5.bin", Size: 30730000, SHA256: "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"},
			{Name: "test_batch.bin", Size: 30730000, SHA256: "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"},
		},
		Coded:  fetch.Form{Names: []string{"cifar-10-python*", "cifar-10-batches-py*", "data_batch_[1-5]", "test_batch"}},
		Decode: unpickle,
	}}, Form: "the binary or the Python version", Others: []fetch.Form{
		{Title: "the MATLAB version", Names: []string{"cifar-10-matlab*", "data_batch_[1-5].mat", "test_batch.mat"}},
		{Title: "the binary version of CIFAR-100", Names: []string{"cifar-100-binary*", "cifar-100-binary/*.bin"}},
		{Title: "the Python version of CIFAR-100", Names: []string{"cifar-100-python*", "cifar-100-python/*"}},
		{Title: "a Parquet file", Names: []string{"cifar10/*.parquet", "cifar-10/*.parquet", "plain_text/*.parquet"}},
	}},
}

// parseBatches is the format of CIFAR-10 and CIFAR-100: batches of records, each one byte
// of label, after any coarser labels, and C×H×W of pixels. The last batch is the test set,
// the others are the training set. The pixels are moved together in place, since a second
// copy would be as large as the set.
func (s set) parseBatches(contents [][]byte) (train, test Split, err error) {
	all, trained := Split{Pixels: contents[0][:0]}, 0
	record := s.coarse + 1 + s.image()
	for i, b := range s.Files[0].Parts(contents[0]) {
		name := s.Files[0].Members[i].Name
		if len(b) == 0 || len(b)%record != 0 {
			return train, test, errors.Errorf("%s: %d bytes, want one or more records of %d bytes", name, len(b), record)
		}
		trained = all.Len()
		for first := 0; first < len(b); first += record {
			label := b[first+s.coarse]
			if int(label) >= len(s.classes) {
				return train, test, errors.Errorf("%s: offset %d: label %d of record %d, want 0 to %d",
					name, first+s.coarse, label, first/record, len(s.classes)-1)
			}
			all.Labels = append(all.Labels, label)
			all.Pixels = append(all.Pixels, b[first+s.coarse+1:first+record]...)
		}
	}
	train, test = all.cut(trained)
	return train, test, nil
}
