package stats

import "math"

// Bins is the number of bins in which Calibrate sorts confidences.
const Bins = 15

// Calibration says how far a classifier's confidence, the probability it gives to the
// class it predicts, agrees with how often it is right.
type Calibration struct {
	Confidence float64   // mean over the images
	ECE        float64   // expected calibration error, 0..1
	Bins       [Bins]Bin // of equal width, from confidence 0 to 1
}

// Bin holds the images whose confidence lies in an interval that includes its upper end.
// Confidence and Accuracy are NaN without images.
type Bin struct {
	Images               int
	Confidence, Accuracy float64 // means over the images
}

// Calibrate sorts the images into bins by confidence. The expected calibration error is
// the mean of |accuracy − confidence| over the bins, weighted by their images (Guo et
// al., On Calibration of Modern Neural Networks, ICML 2017, equation 3). Without images,
// it and the mean confidence are NaN.
func Calibrate(confidences []float64, right []bool) Calibration {
	var c Calibration
	var correct [Bins]int
	var sums [Bins]float64
	total := 0.0
	for i, confidence := range confidences {
		at := min(Bins-1, max(0, int(math.Ceil(confidence*Bins))-1))
		c.Bins[at].Images++
		sums[at] += confidence
		total += confidence
		if right[i] {
			correct[at]++
		}
	}
	n := float64(len(confidences))
	c.Confidence = total / n
	for i := range c.Bins {
		b := &c.Bins[i]
		images := float64(b.Images)
		b.Confidence, b.Accuracy = sums[i]/images, float64(correct[i])/images
		if b.Images > 0 {
			c.ECE += images / n * math.Abs(b.Accuracy-b.Confidence)
		}
	}
	if n == 0 {
		c.ECE = math.NaN()
	}
	return c
}
