package data

import (
	"bytes"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
)

// counted is n images of one byte each, 0, 1, 2 … with labels i mod 10.
func counted(n int) Split {
	var s Split
	for i := range n {
		s.Pixels = append(s.Pixels, byte(i))
		s.Labels = append(s.Labels, byte(i%10))
	}
	return s
}

func TestValIsTheLastTrainingImagesInFileOrder(t *testing.T) {
	for _, c := range []struct{ n, val int }{
		{60000, 5000}, {50001, 5000}, {50000, 5000}, {49999, 4999}, {10, 1}, {9, 0}, {1, 0}, {0, 0},
	} {
		d := Dataset{Channels: 1, Height: 1, Width: 1}
		all := counted(c.n)
		d.divide(all, counted(3))
		if d.Train.Len() != c.n-c.val || d.Val.Len() != c.val || d.Test.Len() != 3 {
			t.Errorf("%d images: splits of %d, %d, %d, want %d val", c.n, d.Train.Len(), d.Val.Len(), d.Test.Len(), c.val)
		}
		if !bytes.Equal(append(bytes.Clone(d.Train.Pixels), d.Val.Pixels...), all.Pixels) ||
			!bytes.Equal(append(bytes.Clone(d.Train.Labels), d.Val.Labels...), all.Labels) {
			t.Errorf("%d images: train and val are not the file in order", c.n)
		}
	}
}

func TestHeadIsTheFirstImages(t *testing.T) {
	for _, c := range []struct{ all, n, want int }{{0, 0, 0}, {0, 5, 0}, {3, 0, 0}, {3, 2, 2}, {3, 3, 3}, {3, 4, 3}} {
		got, want := counted(c.all).Head(c.n), counted(c.want)
		if !bytes.Equal(got.Pixels, want.Pixels) || !bytes.Equal(got.Labels, want.Labels) {
			t.Errorf("Head(%d) of %d images: %v, want %v", c.n, c.all, got, want)
		}
	}
}

func TestLimitKeepsTheFirstTrainingImagesAndAllElse(t *testing.T) {
	for _, c := range []struct{ limit, want int }{{-1, 90}, {0, 90}, {1, 1}, {89, 89}, {90, 90}, {91, 90}} {
		d := Dataset{Channels: 1, Height: 1, Width: 1}
		d.divide(counted(100), counted(20))
		mean, std := d.Mean[0], d.Std[0]
		d.Limit(c.limit)
		if d.Train.Len() != c.want || !bytes.Equal(d.Train.Pixels, counted(c.want).Pixels) {
			t.Errorf("Limit(%d) leaves %d images, want %d", c.limit, d.Train.Len(), c.want)
		}
		if d.Val.Len() != 10 || d.Test.Len() != 20 || d.Mean[0] != mean || d.Std[0] != std {
			t.Errorf("Limit(%d) changes more than the training images", c.limit)
		}
	}
}

// Two channels of 3 pixels, against the two-pass definition in float64.
func TestMomentsArePerChannel(t *testing.T) {
	pixels := []byte{
		0, 10, 20, 255, 250, 245, // image 0: channel 0, channel 1
		40, 80, 160, 200, 255, 0, // image 1
	}
	mean, std := moments(pixels, 2, 3)
	for c, values := range [][]float64{{0, 10, 20, 40, 80, 160}, {255, 250, 245, 200, 255, 0}} {
		var m, v float64
		for _, x := range values {
			m += x / 255 / 6
		}
		for _, x := range values {
			v += (x/255 - m) * (x/255 - m) / 6
		}
		if math.Abs(float64(mean[c])-m) > 1e-7 || math.Abs(float64(std[c])-math.Sqrt(v)) > 1e-7 {
			t.Errorf("channel %d: %v ± %v, want %v ± %v", c, mean[c], std[c], m, math.Sqrt(v))
		}
	}
}

func TestStdOfWhatNeverVariesIsOne(t *testing.T) {
	for _, pixels := range [][]byte{nil, {7, 7, 7, 7}} {
		if _, std := moments(pixels, 1, 2); std[0] != 1 {
			t.Errorf("%v: std %v, want 1", pixels, std[0])
		}
	}
}

// Against two passes in float64, with an odd plane, on any number of cores.
func TestMomentsAreThoseOfTheDefinition(t *testing.T) {
	const n, channels, plane = 41, 3, 35
	random := rand.New(rand.NewPCG(7, 8))
	pixels := make([]byte, n*channels*plane)
	for i := range pixels {
		pixels[i] = byte(random.IntN(40) * (1 + i/plane%channels))
	}
	for c := range channels {
		var values []float64
		for i, p := range pixels {
			if i/plane%channels == c {
				values = append(values, float64(p)/255)
			}
		}
		sum, squares := 0.0, 0.0
		for _, v := range values {
			sum += v
		}
		want := sum / float64(len(values))
		for _, v := range values {
			squares += (v - want) * (v - want)
		}
		for _, procs := range []int{1, 2, 3, 64} {
			before := runtime.GOMAXPROCS(procs)
			mean, std := moments(pixels, channels, plane)
			runtime.GOMAXPROCS(before)
			near(t, "mean", mean[c], want, 1e-7)
			near(t, "std", std[c], math.Sqrt(squares/float64(len(values))), 1e-7)
		}
	}
}
