package data

import (
	"bytes"
	"compress/gzip"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cnnlab/data/durable"
)

// The real sets, where $CNNLAB_DATA has them: figures published or counted
// independently of this code.
func TestRealData(t *testing.T) {
	for name, c := range map[string]struct {
		set         *set
		train, test [10]int
		mean, std   float64 // of pixel/255 over all 60,000 training images
		sha256      string
	}{
		"mnist": {&mnist,
			[10]int{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949},
			[10]int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009},
			0.1307, 0.3081, "b2d8f5bf39174ee5ffeefa97e42d673c35432b411bb5d1f74fbbeddae7f1690a"},
		"fashion-mnist": {&fashionMNIST,
			[10]int{6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000},
			[10]int{1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000},
			0.2860, 0.3530, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := realData(t, c.set)
			if d.Train.Len() != 55000 || TrainImages(name) != 55000 || d.Val.Len() != 5000 || d.Test.Len() != 10000 {
				t.Errorf("splits of %d, %d, %d", d.Train.Len(), d.Val.Len(), d.Test.Len())
			}
			if c.sha256 != "" {
				wantSHA256(t, c.set, d, c.sha256)
			}
			train := append(append([]byte(nil), d.Train.Labels...), d.Val.Labels...)
			if got := counts(train); got != c.train {
				t.Errorf("training labels %v, want %v", got, c.train)
			}
			if got := counts(d.Test.Labels); got != c.test {
				t.Errorf("test labels %v, want %v", got, c.test)
			}
			// 55,000 of the 60,000 images: close to the published moments, not equal.
			near(t, "mean", d.Mean[0], c.mean, 5e-4)
			near(t, "std", d.Std[0], c.std, 5e-4)
			mean, std := moments(append(append([]byte(nil), d.Train.Pixels...), d.Val.Pixels...), 1, 28*28)
			near(t, "mean of all", mean[0], c.mean, 5e-5)
			near(t, "std of all", std[0], c.std, 5e-5)
		})
	}
}

// CIFAR-10, whose batches were counted one by one.
func TestRealCIFAR10(t *testing.T) {
	d := realData(t, &cifar10)
	if d.Train.Len() != 45000 || TrainImages("cifar-10") != 45000 || d.Val.Len() != 5000 || d.Test.Len() != 10000 {
		t.Errorf("splits of %d, %d, %d", d.Train.Len(), d.Val.Len(), d.Test.Len())
	}
	// What tar and sha256sum say of the six members.
	wantSHA256(t, &cifar10, d, "013ba16d14ecc4829da62bf2af648ca30f600491ecb3e7f329c827db0dd17522")
	train := append(append([]byte(nil), d.Train.Labels...), d.Val.Labels...)
	for i, want := range [][10]int{
		{1005, 974, 1032, 1016, 999, 937, 1030, 1001, 1025, 981},
		{984, 1007, 1010, 995, 1010, 988, 1008, 1026, 987, 985},
		{994, 1042, 965, 997, 990, 1029, 978, 1015, 961, 1029},
		{1003, 963, 1041, 976, 1004, 1021, 1004, 981, 1024, 983},
		{1014, 1014, 952, 1016, 997, 1025, 980, 977, 1003, 1022},
	} {
		if got := counts(train[i*10000 : (i+1)*10000]); got != want {
			t.Errorf("data_batch_%d: labels %v, want %v", i+1, got, want)
		}
	}
	if got, want := counts(d.Test.Labels), [10]int{1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000}; got != want {
		t.Errorf("test labels %v, want %v", got, want)
	}
	// Of all 50,000 from 45,000 and 5,000; red, green and blue in this order.
	val, _ := moments(d.Val.Pixels, 3, 32*32)
	for c, want := range []float64{0.49140, 0.48216, 0.44653} {
		near(t, "mean of all", (9*d.Mean[c]+val[c])/10, want, 1e-5)
		near(t, "mean", d.Mean[c], want, 5e-4)
		near(t, "std", d.Std[c], []float64{0.2470, 0.2435, 0.2616}[c], 5e-4)
	}
}

// One root holds both sets, with files of the same names and sizes, in torchvision's
// folders; other tools unpack with other names or pack again. The set stays the same, and
// so does the checksum in its runs.
func TestRealDataInOtherLayouts(t *testing.T) {
	root := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", t.TempDir()) // unpacked here, not read from copies
	want := map[*set]string{&mnist: mnist.sha256, &fashionMNIST: ""}
	for s, folder := range map[*set]string{&mnist: "MNIST", &fashionMNIST: "FashionMNIST"} {
		if d := realData(t, s); want[s] == "" {
			want[s] = d.SHA256
		}
		raw := filepath.Join(root, folder, "raw")
		must(t, os.MkdirAll(raw, 0o755))
		contents, err := s.Fetch(t.Context(), Options{Dir: os.Getenv("CNNLAB_DATA")})
		must(t, err)
		for i, f := range s.Files {
			packed := filepath.Join(raw, f.Name)
			switch i {
			case 1: // packed again
				var again bytes.Buffer
				z := gzip.NewWriter(&again)
				_, err := z.Write(contents[i])
				must(t, errors.Join(err, z.Close()))
				must(t, os.WriteFile(packed, again.Bytes(), 0o644))
			case 3: // as it came
				old, err := filepath.Abs(filepath.Join(os.Getenv("CNNLAB_DATA"), s.Name, f.Name))
				must(t, err)
				if err := os.Symlink(old, packed); err != nil {
					t.Skipf("no symbolic links here: %v", err)
				}
			default:
				name := strings.Replace(f.Members[0].Name, "-idx", ".idx", 1)
				must(t, os.WriteFile(filepath.Join(raw, name), contents[i], 0o644))
			}
		}
	}
	for s, sum := range want {
		d, err := Load(t.Context(), s.Name, Options{Dir: root})
		must(t, err)
		wantSHA256(t, s, d, sum)
	}
}

// wantSHA256 fails unless the members have that checksum together, and d claims it.
func wantSHA256(t *testing.T, s *set, d *Dataset, want string) {
	t.Helper()
	all, err := s.Fetch(t.Context(), Options{Dir: os.Getenv("CNNLAB_DATA")})
	must(t, err)
	if got := durable.SHA256(all...); got != want || d.SHA256 != want {
		t.Errorf("SHA-256 %s, computed %s, want %s", d.SHA256, got, want)
	}
}

// realData loads a set from $CNNLAB_DATA or skips the test.
func realData(t testing.TB, s *set) *Dataset {
	t.Helper()
	root := os.Getenv("CNNLAB_DATA")
	if root == "" {
		t.Skip("CNNLAB_DATA is not set: no real data to test with")
	}
	if _, err := os.Stat(filepath.Join(root, s.Name)); err != nil {
		t.Skipf("%s holds no %s", root, s.Name)
	}
	d, err := Load(t.Context(), s.Name, Options{Dir: root})
	must(t, err)
	return d
}

// BenchmarkLoad is a start with the copies in the cache, every byte checked. The
// first one, untimed, unpacks them there.
func BenchmarkLoad(b *testing.B) {
	for _, s := range []*set{&mnist, &cifar10} {
		b.Run(s.Name, func(b *testing.B) {
			d := realData(b, s)
			b.SetBytes(int64(len(d.Train.Pixels) + len(d.Val.Pixels) + len(d.Test.Pixels)))
			b.ReportAllocs()
			for b.Loop() {
				realData(b, s)
			}
		})
	}
}

func counts(labels []byte) (n [10]int) {
	for _, label := range labels {
		n[label]++
	}
	return n
}

func near(t *testing.T, what string, got float32, want, within float64) {
	t.Helper()
	if math.Abs(float64(got)-want) > within {
		t.Errorf("%s %v, want %v ± %v", what, got, want, within)
	}
}
