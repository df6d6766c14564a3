package data

import (
	"math"
	"os"
	"testing"
)

// The real sets, where $CNNLAB_DATA has them: figures published or counted
// independently of this code.
func TestRealData(t *testing.T) {
	for name, c := range map[string]struct {
		source      *source
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
			root := os.Getenv("CNNLAB_DATA")
			if root == "" {
				t.Skip("CNNLAB_DATA is not set: no real data to test with")
			}
			if !there(root+"/"+name, c.source) {
				t.Skipf("%s holds no %s", root, name)
			}
			d, err := Load(t.Context(), name, Options{Dir: root})
			must(t, err)
			if d.Train.Len() != 55000 || TrainImages(name) != 55000 || d.Val.Len() != 5000 || d.Test.Len() != 10000 {
				t.Errorf("splits of %d, %d, %d", d.Train.Len(), d.Val.Len(), d.Test.Len())
			}
			if c.sha256 != "" && d.SHA256 != c.sha256 {
				t.Errorf("SHA-256 %s, want %s", d.SHA256, c.sha256)
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
