package data

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cnnlab/data/fetch"
)

// pickled is the Python version of records, operation by operation as it was published.
func pickled(records []byte) []byte {
	n := len(records) / cifarRecord
	var b bytes.Buffer
	b.WriteString("\x80\x02}q\x01(U\x0bbatch_labelq\x02U\x15training batch 1 of 5q\x03U\x06labelsq\x04]q\x05")
	for k := range n {
		if k%1000 == 0 {
			b.WriteByte('(')
		}
		b.Write([]byte{'K', records[k*cifarRecord]})
		if k%1000 == 999 || k == n-1 {
			b.WriteByte('e')
		}
	}
	b.WriteString("U\x04dataq\x06cnumpy.core.multiarray\n_reconstruct\nq\x07cnumpy\nndarray\nq\x08K\x00\x85U\x01b\x87Rq\x09" +
		"(K\x01M\x10'M\x00\x0c\x86cnumpy\ndtype\nq\nU\x02u1K\x00K\x01\x87Rq\x0b(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T")
	b.Write(binary.LittleEndian.AppendUint32(nil, uint32(n*(cifarRecord-1))))
	for k := range n {
		b.Write(records[k*cifarRecord+1 : (k+1)*cifarRecord])
	}
	b.WriteString("q\x0ctbU\x09filenamesq\x0d]q\x0e(U\x1eleptodactylus_pentadactylus_s_000004.pngeu.")
	return b.Bytes()
}

// twoRecords are two records of CIFAR-10.
func twoRecords() []byte {
	records := make([]byte, 2*cifarRecord)
	for i := range records {
		records[i] = byte(i * 7)
	}
	records[0], records[cifarRecord] = 6, 9
	return records
}

func TestAPickledBatchHoldsTheRecords(t *testing.T) {
	want := twoRecords()
	got := make([]byte, len(want))
	must(t, unpickle(pickled(want), got))
	if !bytes.Equal(got, want) {
		t.Error("other records than were pickled")
	}
}

func TestUnpickleRefuses(t *testing.T) {
	good := pickled(twoRecords())
	labels := bytes.Index(good, []byte("labels")) + 6
	with := func(from, to string) []byte { return bytes.Replace(good, []byte(from), []byte(to), 1) }
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"nothing":        {nil, "no labels, want a batch of CIFAR-10's Python version"},
		"no pickle":      {[]byte("<html>"), "no labels"},
		"CIFAR-100":      {with("U\x06labels", "U\x0bfine_labels"), "no labels"},
		"cut in labels":  {good[:labels+8], "ends after 1 labels, want 2"},
		"other labels":   {with("(K\x06", "(M\x06"), `operation 'M' after 0 labels, want a list of 2`},
		"a call":         {with("(K\x06", "cos\nsystem\n"), `operation 'c' after 0 labels, want a list of 2`},
		"one label":      {with("K\x06K\x09e", "K\x06e"), `operation 'U' after 1 labels, want a list of 2`},
		"cut in pixels":  {good[:len(good)/2], "no string of 6144 pixels after the labels"},
		"without pixels": {with("\x89T", "\x89X"), "no string of 6144 pixels after the labels"},
	} {
		t.Run(name, func(t *testing.T) {
			wantError(t, unpickle(c.b, make([]byte, 2*cifarRecord)), c.want)
		})
	}
}

// Whatever the bytes: no more is filled in than what stands there.
func FuzzUnpickle(f *testing.F) {
	good := pickled(twoRecords())
	f.Add(good)
	f.Add(good[:len(good)-3200])
	f.Fuzz(func(t *testing.T, b []byte) {
		records := make([]byte, 2*cifarRecord)
		if unpickle(b, records) != nil {
			return
		}
		for k := range 2 {
			if r := records[k*cifarRecord : (k+1)*cifarRecord]; !bytes.Contains(b, r[1:]) || !bytes.Contains(b, []byte{'K', r[0]}) {
				t.Errorf("record %d is not in %.100q", k, b)
			}
		}
	})
}

// TestRealCIFAR10InItsPythonForm, in the folder that torchvision and Keras leave.
func TestRealCIFAR10InItsPythonForm(t *testing.T) {
	realData(t, &cifar10)
	contents, err := cifar10.Fetch(t.Context(), Options{Dir: os.Getenv("CNNLAB_DATA")})
	must(t, err)
	root := t.TempDir()
	dir := filepath.Join(root, "cifar-10-batches-py")
	must(t, os.Mkdir(dir, 0o755))
	for i, b := range cifar10.Files[0].Parts(contents[0]) {
		name := strings.TrimSuffix(cifar10.Files[0].Members[i].Name, ".bin")
		must(t, os.WriteFile(filepath.Join(dir, name), pickled(b), 0o644))
	}
	d, err := Load(t.Context(), "cifar-10", Options{Dir: root})
	must(t, err)
	wantSHA256(t, &cifar10, d, cifar10.sha256)
}

// Another form of a set is named, with the form that is wanted and where it is.
func TestAnotherFormIsNamed(t *testing.T) {
	for path, want := range map[string]string{
		"cifar-10/cifar-10-batches-mat/data_batch_1.mat": "the MATLAB version, want the binary or the Python version",
		"cifar-10-matlab.tar.gz":                         "the MATLAB version, want the binary or the Python version",
		"cifar-10/cifar-100-binary.tar.gz":               "the binary version of CIFAR-100, want the binary or the Python version",
		"cifar-100-binary/train.bin":                     "the binary version of CIFAR-100, want",
		"cifar-100-python/train":                         "the Python version of CIFAR-100, want",
		"mnist/mnist.npz":                                "MNIST as NumPy arrays, want the four IDX files",
		"mnist.npz":                                      "MNIST as NumPy arrays, want the four IDX files",
		"mnist.pkl.gz":                                   "MNIST pickled for Python, want the four IDX files",
		"MNIST/processed/training.pt":                    "MNIST as PyTorch tensors, want the four IDX files",
		"mnist_train.csv":                                "MNIST as text, want the four IDX files",
		"fashion-mnist/fashion-mnist_train.csv":          "Fashion-MNIST as text, want the four IDX files",
	} {
		t.Run(path, func(t *testing.T) {
			s := mnist
			if strings.HasPrefix(path, "cifar") {
				s = cifar10
			} else if strings.HasPrefix(path, "fashion") {
				s = fashionMNIST
			}
			root := t.TempDir()
			full := filepath.Join(root, filepath.FromSlash(path))
			must(t, os.MkdirAll(filepath.Dir(full), 0o755))
			must(t, os.WriteFile(full, []byte("something"), 0o644))
			_, err := Load(t.Context(), s.Name, Options{Dir: root})
			wantError(t, err, "are missing ("+full+" is "+want, s.Mirrors[0]+s.Files[0].Name, "or leave out -data: they are then downloaded")
		})
	}
}

// Patterns are fixed: a bad one would match nothing.
func TestThePatternsOfFormsAreWellFormed(t *testing.T) {
	for _, s := range sets {
		forms := append([]fetch.Form(nil), s.Others...)
		for _, f := range s.Files {
			forms = append(forms, f.Coded)
		}
		for _, form := range forms {
			for _, pattern := range form.Names {
				if _, err := filepath.Match(pattern, "x"); err != nil || pattern != strings.ToLower(pattern) {
					t.Errorf("pattern %q: %v", pattern, err)
				}
			}
		}
	}
}
